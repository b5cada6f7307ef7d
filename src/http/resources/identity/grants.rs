//! Who has which role where.

use super::response::{self, Shown};
use super::tokens::has;
use super::{IDENTITY, KNOWN, done};
use crate::http::resources::prelude::*;
use crate::service::Error;
use crate::service::identity::{self, Change};

fn named(call: &Call) -> Grant {
    let id = |name| call.parameter(name).to_owned();
    Grant { project_id: id("on_project_id"), user_id: id("user_id"), role_id: id("role_id") }
}

operations! { IDENTITY;
    /// Gives a user a role on a project; one that is given already stays.
    ADD: "Give a role", |call| add(call) => 204 Nothing, refuses: KNOWN;

    /// Takes a role from a user on a project, and ends the tokens that it was in.
    REMOVE: "Take a role", |call| remove(call) => 204 Nothing, refuses: KNOWN;

    /// Whether a user has a role on a project.
    CHECK: "Say whether a role is given", |call| check(call) => 204 Nothing, refuses: KNOWN;

    /// The roles that were given to a user on a project.
    LIST: "List a user's roles on a project", |call| list(call) => 200 Rows("roles", part::<Shown>()),
        refuses: &[Kind::Forbidden];

    /// Every role that was given, as far as the query asks for it; with `effective` those that they imply among them.
    ASSIGNMENTS: "List role assignments", |call| assignments(call) => 200 Rows("role_assignments", part::<Shown>()),
        refuses: &[Kind::Forbidden, Kind::Url];
}

async fn add(call: Call) -> Result<Answer> {
    done(&call, &policy::IDENTITY_CREATE_GRANT, None, Change::Grant(named(&call))).await
}

async fn remove(call: Call) -> Result<Answer> {
    done(&call, &policy::IDENTITY_REVOKE_GRANT, None, Change::Take(named(&call))).await
}

async fn check(call: Call) -> Result<Answer> {
    let Grant { user_id, project_id, role_id } = named(&call);
    let asked = [("project_id", Some(&*project_id)), ("user_id", Some(&*user_id)), ("role_id", Some(&*role_id))];
    let found = identity::grants(call.cx(), &policy::IDENTITY_LIST_GRANTS, &asked).await?;
    if found.is_empty() { Err(Error::NotKnown("role assignment", role_id).into()) } else { Ok(Answer::empty(204)) }
}

async fn list(call: Call) -> Result<Answer> {
    let Grant { user_id, project_id, .. } = named(&call);
    let asked = [("project_id", Some(&*project_id)), ("user_id", Some(&*user_id))];
    let grants = identity::grants(call.cx(), &policy::IDENTITY_LIST_GRANTS, &asked).await?;
    let roles = identity::roles(call.cx()).await?;
    let given = roles.iter().filter(|role| grants.iter().any(|grant| grant.role_id == role.id));
    Ok(response::rows(&call, &call.query()?, "roles", given.map(|role| response::entity(&call, role))))
}

async fn assignments(call: Call) -> Result<Answer> {
    let (query, cx) = (call.query()?, call.cx());
    let of = |name| query.get(name);
    let asked = [("project_id", of("scope.project.id")), ("user_id", of("user.id"))];
    let grants = identity::grants(cx, &policy::IDENTITY_ASSIGNMENTS, &asked).await?;
    let all = identity::Everybody::of(cx).await?;
    let is_true = |text: &str| text != "0" && !text.eq_ignore_ascii_case("false");
    let is_flag = |name| query.get(name).map_or_else(|| has(&call, name), is_true);
    let grants = if is_flag("effective") { all.effective(&grants) } else { grants };
    let rows = grants.iter().filter(|grant| of("role.id").is_none_or(|role| role == grant.role_id)).filter_map(|grant| {
        let names = if is_flag("include_names") { Some(all.names(grant)?) } else { None };
        Some(response::assignment(&call, grant, names))
    });
    Ok(response::rows(&call, &query, "role_assignments", rows))
}
