//! Signing in: a password, a token or an application credential for a token. Whoever is refused is not told which of them was
//! wrong, and an unknown user costs a hash as well.

use super::credentials::token_hash;
use super::see::{unknown_credential, unknown_token};
use super::tries::Outcome;
use crate::service::prelude::*;
use crate::store::identity::{self as stored, CREDENTIALS, SESSIONS};

/// What the one message says.
pub const REFUSED: &str = "The request you have made requires authentication.";

/// How somebody signs in.
pub enum Method {
    /// A user's own.
    Password { user: Named, password: SecretString },
    /// One that was got before.
    Token(SecretString),
    /// By its id, or by its name and its user.
    ApplicationCredential { named: Named, user: Option<Named>, secret: SecretString },
}

/// By what something is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    Id(String),
    Name(String),
    /// In a domain that is not there.
    Elsewhere,
}

/// Where somebody wants to be.
pub enum Scope {
    /// Not said: the user's default project, or none.
    Unsaid,
    Unscoped,
    Project(Named),
    /// A domain or the system, where nobody has a role.
    Elsewhere,
}

/// Signs in: the token, which is shown this once, and what it stands for.
///
/// # Errors
/// [`Error::Unauthorized`], [`Error::TooMany`]; [`Error::NotKnown`] of a token or an application credential that is not there.
pub async fn sign_in(cx: &Context, method: Method, scope: Scope) -> Result<(SecretString, SignedIn)> {
    if cx.believes() {
        return Ok(believed(cx, method, scope));
    }
    let proving = async {
        let proven = match method {
            Method::Password { user, password } => by_password(cx, user, password).await?,
            Method::Token(token) => by_token(cx, &token).await?,
            Method::ApplicationCredential { named, user, secret } => by_credential(cx, named, user, secret).await?,
        };
        open(cx, proven, scope).await
    };
    let signed = proving.await;
    let outcome = signed.as_ref().err().map_or(Outcome::Done, |Refused(outcome, _)| *outcome);
    cx.service.identity.sign_ins.count(outcome);
    if let Ok((_, signed)) = &signed {
        tracing::info!(user = signed.user.id, project = signed.session.project_id, "signed in");
    } else {
        // what was given as a name may be a password in the wrong place
        tracing::warn!(reason = outcome.as_str(), address = cx.address.map(tracing::field::display), "a sign-in is refused");
    }
    signed.map_err(|Refused(_, error)| error)
}

/// Whoever it says, wherever it says.
fn believed(cx: &Context, method: Method, scope: Scope) -> (SecretString, SignedIn) {
    let name = |named: Named| match named {
        Named::Id(name) | Named::Name(name) => Some(name),
        Named::Elsewhere => None,
    };
    let (user, is_credential) = match method {
        Method::Password { user, .. } => (name(user), false),
        Method::Token(token) => (Believed::said(token.expose_secret()).map(|said| said.user), false),
        Method::ApplicationCredential { named, user, .. } => (user.and_then(name).or_else(|| name(named)), true),
    };
    let user = user.filter(|user| !user.is_empty()).unwrap_or_else(|| "noauth".to_owned());
    let project = match scope {
        Scope::Project(named) => name(named),
        Scope::Unsaid => Some(user.clone()),
        Scope::Unscoped | Scope::Elsewhere => None,
    };
    let believed = Believed { user, project };
    let mut signed = cx.believe(&believed);
    if is_credential {
        "application_credential".clone_into(&mut signed.session.methods);
    }
    (believed.token().into(), signed)
}

/// How it ended, and what the caller is told.
struct Refused(Outcome, Error);

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(Outcome::Failed, error.into())
    }
}

/// The one message for all that is wrong.
const fn refused(outcome: Outcome) -> Refused {
    Refused(outcome, Error::Unauthorized(REFUSED))
}

