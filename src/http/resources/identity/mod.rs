//! Identity in Keystone's ways: users, projects and roles, and the few things that are fixed.

pub mod credentials;
pub mod grants;
pub mod request;
pub mod response;
pub mod tokens;

use self::request::{EntityBody, EntityFields};
use self::response::{Shown, base};
use crate::http::request::body::expecting;
use crate::http::resources::discovery::MediaType;
use crate::http::resources::prelude::*;
use crate::service::Error;
use crate::service::identity::{self, Change, Fields, change};

/// What the operations are about.
pub static IDENTITY: Subject =
    Subject { name: "identity", what: "Users, projects, roles, and signing in, as Keystone has it." };

const KNOWN: &[Kind] = &[Kind::NotFound, Kind::Forbidden];
const NEW: &[Kind] = &[Kind::NotFound, Kind::Forbidden, Kind::Conflict, Kind::Unavailable];

/// The operations of a kind of entity.
macro_rules! entities {
    ($($kind:ident $one:literal $many:literal: $list:ident $show:ident $create:ident $update:ident $delete:ident,
       $actions:expr;)+) => {
        $(operations! { IDENTITY;
            /// All of the kind that have these attributes.
            $list: concat!("List ", $many), |call| list(call, EntityKind::$kind, $many) => 200 Rows($many, part::<Shown>()),
                refuses: &[Kind::Forbidden, Kind::Url];

            /// One of the kind, by its id.
            $show: concat!("Show a ", $one), |call| show(call, EntityKind::$kind) => 200 One($one, part::<Shown>()),
                refuses: KNOWN;

            /// Makes one of the kind.
            $create: concat!("Create a ", $one),
                |call, body: EntityBody<{ EntityKind::$kind as usize }>| create(call, EntityKind::$kind, $actions[0], body.0)
                => 201 One($one, part::<Shown>()), refuses: NEW;

            /// Changes what is given of one of the kind.
            $update: concat!("Change a ", $one),
                |call, body: EntityBody<{ EntityKind::$kind as usize }>| update(call, EntityKind::$kind, $actions[1], body.0)
                => 200 One($one, part::<Shown>()), refuses: NEW;

            /// Deletes one of the kind with all that names it.
            $delete: concat!("Delete a ", $one), |call| delete(call, EntityKind::$kind, $actions[2]) => 204 Nothing,
                refuses: KNOWN;
        })+
    };
}

entities! {
    User "user" "users": LIST_USERS SHOW_USER CREATE_USER UPDATE_USER DELETE_USER,
        [&policy::IDENTITY_CREATE_USER, &policy::IDENTITY_UPDATE_USER, &policy::IDENTITY_DELETE_USER];
    Project "project" "projects": LIST_PROJECTS SHOW_PROJECT CREATE_PROJECT UPDATE_PROJECT DELETE_PROJECT,
        [&policy::IDENTITY_CREATE_PROJECT, &policy::IDENTITY_UPDATE_PROJECT, &policy::IDENTITY_DELETE_PROJECT];
    Role "role" "roles": LIST_ROLES SHOW_ROLE CREATE_ROLE UPDATE_ROLE DELETE_ROLE,
        [&policy::IDENTITY_CREATE_ROLE, &policy::IDENTITY_UPDATE_ROLE, &policy::IDENTITY_DELETE_ROLE];
}

async fn list(call: Call, kind: EntityKind, plural: &'static str) -> Result<Answer> {
    let query = call.query()?;
    let found = identity::entities(call.cx(), kind, query.get("name")).await?;
    Ok(response::rows(&call, &query, plural, found.iter().map(|entity| response::entity(&call, entity))))
}

async fn show(call: Call, kind: EntityKind) -> Result<Answer> {
    let found = identity::entity(call.cx(), kind, call.parameter("id")).await?;
    Ok(Answer::one(&call, 200, kind.as_str(), &response::entity(&call, &found)))
}

async fn create(call: Call, kind: EntityKind, action: &'static Action, body: EntityFields) -> Result<Answer> {
    identity::permit_change(call.cx(), action, None, (kind.as_str(), None)).await?;
    let fields = fields(&call, kind, body).await?;
    let name = fields.name.ok_or_else(|| expecting("name", kind.as_str()))?;
    let id = if call.cx().believes() { Entity::believed(kind, &name).id } else { call.cx().new_entity_id() };
    let enabled = fields.enabled.unwrap_or(true);
    let attributes = fields.attributes.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let entity = Entity { enabled, password: fields.password, attributes, ..Entity::new(kind, id, name) };
    answer(&call, 201, kind, change(call.cx(), action, None, Change::Make(entity)).await?)
}

async fn update(call: Call, kind: EntityKind, action: &'static Action, body: EntityFields) -> Result<Answer> {
    let id = call.parameter("id").to_owned();
    identity::permit_change(call.cx(), action, None, (kind.as_str(), Some(&id))).await?;
    let with = fields(&call, kind, body).await?;
    answer(&call, 200, kind, change(call.cx(), action, None, Change::Update { kind, id, with }).await?)
}

