//! What users have beside a password: application credentials to sign in with, access keys to sign requests with.

use super::request::{NewAccessKey, NewCredential, RoleReference};
use super::response::{self, Shown};
use super::{IDENTITY, KNOWN, done};
use crate::domain::identity::{Credential, CredentialKind};
use crate::http::resources::prelude::*;
use crate::service::identity::{self, Change, change, credentials as made};

const APPLICATION: CredentialKind = CredentialKind::Application;
const NEW: &[Kind] = &[Kind::NotFound, Kind::Forbidden, Kind::Conflict];

operations! { IDENTITY;
    /// A user's application credentials.
    LIST: "List application credentials", |call| list(call) => 200 Rows("application_credentials", part::<Shown>()),
        refuses: &[Kind::Forbidden];

    /// One application credential, by its id.
    SHOW: "Show an application credential", |call| show(call) => 200 One("application_credential", part::<Shown>()),
        refuses: KNOWN;

    /// Makes an application credential for the caller's own user, project and roles. Its secret is shown this once.
    CREATE: "Create an application credential", |call, body: NewCredential| create(call, body)
        => 201 One("application_credential", part::<Shown>()), refuses: NEW;

    /// Deletes an application credential, and ends the tokens that were got by it.
    DELETE: "Delete an application credential", |call| delete(call) => 204 Nothing, refuses: KNOWN;

    /// A user's access keys; the caller's own where the query names no user.
    LIST_KEYS: "List access keys", |call| list_keys(call) => 200 Rows("credentials", part::<Shown>()),
        refuses: &[Kind::Forbidden, Kind::Url];

    /// One access key.
    SHOW_KEY: "Show an access key", |call| show_key(call) => 200 One("credential", part::<Shown>()), refuses: KNOWN;

    /// Makes an access key. Its secret is shown this once.
    CREATE_KEY: "Create an access key", |call, body: NewAccessKey| create_key(call, body)
        => 201 One("credential", part::<Shown>()), refuses: NEW;

    /// Deletes an access key.
    DELETE_KEY: "Delete an access key", |call| delete_key(call) => 204 Nothing, refuses: KNOWN;
}

async fn list(call: Call) -> Result<Answer> {
    let found = identity::credentials(call.cx(), APPLICATION, call.parameter("user_id")).await?;
    let roles = identity::roles(call.cx()).await?;
    let rows = found.iter().map(|credential| response::credential(&call, credential, &roles, None));
    Ok(response::rows(&call, &call.query()?, "application_credentials", rows))
}

async fn show(call: Call) -> Result<Answer> {
    let found = identity::credential(call.cx(), APPLICATION, Some(call.parameter("user_id")), call.parameter("id")).await?;
    let roles = identity::roles(call.cx()).await?;
    Ok(Answer::one(&call, 200, "application_credential", &response::credential(&call, &found, &roles, None)))
}

async fn create(call: Call, body: NewCredential) -> Result<Answer> {
    let user = call.parameter("user_id");
    let own = made::own(call.cx(), user, call.tokens.own.as_ref()).await?;
    let attributes = attributes(&own.roles, &body)?;
    let expires_at = end(&call, body.expires_at.as_deref())?;
    let secret = made::secret(call.cx(), body.secret.map(|Secret(secret)| secret));
    let credential = Credential {
        name: Some(body.name),
        project_id: own.project.map(|project| project.id),
        secret: call.cx().hash_password(secret.clone()).await?,
        expires_at,
        attributes,
        ..Credential::new(APPLICATION, call.cx().new_entity_id(), user.to_owned(), call.cx().now())
    };
    change(call.cx(), &policy::IDENTITY_MAKE_CREDENTIAL, Some(user), Change::Keep(credential.clone())).await?;
    Ok(Answer::one(&call, 201, "application_credential", &response::credential(&call, &credential, &own.roles, Some(&secret))))
}