/// Somebody who has proven who it is.
struct Proven {
    user: Entity,
    credential: Option<Credential>,
    /// The token that it was proven by.
    first: Option<Session>,
    method: &'static str,
}

async fn by_password(cx: &Context, named: Named, password: SecretString) -> Result<Proven, Refused> {
    let user = find(cx, EntityKind::User, &named).await?;
    // whether it is called by its id or by its name
    let who = user.as_ref().map_or_else(|| format!("{named:?}"), |user| format!("user {}", user.id));
    let is_right = tries(cx, &who, password, user.as_ref().and_then(|user| user.password.as_deref())).await?;
    let user = user.ok_or_else(|| refused(Outcome::Unknown))?;
    ensure!(is_right, refused(Outcome::Wrong));
    Ok(Proven { user, credential: None, first: None, method: "password" })
}

/// Whether this is the user's password, as a sign-in would find it.
///
/// # Errors
/// As a sign-in's.
pub async fn require_password(cx: &Context, user: &str, password: SecretString) -> Result<()> {
    by_password(cx, Named::Id(user.to_owned()), password).await.map(drop).map_err(|Refused(_, error)| error)
}

async fn by_token(cx: &Context, token: &SecretString) -> Result<Proven, Refused> {
    let signed = stored::by_token(&mut cx.reader().await?, &token_hash(token), cx.now()).await?;
    let SignedIn { user, credential, session, .. } = signed.ok_or_else(|| Refused(Outcome::Unknown, unknown_token()))?;
    Ok(Proven { user, credential, first: Some(session), method: "token" })
}

async fn by_credential(cx: &Context, named: Named, user: Option<Named>, secret: SecretString) -> Result<Proven, Refused> {
    let kind = CredentialKind::Application;
    let credential = match (&named, &user) {
        (Named::Id(id), _) => stored::credential(&mut cx.reader().await?, kind, id).await?,
        (Named::Name(name), Some(user)) => {
            // of nobody where there is no such user
            let user = find(cx, EntityKind::User, user).await?.map_or_else(String::new, |user| user.id);
            let asked = [("user_id", Some(&*user)), ("name", Some(&**name)), ("kind", Some(kind.as_str()))];
            stored::one(&mut cx.reader().await?, &CREDENTIALS, &asked).await?
        }
        (Named::Name(_) | Named::Elsewhere, _) => None,
    };
    let who = credential.as_ref().map_or_else(|| format!("{named:?} {user:?}"), |found| format!("credential {}", found.id));
    let is_right = tries(cx, &who, secret, credential.as_ref().map(|credential| credential.secret.as_str())).await?;
    let (Named::Id(id) | Named::Name(id)) = named else { return Err(refused(Outcome::Unknown)) };
    let credential = credential.ok_or_else(|| Refused(Outcome::Unknown, unknown_credential(kind, &id)))?;
    let is_over = credential.expires_at.is_some_and(|end| end <= cx.now());
    let user = find(cx, EntityKind::User, &Named::Id(credential.user_id.clone())).await?;
    let user = user.filter(|_| is_right && !is_over).ok_or_else(|| refused(Outcome::Wrong))?;
    Ok(Proven { user, credential: Some(credential), first: None, method: "application_credential" })
}

/// Whether a secret is that of `phc`, tried where not too many tries have failed.
async fn tries(cx: &Context, who: &str, secret: SecretString, phc: Option<&str>) -> Result<bool, Refused> {
    let too_many = |wait| Refused(Outcome::TooMany, Error::TooMany("Too many sign-ins have failed.", wait));
    let trying = cx.service.identity.sign_ins.begin(who, cx).await.map_err(too_many)?;
    let is_right = cx.tries(secret, phc).await?;
    trying.ends(is_right);
    Ok(is_right)
}

