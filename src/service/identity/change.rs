//! Changes of the identity: one transaction each, whoever asks for it: a caller through the door, or the command.

use std::slice;

use super::see::{self, unknown_credential, unknown_token};
use super::taken;
use crate::service::prelude::*;
use crate::service::{acts, perform};
use crate::store::identity::{self as stored, CREDENTIALS, ENTITIES, GRANTS, SESSIONS};

/// What is to become of the identity.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes an entity.
    Make(Entity),
    /// What is given of an entity; the rest stays. A new password, or that it is no longer enabled, ends its tokens.
    Update { kind: EntityKind, id: String, with: Fields },
    /// Deletes an entity with all that names it; what a project owns stays.
    Delete(EntityKind, String),
    /// Gives a role.
    Grant(Grant),
    /// Takes a role, and ends the tokens that it was in.
    Take(Grant),
    /// Makes a credential.
    Keep(Credential),
    /// Deletes a credential, and ends the tokens that were got by it.
    Drop { kind: CredentialKind, user_id: String, id: String },
    /// Ends a token, by its hash.
    End(String),
}

/// What is given of an entity.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    /// The PHC string of a new password.
    pub password: Option<String>,
    /// A null takes an attribute away.
    pub attributes: Map<String, Value>,
}

impl Fields {
    /// The entity with this.
    fn over(&self, mut entity: Entity) -> Entity {
        entity.name = self.name.clone().unwrap_or(entity.name);
        entity.enabled = self.enabled.unwrap_or(entity.enabled);
        entity.password = self.password.clone().or(entity.password);
        entity.attributes.extend(self.attributes.clone());
        entity.attributes.retain(|_, value| !value.is_null());
        entity
    }
}

impl Write for Change {
    type Done = Option<Entity>;
    type Error = Error;

    /// Makes the change. What was made or changed of an entity, as it is now.
    ///
    /// Invariant kept: a grant, a credential and a token name users, projects and roles that are there, since all of these are
    /// locked by whoever adds such a row; and what no longer opens anything has no token.
    ///
    /// # Errors
    /// [`Error::NotKnown`], [`Error::Conflict`].
    async fn run(&self, db: &mut Db) -> Result<Option<Entity>> {
        match self {
            Self::Make(entity) => {
                free(db, entity).await?;
                ENTITIES.insert(db, entity).await.map_err(|error| duplicate(error, entity.kind.as_str(), &entity.name))?;
                return Ok(Some(entity.clone()));
            }
            Self::Update { kind, id, with } => {
                let stored = known(db, *kind, id).await?;
                let entity = with.over(stored.clone());
                if entity.name != stored.name {
                    free(db, &entity).await?;
                }
                let saved = ENTITIES.save(db, slice::from_ref(&entity)).await;
                saved.map_err(|error| duplicate(error, kind.as_str(), &entity.name))?;
                if entity.password != stored.password || !entity.enabled {
                    let column = if *kind == EntityKind::User { "user_id" } else { "project_id" };
                    stored::delete(db, SESSIONS.name, &[(column, Some(id))]).await?;
                }
                return Ok(Some(entity));
            }
            Self::Delete(kind, id) => {
                known(db, *kind, id).await?;
                stored::delete_entity(db, *kind, id).await?;
            }
            Self::Grant(grant) => {
                all_known(db, grant).await?;
                GRANTS.insert_missing(db, slice::from_ref(grant)).await?;
            }
            Self::Take(grant) => {
                all_known(db, grant).await?;
                let Grant { user_id, project_id, role_id } = grant;
                let whose = [("user_id", Some(&**user_id)), ("project_id", Some(&**project_id))];
                let all = [whose[0], whose[1], ("role_id", Some(&**role_id))];
                ensure!(stored::delete(db, GRANTS.name, &all).await? != 0, Error::NotKnown("role assignment", role_id.clone()));
                stored::delete(db, SESSIONS.name, &whose).await?;
            }
            Self::Keep(credential) => {
                known(db, EntityKind::User, &credential.user_id).await?;
                if let Some(project) = &credential.project_id {
                    known(db, EntityKind::Project, project).await?;
                }
                let name = credential.name.clone().unwrap_or_default();
                CREDENTIALS.insert(db, credential).await.map_err(|error| duplicate(error, "application_credential", &name))?;
            }
            Self::Drop { kind, user_id, id } => {
                let asked = [("user_id", Some(&**user_id)), ("id", Some(&**id)), ("kind", Some(kind.as_str()))];
                ensure!(stored::delete(db, CREDENTIALS.name, &asked).await? != 0, unknown_credential(*kind, id));
                stored::delete(db, SESSIONS.name, &[("user_id", Some(user_id)), ("credential_id", Some(id))]).await?;
            }
            Self::End(token_hash) => {
                ensure!(stored::delete(db, SESSIONS.name, &[("token_hash", Some(token_hash))]).await? != 0, unknown_token());
            }
        }
        Ok(None)
    }
}

