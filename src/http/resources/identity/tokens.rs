//! Tokens: signing in, what a token stands for, and its end.

use super::request::{Auth, EntityBody};
use super::response::{self, Shown, entity};
use super::{IDENTITY, KNOWN, done};
use crate::domain::identity::SignedIn;
use crate::http::request::body::expecting;
use crate::http::resources::prelude::*;
use crate::service::identity::credentials::token_hash;
use crate::service::identity::{self, Change, Fields, sign_in};

const SIGN_IN: &[Kind] = &[Kind::Unauthenticated, Kind::NotFound, Kind::TooMany];

operations! { IDENTITY;
    /// Signs in: a token in `X-Subject-Token`, and what it stands for.
    CREATE: "Sign in", |call, auth: Auth| create(call, auth) => 201 One("token", part::<Shown>()), refuses: SIGN_IN;

    /// What the token in `X-Subject-Token` stands for.
    SHOW: "Show what a token stands for", |call| show(call) => 200 One("token", part::<Shown>()), refuses: KNOWN;

    /// Ends the token in `X-Subject-Token`.
    DELETE: "Revoke a token", |call| delete(call) => 204 Nothing, refuses: KNOWN;

    /// The projects that the caller has a role on.
    PROJECTS: "List one's own projects", |call| projects(call) => 200 Rows("projects", part::<Shown>());

    /// The projects that a user has a role on.
    PROJECTS_OF_USER: "List a user's projects", |call| projects(call) => 200 Rows("projects", part::<Shown>()),
        refuses: &[Kind::Forbidden];

    /// The domains that the caller has a role on: none.
    DOMAINS: "List one's own domains", |call| ready(nothing(&call, "domains")) => 200 Rows("domains", part::<Shown>());

    /// The systems that the caller has a role on: none.
    SYSTEMS: "List one's own systems", |call| ready(nothing(&call, "system")) => 200 Rows("system", part::<Shown>());

    /// The catalogue for the caller's project.
    CATALOG: "Show the catalogue", |call| ready(catalog(&call)) => 200 Rows("catalog", part::<Shown>()),
        refuses: &[Kind::Forbidden];

    /// Changes one's own password, and ends all of one's tokens.
    CHANGE_PASSWORD: "Change one's own password", |call, body: EntityBody<{ EntityKind::User as usize }>| change_password(call, body) => 204 Nothing,
        refuses: &[Kind::NotFound, Kind::Forbidden, Kind::TooMany];
}

async fn create(call: Call, auth: Auth) -> Result<Answer> {
    let (method, scope) = auth.asked(&call)?;
    let (token, signed) = sign_in::sign_in(call.cx(), method, scope).await?;
    Ok(shown(&call, 201, &token, &signed))
}

fn shown(call: &Call, status: u16, token: &SecretString, signed: &SignedIn) -> Answer {
    let shown = response::token(call, signed, !has(call, "nocatalog"));
    Answer::one(call, status, "token", &shown).with_header("X-Subject-Token", token.expose_secret().to_owned())
}

/// Whether the query has this word, whatever its value.
pub fn has(call: &Call, word: &str) -> bool {
    call.raw_query.split('&').any(|piece| piece.split('=').next() == Some(word))
}

async fn show(call: Call) -> Result<Answer> {
    let subject = subject(&call)?;
    Ok(shown(&call, 200, subject, &identity::token(call.cx(), &policy::IDENTITY_VALIDATE_TOKEN, subject).await?))
}

async fn delete(call: Call) -> Result<Answer> {
    let (cx, subject, action) = (call.cx(), subject(&call)?, &policy::IDENTITY_REVOKE_TOKEN);
    let user = identity::token(cx, action, subject).await?.user.id;
    done(&call, action, Some(&user), Change::End(token_hash(subject))).await
}

/// The token that is asked about.
fn subject(call: &Call) -> Result<&SecretString> {
    let unknown = || Problem::new(Kind::NotFound, "Could not find token: send it as X-Subject-Token.");
    call.tokens.subject.as_ref().ok_or_else(unknown)
}

/// Of the user that the path names, else of the caller.
async fn projects(call: Call) -> Result<Answer> {
    let user = call.parameters.get("user_id").unwrap_or(&call.cx().caller.user);
    let projects = identity::projects_of(call.cx(), user).await?;
    Ok(response::rows(&call, &call.query()?, "projects", projects.iter().map(|project| entity(&call, project))))
}

fn nothing(call: &Call, name: &'static str) -> Result<Answer> {
    Ok(response::rows(call, &call.query()?, name, Vec::new()))
}

fn catalog(call: &Call) -> Result<Answer> {
    let of_none = || Problem::new(Kind::Forbidden, "The catalogue is a project's: sign in with one.");
    let project = call.cx().caller.project.some().ok_or_else(of_none)?;
    let rows = response::catalog(call, project.as_str()).into_iter().map(Shown);
    Ok(response::rows(call, &call.query()?, "catalog", rows))
}

async fn change_password(call: Call, EntityBody(body): EntityBody<{ EntityKind::User as usize }>) -> Result<Answer> {
    let (cx, user) = (call.cx(), call.parameter("user_id"));
    let before = body.original_password.ok_or_else(|| expecting("original_password", "user"))?.0;
    let after = body.password.ok_or_else(|| expecting("password", "user"))?.0;
    identity::permit_change(cx, &policy::IDENTITY_CHANGE_PASSWORD, Some(user), ("user", Some(user))).await?;
    if cx.believes() {
        return Ok(Answer::empty(204));
    }
    call.service.identity.judge(&after).map_err(malformed)?;
    sign_in::require_password(cx, user, before).await?;
    let password = Some(call.cx().hash_password(after).await?);
    let with = Fields { password, ..Fields::default() };
    let update = Change::Update { kind: EntityKind::User, id: user.to_owned(), with };
    done(&call, &policy::IDENTITY_CHANGE_PASSWORD, Some(user), update).await
}
