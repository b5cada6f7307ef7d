//! The first start: the roles that there are from the beginning, and somebody who may make all else.

use secrecy::SecretString;

use crate::{
    domain::{
        Roles,
        identity::{Entity, EntityKind, Grant, first_roles},
    },
    secrets::{HashError, random, sealing::hex},
    service::Service,
    store::{
        Db, StoreError, Write,
        identity::{self as stored, ENTITIES, GRANTS},
        json_rows,
    },
};

/// Why there is nobody to begin with.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// What is wrong with the password that was given.
    #[error("{0}")]
    Password(String),
    #[error("the password could not be hashed: {0}")]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the roles that are missing, and where nobody is an admin, user and project `admin`. The password that was drawn for it,
/// where none was given: nobody else knows it.
///
/// # Errors
/// See [`BootstrapError`]; then nothing is made.
pub async fn bootstrap(service: &Service, password: Option<&SecretString>) -> Result<Option<SecretString>, BootstrapError> {
    let is_needed = {
        let mut db = service.store.reader().await?;
        let admin = stored::entities(&mut db, EntityKind::Role, Some(Roles::ADMIN)).await?;
        stored::entities(&mut db, EntityKind::Role, None).await?.len() < first_roles().count()
            || !has_admin(&mut db, &admin).await?
    };
    if !is_needed {
        return Ok(None);
    }
    let drawn = || SecretString::from(hex(&random::bytes::<16>(&*service.random)));
    let given = password.cloned().unwrap_or_else(drawn);
    service.identity.judge(&given).map_err(BootstrapError::Password)?;
    let hash = service.hash_password(given.clone()).await?;
    let id = || random::id(&*service.random).uuid().simple().to_string();
    let roles = first_roles().map(|role| Entity::new(EntityKind::Role, id(), role)).collect();
    let first = First {
        roles,
        user: Entity { password: Some(hash), ..Entity::new(EntityKind::User, id(), Roles::ADMIN) },
        project: Entity::new(EntityKind::Project, id(), Roles::ADMIN),
    };
    let is_made = service.store.write(&first).await?;
    Ok(is_made.then_some(given).filter(|_| password.is_none()))
}

async fn has_admin(db: &mut Db, roles: &[Entity]) -> Result<bool, StoreError> {
    let Some(admin) = roles.iter().find(|role| role.name == Roles::ADMIN) else { return Ok(false) };
    Ok(!stored::all(db, &GRANTS, &[("role_id", Some(&admin.id))], "user_id").await?.is_empty())
}

/// Invariant kept: of several starts at once one makes them.
struct First {
    roles: Vec<Entity>,
    user: Entity,
    project: Entity,
}

impl Write for First {
    /// Whether the user was made.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<bool, StoreError> {
        json_rows::take_turn(db).await?;
        for role in &self.roles {
            if stored::entities(db, EntityKind::Role, Some(&role.name)).await?.is_empty() {
                ENTITIES.insert(db, role).await?;
            }
        }
        let roles = stored::entities(db, EntityKind::Role, Some(Roles::ADMIN)).await?;
        if has_admin(db, &roles).await? {
            return Ok(false);
        }
        let mut ids = Vec::new();
        for new in [&self.user, &self.project] {
            let there = stored::entities(db, new.kind, Some(&new.name)).await?.pop();
            match there {
                // somebody's, who was made no admin: it is not for a start to say otherwise
                Some(there) if there.kind == EntityKind::User => return Ok(false),
                Some(there) => ids.push(there.id),
                None => {
                    ENTITIES.insert(db, new).await?;
                    ids.push(new.id.clone());
                }
            }
        }
        let role_id = roles.first().map(|role| role.id.clone()).unwrap_or_default();
        stored::grant(db, &Grant { user_id: ids.remove(0), project_id: ids.remove(0), role_id }).await?;
        Ok(true)
    }
}