impl Change {
    /// What it is done to, as the history calls it.
    fn target(&self) -> Target {
        match self {
            Self::Make(entity) => Target::named(entity.kind.as_str(), &entity.id),
            Self::Update { kind, id, .. } | Self::Delete(kind, id) => Target::named(kind.as_str(), id),
            Self::Grant(grant) | Self::Take(grant) => {
                Target::named("role assignment", &[&*grant.project_id, &grant.user_id, &grant.role_id].join(" "))
            }
            Self::Keep(credential) => Target::named(credential.kind.as_str(), &credential.id),
            Self::Drop { kind, id, .. } => Target::named(kind.as_str(), id),
            Self::End(token_hash) => Target::named("token", &token_hash[..8.min(token_hash.len())]),
        }
    }
}

async fn known(db: &mut Db, kind: EntityKind, id: &str) -> Result<Entity> {
    stored::lock(db, kind, id).await?.ok_or_else(|| Error::NotKnown(kind.as_str(), id.to_owned()))
}

async fn all_known(db: &mut Db, grant: &Grant) -> Result<()> {
    known(db, EntityKind::User, &grant.user_id).await?;
    known(db, EntityKind::Project, &grant.project_id).await?;
    known(db, EntityKind::Role, &grant.role_id).await.map(drop)
}

/// The cheap no, which leaves the transaction whole.
async fn free(db: &mut Db, entity: &Entity) -> Result<()> {
    let others = stored::entities(db, entity.kind, Some(&entity.name)).await?;
    if others.is_empty() { Ok(()) } else { Err(taken(entity.kind.as_str(), &entity.name)) }
}

fn duplicate(error: StoreError, kind: &str, name: &str) -> Error {
    match error {
        StoreError::Duplicate { .. } => taken(kind, name),
        error => error.into(),
    }
}

/// A change that a caller asks for.
struct Administer {
    action: &'static Action,
    /// The user whose own it is.
    user: Option<String>,
    change: Change,
}

impl Operation for Administer {
    unprepared!();

    type Done = Option<Entity>;

    fn intent(&self) -> Intent<'_> {
        Intent { user: self.user.as_deref(), ..Intent::new(self.action, self.change.target()) }
    }

    async fn write(&self, _: &Context, (): &(), tx: &mut Tx<'_>) -> Result<Option<Entity>> {
        self.change.run(tx).await
    }
}

/// Whether the caller may make such a change, asked before anything of it is judged or hashed; a refusal leaves its act, as that of
/// the change itself does. `id`: of what is there already.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn permit_change(
    cx: &Context,
    action: &'static Action,
    user: Option<&str>,
    (kind, id): (&'static str, Option<&str>),
) -> Result<()> {
    let permitted = see::permit(cx, action, user);
    if let Some(outcome) = permitted.as_ref().err().and_then(Error::refusal) {
        let target = Target { kind, record: id.map(str::to_owned), volume_id: None, transfer_id: None };
        acts::refused(cx, &Intent::new(action, target), outcome).await;
    }
    permitted
}

/// Makes a change that a caller asks for; what was made or changed of an entity. Of `user`'s own this user may, whatever the policy
/// says. In no-auth mode it is answered as if it were so, and nothing is stored.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotKnown`], [`Error::Conflict`].
pub async fn change(cx: &Context, action: &'static Action, user: Option<&str>, change: Change) -> Result<Option<Entity>> {
    if cx.believes() {
        return Ok(match change {
            Change::Make(entity) => Some(entity),
            Change::Update { kind, id, with } => Some(with.over(Entity::believed(kind, &id))),
            _ => None,
        });
    }
    Ok(perform(cx, &Administer { action, user: user.map(str::to_owned), change }).await?.outcome)
}