/// What is named so, if it is there.
async fn find(cx: &Context, kind: EntityKind, named: &Named) -> Result<Option<Entity>, StoreError> {
    let mut db = cx.reader().await?;
    match named {
        Named::Id(id) => stored::entity(&mut db, kind, id).await,
        Named::Name(name) => Ok(stored::entities(&mut db, kind, Some(name)).await?.pop()),
        Named::Elsewhere => Ok(None),
    }
}

/// Opens a session for somebody where it may be: the token, and what it stands for.
async fn open(cx: &Context, proven: Proven, scope: Scope) -> Result<(SecretString, SignedIn), Refused> {
    let Proven { user, credential, first, method } = proven;
    ensure!(user.enabled, refused(Outcome::Disabled));
    let project_id = match (scope, credential.as_ref().and_then(|credential| credential.project_id.clone())) {
        (Scope::Unsaid, Some(only)) => Some(only),
        (Scope::Project(named), only) => {
            let project = find(cx, EntityKind::Project, &named).await?.map(|project| project.id);
            let project = project.filter(|project| only.as_ref().is_none_or(|only| only == project));
            Some(project.ok_or_else(|| refused(Outcome::NoRole))?)
        }
        (Scope::Unsaid, None) => default_project(cx, &user).await?,
        (Scope::Unscoped, None) => None,
        (Scope::Unscoped | Scope::Elsewhere, _) => return Err(refused(Outcome::NoRole)),
    };
    let token = SecretString::from(hex(cx.random_bytes::<32>()));
    let issued_at = cx.now();
    let ends = [first.as_ref().map(|first| first.expires_at), credential.as_ref().and_then(|credential| credential.expires_at)];
    let lasts = issued_at.after(cx.service.identity.token_lifetime);
    let expires_at = ends.into_iter().flatten().fold(lasts, Time::min);
    ensure!(issued_at < expires_at, refused(Outcome::NoRole));
    let methods = match &first {
        Some(first) if first.methods.split(' ').any(|earlier| earlier == method) => first.methods.clone(),
        Some(first) => format!("{method} {}", first.methods),
        None => method.to_owned(),
    };
    let of_first = first.as_ref().and_then(|first| first.audit_ids.split(' ').next_back());
    let audit_ids = std::iter::once(&*cx.new_audit_id()).chain(of_first).collect::<Vec<_>>().join(" ");
    let (token_hash, credential_id) = (token_hash(&token), credential.map(|credential| credential.id));
    let user_id = user.id;
    let session = Session { token_hash, user_id, project_id, credential_id, issued_at, expires_at, methods, audit_ids };
    let opening = (session, user.password);
    let opening = Repeatable(opening, |(session, password), db| Box::pin(insert(db, session, password.as_ref())));
    let signed = cx.service.store.write(&opening).await?.ok_or_else(|| refused(Outcome::NoRole))?;
    Ok((token, signed))
}

/// The user's own choice, where it may be there.
async fn default_project(cx: &Context, user: &Entity) -> Result<Option<String>, StoreError> {
    let project_id = user.attributes.get("default_project_id").and_then(Value::as_str).map(str::to_owned);
    let session = Session { user_id: user.id.clone(), project_id, ..Session::default() };
    Ok(stored::signed_in(&mut cx.reader().await?, session).await?.and_then(|signed| signed.session.project_id))
}

/// Stores a session where it may be, and says what it stands for. Invariant kept: a token is of a user whose password is still the
/// one that was tried. The user's row is locked, so that whoever changes it ends this session too.
async fn insert(db: &mut Db, session: &Session, password: Option<&String>) -> Result<Option<SignedIn>, StoreError> {
    let user = stored::lock(db, EntityKind::User, &session.user_id).await?;
    if user.is_none_or(|user| user.password.as_ref() != password) {
        return Ok(None);
    }
    let Some(signed) = stored::signed_in(db, session.clone()).await? else { return Ok(None) };
    // an answer to COMMIT that was lost: the same token is there already
    SESSIONS.insert_missing(db, std::slice::from_ref(session)).await.map(|()| Some(signed))
}
