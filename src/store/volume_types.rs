//! Volume types, and the projects that private ones are open to.

use super::list::{Kind, List};
use super::prelude::*;
use super::table::{BOOLEAN, Of, TEXT, TIMESTAMPTZ, UUID};
use crate::domain::VolumeType;
use crate::domain::page::SortKey::{CreatedAt, Name};
use crate::domain::volume_type::Access;

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<VolumeType> = Table::new(
    "volume_types",
    &["id"],
    &[
        Of(UUID, &["id"]),
        Of(TEXT, &["name", "description"]),
        Of(BOOLEAN, &["is_public"]),
        Of(TEXT, &["extra_specs", "encryption"]),
        Of(TIMESTAMPTZ, &["created_at", "updated_at"]),
    ],
);

/// Which project sees which private type.
pub static ACCESS: Table<Access> = Table::new(
    "volume_type_access",
    &["volume_type_id", "project_id"],
    &[Of(UUID, &["volume_type_id"]), Of(TEXT, &["project_id"])],
);

/// All types; of a project's those that it sees.
pub static ALL: List<VolumeType> = List {
    table: &TABLE,
    only: None,
    project: "(is_public OR EXISTS (
          SELECT 1
          FROM volume_type_access a
          WHERE a.volume_type_id = volume_types.id
            AND a.project_id = ?))",
    filters: &[(Kind::Is, None, &["name", "is_public"]), (Kind::Has, None, &["extra_specs"])],
    keys: &[Name, CreatedAt],
    counted_as: None,
};

/// What volumes are made of while others make some of it, too: it is neither renamed nor deleted meanwhile.
const FOR_KEY_SHARE: Sql = Sql { sqlite: "", postgres: "\n    FOR KEY SHARE" };

const RENAME: &str = "
    UPDATE volumes
    SET volume_type = $2
    WHERE volume_type = $1";

const REMOVE: &str = "
    DELETE FROM volume_types
    WHERE id = $1";

const CLOSE: &str = "
    DELETE FROM volume_type_access
    WHERE volume_type_id = $1
      AND project_id = $2";

/// A type by its id, to be changed in the transaction.
pub async fn locked(db: &mut Db, id: Id) -> Result<Option<VolumeType>, StoreError> {
    let mut select = TABLE.select(db.engine());
    select.push("id = ").bind(id.into()).one_of(FOR_UPDATE);
    TABLE.first(db, select).await
}

/// A type by its name, or by its id where nothing is called so, as a volume is made of it.
pub async fn held(db: &mut Db, name: Option<&str>, id: Option<Id>) -> Result<Option<VolumeType>, StoreError> {
    let mut select = TABLE.select(db.engine());
    select.push("name = ").bind(name.unwrap_or_default().into());
    if let Some(id) = id {
        select.push(" OR id = ").bind(id.into());
    }
    select.one_of(FOR_KEY_SHARE);
    let mut found = TABLE.all(db, select).await?;
    found.sort_by_key(|found| Some(found.name.as_str()) != name);
    Ok(found.into_iter().next())
}

/// Those of these names.
pub async fn named<'n>(db: &mut Db, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<VolumeType>, StoreError> {
    let mut select = TABLE.select(db.engine());
    select.is_one_of_texts("name", names);
    TABLE.all(db, select).await
}

/// Whether any volume is of the type of this name.
pub async fn is_used(db: &mut Db, name: &str) -> Result<bool, StoreError> {
    let mut select = Select::new(db.engine(), "\n    SELECT id\n    FROM volumes\n    WHERE volume_type = ");
    select.bind(name.into()).push("\n    LIMIT 1");
    Ok(select.on(db).row().await?.is_some())
}

/// The projects that types are open to, in their order; only one of them, where one is given.
pub async fn access(
    db: &mut Db,
    types: impl IntoIterator<Item = Id>,
    project: Option<&ProjectId>,
) -> Result<Vec<Access>, StoreError> {
    let mut select = ACCESS.select(db.engine());
    select.is_one_of("volume_type_id", types);
    if let Some(project) = project {
        select.push("\n      AND project_id = ").bind(project.as_str().into());
    }
    select.push("\n    ORDER BY volume_type_id, project_id");
    ACCESS.all(db, select).await
}

/// Renames volumes with their type, which is locked.
pub async fn rename(db: &mut Db, from: &str, to: &str) -> Result<(), StoreError> {
    db.sql(RENAME).bind(from).bind(to).run().await.map(|_| ())
}

/// Removes a locked type, and what it was open to.
pub async fn remove(db: &mut Db, id: Id) -> Result<(), StoreError> {
    db.sql(REMOVE).bind(id).run().await.map(|_| ())
}

/// Closes a type to a project; whether it was open to it.
pub async fn close(db: &mut Db, id: Id, project: &ProjectId) -> Result<bool, StoreError> {
    Ok(db.sql(CLOSE).bind(id).bind(project.as_str()).run().await? == 1)
}
