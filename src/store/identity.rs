//! The built-in identity's rows: users, projects and roles in one table, grants, credentials, and the tokens that were given out.

use super::prelude::*;
use crate::domain::identity::{Credential, CredentialKind, Entity, EntityKind, Grant, Session, SignedIn, effective};

/// Users, projects and roles.
pub static ENTITIES: Table<Entity> = Table::new(
    "identity_entities",
    &["kind", "id"],
    &[Of(TEXT, &["kind", "id", "name"]), Of(BOOLEAN, &["enabled"]), Of(TEXT, &["password", "attributes"])],
);

/// Who has which role where.
pub static GRANTS: Table<Grant> =
    Table::new("identity_grants", &["project_id", "user_id", "role_id"], &[Of(TEXT, &["project_id", "user_id", "role_id"])]);

/// Application credentials and access keys.
pub static CREDENTIALS: Table<Credential> = Table::new(
    "identity_credentials",
    &["user_id", "id"],
    &[
        Of(TEXT, &["user_id", "id", "kind", "name", "project_id", "secret"]),
        Of(TIMESTAMPTZ, &["created_at", "expires_at"]),
        Of(TEXT, &["attributes"]),
    ],
);

/// Tokens, by their hashes.
pub static SESSIONS: Table<Session> = Table::new(
    "identity_sessions",
    &["token_hash"],
    &[
        Of(TEXT, &["token_hash", "user_id", "project_id", "credential_id"]),
        Of(TIMESTAMPTZ, &["issued_at", "expires_at"]),
        Of(TEXT, &["methods", "audit_ids"]),
    ],
);

/// Columns and what stands in them; `None` is not asked for.
pub type Wanted<'w> = &'w [(&'static str, Option<&'w str>)];

const FORGET: &str = "DELETE FROM identity_sessions WHERE expires_at < $1";

/// An entity by its id, locked to the end of the transaction. Users are locked before projects, these before roles.
pub async fn lock(db: &mut Db, kind: EntityKind, id: &str) -> Result<Option<Entity>> {
    let select = narrowed(ENTITIES.select(db.engine()), &[("kind", Some(kind.as_str())), ("id", Some(id))]);
    ENTITIES.first(db, select.one_of(FOR_UPDATE)).await
}

/// Goes on with the conditions, at least one, then in the order of what is selected.
fn narrowed(select: Select, wanted: Wanted<'_>) -> Select {
    let wanted = wanted.iter().filter_map(|(column, value)| Some((column, (*value)?)));
    wanted.fold(select.push("true"), |select, (column, value)| {
        let select = select.push("\n      AND ");
        // PostgreSQL takes no NUL, and so there is nothing that has one
        if value.contains('\0') { select.push("false") } else { select.push(column).push(" = ").bind(value) }
    })
}

/// Those of a table that have these values, in the order of its key.
pub async fn all<T: DeserializeOwned>(db: &mut Db, table: &Table<T>, asked: Wanted<'_>) -> Result<Vec<T>> {
    let select = narrowed(table.select(db.engine()), asked).push("\n    ORDER BY ");
    table.all(db, select.separated(table.key, |select, column| select.push(column))).await
}

/// The one that has these values, or one of several.
pub async fn one<T: DeserializeOwned>(db: &mut Db, table: &Table<T>, asked: Wanted<'_>) -> Result<Option<T>> {
    table.first(db, narrowed(table.select(db.engine()), asked).push("\n    LIMIT 1")).await
}

