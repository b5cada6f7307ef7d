//! The first start: the roles that there are from the beginning, and somebody who may make all else.

use crate::domain::identity::id_of;
use crate::service::prelude::*;
use crate::store::identity::{self as stored, ENTITIES, GRANTS};

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
        let roles = stored::entities(&mut db, EntityKind::Role, None).await?;
        let is_missing = |name: &&str| roles.iter().all(|role| role.name != **name);
        Roles::FIRST.iter().any(is_missing) || !has_admin(&mut db, &roles).await?
    };
    if !is_needed {
        return Ok(None);
    }
    let given = password.cloned().unwrap_or_else(|| SecretString::from(hex(random::bytes::<16>(&*service.random))));
    service.identity.judge(&given).map_err(|why| BootstrapError::Password(why.trim_end_matches('.').to_owned()))?;
    let hash = service.hash_password(given.clone(), Turn::OPERATOR).await?;
    let user = Entity { password: Some(hash), ..first(EntityKind::User, Roles::ADMIN) };
    let admin = [user, first(EntityKind::Project, Roles::ADMIN)];
    let is_made = service.store.write(&Repeatable(admin, |admin, db| Box::pin(make_first(db, admin)))).await?;
    Ok(is_made.then_some(given).filter(|_| password.is_none()))
}

/// What every database has by the same id, so that an export of one fits another.
fn first(kind: EntityKind, name: &str) -> Entity {
    Entity::new(kind, id_of(&format!("{} {name}", kind.as_str())), name)
}

/// Makes those of the first roles that are not there. To make them twice makes no more.
///
/// # Errors
/// Those of the store.
pub async fn make_roles(db: &mut Db) -> Result<(), StoreError> {
    let all: Vec<_> = Roles::FIRST.iter().map(|name| first(EntityKind::Role, name)).collect();
    ENTITIES.insert_missing(db, &all).await
}

async fn has_admin(db: &mut Db, roles: &[Entity]) -> Result<bool, StoreError> {
    let Some(admin) = roles.iter().find(|role| role.name == Roles::ADMIN) else { return Ok(false) };
    Ok(!stored::all(db, &GRANTS, &[("role_id", Some(&admin.id))]).await?.is_empty())
}

/// Makes a user and a project, and the user an admin of it; whether the user was made.
/// Invariant kept: of several starts at once one makes them.
async fn make_first(db: &mut Db, first: &[Entity; 2]) -> Result<bool, StoreError> {
    batch::take_turn(db).await?;
    make_roles(db).await?;
    let roles = stored::entities(db, EntityKind::Role, Some(Roles::ADMIN)).await?;
    if has_admin(db, &roles).await? {
        return Ok(false);
    }
    let [user, project] = first;
    if !stored::entities(db, EntityKind::User, Some(&user.name)).await?.is_empty() {
        return Ok(false); // somebody's, who was made no admin: it is not for a start to say otherwise
    }
    ENTITIES.insert(db, user).await?;
    ENTITIES.insert_missing(db, std::slice::from_ref(project)).await?;
    let there = stored::entities(db, EntityKind::Project, Some(&project.name)).await?.pop();
    let project_id = there.map_or_else(|| project.id.clone(), |there| there.id);
    let role_id = roles.first().map(|role| role.id.clone()).unwrap_or_default();
    let grant = Grant { user_id: user.id.clone(), project_id, role_id };
    GRANTS.insert_missing(db, &[grant]).await.map(|()| true)
}