async fn delete(call: Call, kind: EntityKind, action: &'static Action) -> Result<Answer> {
    done(&call, action, None, Change::Delete(kind, call.parameter("id").to_owned())).await
}

/// Makes a change of which nothing is shown; `own` is the user whose own it is.
async fn done(call: &Call, action: &'static Action, own: Option<&str>, to_make: Change) -> Result<Answer> {
    change(call.cx(), action, own, to_make).await?;
    Ok(Answer::empty(204))
}

fn answer(call: &Call, status: u16, kind: EntityKind, entity: Option<Entity>) -> Result<Answer> {
    let entity = entity.ok_or_else(Problem::internal)?;
    Ok(Answer::one(call, status, kind.as_str(), &response::entity(call, &entity)))
}

/// What is given, judged, and the password hashed.
async fn fields(call: &Call, kind: EntityKind, body: EntityFields) -> Result<Fields> {
    let EntityFields { name, enabled, password, attributes, .. } = body;
    if let Some(name) = &name {
        let wrong = |rule| malformed(format!("`{}.name` must be {rule}.", kind.as_str()));
        Entity::may_be_called(kind, name).map_err(wrong)?;
    }
    let password = match password.filter(|_| kind == EntityKind::User && !call.cx().believes()) {
        Some(Secret(password)) => {
            call.service.identity.judge(&password).map_err(malformed)?;
            Some(call.cx().hash_password(password).await?)
        }
        None => None,
    };
    Ok(Fields { name, enabled, password, attributes })
}

/// The operations of what is fixed.
macro_rules! fixed {
    ($($of:ident $one:literal $many:literal: $list:ident $show:ident $action:ident;)+) => {
        $(operations! { IDENTITY;
            /// All of the kind that have these attributes.
            $list: concat!("List ", $many), |call| ready(list_fixed(&call, $many, response::$of, &policy::$action))
                => 200 Rows($many, part::<Shown>()), refuses: &[Kind::Forbidden, Kind::Url];

            /// One of the kind, by its id.
            $show: concat!("Show a ", $one), |call| ready(show_fixed(&call, [$one, $many], response::$of, &policy::$action))
                => 200 One($one, part::<Shown>()), refuses: KNOWN;
        })+
    };
}

fixed! {
    domains "domain" "domains": LIST_DOMAINS SHOW_DOMAIN IDENTITY_LIST_DOMAINS;
    regions "region" "regions": LIST_REGIONS SHOW_REGION IDENTITY_LIST_REGIONS;
    services "service" "services": LIST_SERVICES SHOW_SERVICE IDENTITY_LIST_SERVICES;
    endpoints "endpoint" "endpoints": LIST_ENDPOINTS SHOW_ENDPOINT IDENTITY_LIST_ENDPOINTS;
}

/// What there is one of, or a fixed few.
type Fixed = fn(&Call) -> Vec<Value>;

fn list_fixed(call: &Call, plural: &'static str, fixed: Fixed, action: &'static Action) -> Result<Answer> {
    identity::permit(call.cx(), action, None)?;
    Ok(response::rows(call, &call.query()?, plural, response::linked(call, plural, fixed(call))))
}

fn show_fixed(call: &Call, [one, plural]: [&'static str; 2], fixed: Fixed, action: &'static Action) -> Result<Answer> {
    identity::permit(call.cx(), action, None)?;
    let id = call.parameter("id");
    let found = response::linked(call, plural, fixed(call)).into_iter().find(|shown| shown.0["id"] == id);
    Ok(Answer::one(call, 200, one, &found.ok_or_else(|| Error::NotKnown(one, id.to_owned()))?))
}

// The identity's version document.

view! {
    /// A version of the identity's API, and where it is.
    #[schema(as = IdentityVersion)]
    Version,
    /// The one that there is.
    of(call: &Call) {
        id: &'static str = "v3.14",
        status: &'static str = "stable",
        updated: &'static str = "2020-04-07T00:00:00Z",
        links: [Link; 1] = [Link { rel: "self", href: format!("{}/", base(call)) }],
        media_types as "media-types": [MediaType; 1] = [MediaType::of("identity-v3+json")],
    };
}

operations! { IDENTITY;
    /// All versions, with status 300, as Keystone has it.
    ALL: "List the identity's versions", |call| ready(Ok(all(&call))) => 300 Object;

    /// The one version.
    V3: "Show the identity's version v3", |call| ready(Ok(Answer::one(&call, 200, "version", &Version::of(&call))))
        => 200 One("version", part::<Version>());
}

fn all(call: &Call) -> Answer {
    Answer::json(300, &json!({"versions": {"values": [Version::of(call)]}})).with_header("Location", format!("{}/", base(call)))
}