/// What is said of it, with the roles that it has: of the caller's own, those that are asked for.
fn attributes(own: &[Entity], body: &NewCredential) -> Result<Map<String, Value>> {
    let wrong = |rule| malformed(format!("`application_credential.name` must be {rule}."));
    Entity::may_be_called(EntityKind::User, &body.name).map_err(wrong)?;
    let has_rules = body.access_rules.as_ref().is_some_and(|rules| !rules.is_empty());
    ensure!(!has_rules, malformed("`application_credential.access_rules` is not supported here; leave it out."));
    let asked = body.roles.as_deref().filter(|roles| !roles.is_empty());
    let is = |one: &RoleReference, role: &Entity| {
        one.id.as_ref().map_or_else(|| one.name.as_ref() == Some(&role.name), |id| *id == role.id)
    };
    let is_asked = |role: &&Entity| asked.is_none_or(|asked| asked.iter().any(|one| is(one, role)));
    let roles: Vec<&str> = own.iter().filter(is_asked).map(|role| role.id.as_str()).collect();
    // each of them, not as many
    let has_all = asked.is_none_or(|asked| asked.iter().all(|one| own.iter().any(|role| is(one, role))));
    ensure!(has_all, malformed("`application_credential.roles` names a role that you do not have on this project."));
    let mut attributes = Map::new();
    attributes.insert("roles".to_owned(), json!(roles));
    attributes.insert("unrestricted".to_owned(), body.unrestricted.unwrap_or_default().into());
    attributes.extend(body.description.clone().map(|text| ("description".to_owned(), text.into())));
    Ok(attributes)
}

fn end(call: &Call, text: Option<&str>) -> Result<Option<Time>> {
    let Some(text) = text else { return Ok(None) };
    let end = Time::parse(text).filter(|end| *end > call.cx().now());
    let wrong = || malformed("`application_credential.expires_at` must be a time to come, such as 2030-01-31T12:00:00.");
    end.map(Some).ok_or_else(wrong)
}

async fn delete(call: Call) -> Result<Answer> {
    let (user_id, id) = (call.parameter("user_id").to_owned(), call.parameter("id").to_owned());
    forget(&call, &policy::IDENTITY_DROP_CREDENTIAL, APPLICATION, user_id, id).await
}

async fn forget(call: &Call, action: &'static Action, kind: CredentialKind, user_id: String, id: String) -> Result<Answer> {
    made::permit_credentials(call.cx(), action, &user_id, (kind, Some(&id)), call.tokens.own.as_ref()).await?;
    done(call, action, Some(&user_id), Change::Drop { kind, user_id: user_id.clone(), id }).await
}

async fn list_keys(call: Call) -> Result<Answer> {
    let query = call.query()?;
    let user = query.get("user_id").unwrap_or(&call.cx().caller.user);
    let found = identity::credentials(call.cx(), CredentialKind::AccessKey, user).await?;
    Ok(response::rows(&call, &query, "credentials", found.iter().map(|key| response::access_key(key, None))))
}

async fn show_key(call: Call) -> Result<Answer> {
    let found = identity::credential(call.cx(), CredentialKind::AccessKey, None, call.parameter("id")).await?;
    Ok(Answer::one(&call, 200, "credential", &response::access_key(&found, None)))
}

async fn create_key(call: Call, body: NewAccessKey) -> Result<Answer> {
    let user = body.user_id.unwrap_or_else(|| call.cx().caller.user.clone());
    let (action, own) = (&policy::IDENTITY_MAKE_KEY, call.tokens.own.as_ref());
    made::permit_credentials(call.cx(), action, &user, (CredentialKind::AccessKey, None), own).await?;
    let (mut key, secret) = made::new_key(&call.service, user.clone(), None);
    key.attributes.extend(body.description.map(|text| ("description".to_owned(), text.into())));
    if !call.cx().believes() {
        key.secret = made::sealed(&call.service, &key.id, &secret).map_err(|problem| Problem::unavailable(&problem))?;
    }
    change(call.cx(), action, Some(&user), Change::Keep(key.clone())).await?;
    Ok(Answer::one(&call, 201, "credential", &response::access_key(&key, Some(&secret))))
}

async fn delete_key(call: Call) -> Result<Answer> {
    let id = call.parameter("id").to_owned();
    let user_id = identity::credential(call.cx(), CredentialKind::AccessKey, None, &id).await?.user_id;
    forget(&call, &policy::IDENTITY_DROP_KEY, CredentialKind::AccessKey, user_id, id).await
}