/// The entities of a kind, in the order of their names; of this name alone, where one is given.
pub async fn entities(db: &mut Db, kind: EntityKind, name: Option<&str>) -> Result<Vec<Entity>> {
    let mut all = all(db, &ENTITIES, &[("kind", Some(kind.as_str())), ("name", name)]).await?;
    all.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// An entity by its id.
pub async fn entity(db: &mut Db, kind: EntityKind, id: &str) -> Result<Option<Entity>> {
    one(db, &ENTITIES, &[("kind", Some(kind.as_str())), ("id", Some(id))]).await
}

/// The same, where it is enabled.
pub async fn enabled(db: &mut Db, kind: EntityKind, id: &str) -> Result<Option<Entity>> {
    Ok(entity(db, kind, id).await?.filter(|entity| entity.enabled))
}

/// What is called so, by its id or its name.
pub async fn called(db: &mut Db, kind: EntityKind, called: &str) -> Result<Option<Entity>> {
    let by_id = entity(db, kind, called).await?;
    Ok(if by_id.is_some() { by_id } else { entities(db, kind, Some(called)).await?.pop() })
}

/// Deletes what has these values; how many rows.
pub async fn delete(db: &mut Db, table: &'static str, asked: Wanted<'_>) -> Result<u64> {
    narrowed(Select::new(db.engine(), "\n    DELETE FROM ").push(table).push("\n    WHERE "), asked).on(db).run().await
}

/// Deletes an entity with all that names it; whether it was there.
pub async fn delete_entity(db: &mut Db, kind: EntityKind, id: &str) -> Result<bool> {
    let (column, tables): (_, &[&'static str]) = match kind {
        EntityKind::User => ("user_id", &[SESSIONS.name, CREDENTIALS.name, GRANTS.name]),
        EntityKind::Project => ("project_id", &[SESSIONS.name, CREDENTIALS.name, GRANTS.name]),
        EntityKind::Role => ("role_id", &[GRANTS.name]),
    };
    for table in tables {
        delete(db, table, &[(column, Some(id))]).await?;
    }
    Ok(delete(db, ENTITIES.name, &[("kind", Some(kind.as_str())), ("id", Some(id))]).await? == 1)
}

/// The roles that a user has on a project, with those that they imply.
pub async fn roles(db: &mut Db, user: &str, project: &str, only: Option<&[&str]>) -> Result<Vec<Entity>> {
    let grants = all(db, &GRANTS, &[("user_id", Some(user)), ("project_id", Some(project))]).await?;
    let granted: Vec<&str> = grants.iter().map(|grant| grant.role_id.as_str()).collect();
    let every = entities(db, EntityKind::Role, None).await?;
    let kept = only.map(|only| effective(&every, only));
    let had = effective(&every, &granted).into_iter();
    Ok(had.filter(|role| kept.as_ref().is_none_or(|kept| kept.contains(role))).cloned().collect())
}

/// What a token stands for as long as it is good; `None` where it opens nothing.
pub async fn signed_in(db: &mut Db, session: Session) -> Result<Option<SignedIn>> {
    let Some(user) = enabled(db, EntityKind::User, &session.user_id).await? else { return Ok(None) };
    let Some(project_id) = &session.project_id else {
        return Ok(Some(SignedIn { session, user, project: None, roles: Vec::new(), credential: None }));
    };
    let Some(project) = enabled(db, EntityKind::Project, project_id).await? else { return Ok(None) };
    let credential = match &session.credential_id {
        Some(id) => one(db, &CREDENTIALS, &[("user_id", Some(&user.id)), ("id", Some(id))]).await?,
        None => None,
    };
    let is_opened = credential.is_some() == session.credential_id.is_some();
    let roles = roles(db, &user.id, project_id, credential.as_ref().map(Credential::roles).as_deref()).await?;
    let project = Some(project);
    Ok((is_opened && !roles.is_empty()).then(|| SignedIn { session, user, project, roles, credential }))
}

/// What the token of this hash stands for at this time.
pub async fn by_token(db: &mut Db, token_hash: &str, now: Time) -> Result<Option<SignedIn>> {
    let session = one(db, &SESSIONS, &[("token_hash", Some(token_hash))]).await?;
    let Some(session) = session.filter(|session| now < session.expires_at) else { return Ok(None) };
    signed_in(db, session).await
}

/// A credential by its id alone, which is what it is shown by.
pub async fn credential(db: &mut Db, kind: CredentialKind, id: &str) -> Result<Option<Credential>> {
    one(db, &CREDENTIALS, &[("id", Some(id)), ("kind", Some(kind.as_str()))]).await
}

/// Deletes the tokens that ended before this time.
pub async fn forget(db: &mut Db, until: Time) -> Result<()> {
    db.sql(FORGET).bind(until).run().await.map(|_| ())
}
