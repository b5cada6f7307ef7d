//! Volume types.

use super::prelude::*;
use crate::domain::page::SortKey::{CreatedAt, Name};

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<VolumeType> = Table::new(
    "volume_types",
    &["id"],
    &[
        Of(UUID, &["id"]),
        Of(TEXT, &["name", "description"]),
        Of(BOOLEAN, &["is_public"]),
        Of(TEXT, &["extra_specs", "encryption", "projects"]),
        Of(TIMESTAMPTZ, &["created_at", "updated_at"]),
    ],
);

/// All types; of a project's those that it sees.
pub static ALL: List<VolumeType> = List {
    table: &TABLE,
    only: None,
    until: None,
    // no project's id has quotes
    project: "(is_public OR replace(projects, '\"' || CAST(? AS TEXT) || '\"', '') <> projects)",
    filters: &[(Kind::Is, None, &["name", "is_public"]), (Kind::Has, None, &["extra_specs"])],
    keys: &[Name, CreatedAt],
    counted_as: None,
};

/// What volumes are made of while others make some of it, too: it is neither renamed nor deleted meanwhile.
const FOR_KEY_SHARE: Sql = Sql { sqlite: "", postgres: "\n    FOR KEY SHARE" };

const RENAME: &str = "UPDATE volumes SET volume_type = $2 WHERE volume_type = $1";

/// A type by its id, to be changed in the transaction.
pub async fn locked(db: &mut Db, id: Id) -> Result<Option<VolumeType>> {
    TABLE.first(db, TABLE.select(db.engine()).push("id = ").bind(id).one_of(FOR_UPDATE)).await
}

/// A type by its name, or by its id where nothing is called so, as a volume is made of it.
pub async fn held(db: &mut Db, name: Option<&str>, id: Option<Id>) -> Result<Option<VolumeType>> {
    let select = TABLE.select(db.engine()).push("name = ").bind(name.unwrap_or_default()).push(" OR id = ");
    let select = select.bind(id.unwrap_or(Id::NIL)).one_of(FOR_KEY_SHARE);
    Ok(TABLE.all(db, select).await?.into_iter().max_by_key(|found| Some(&*found.name) == name))
}

/// Those of these names.
pub async fn named<'n>(db: &mut Db, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<VolumeType>> {
    TABLE.all(db, TABLE.select(db.engine()).is_one_of_texts("name", names)).await
}

/// Whether any volume is of the type of this name.
pub async fn is_used(db: &mut Db, name: &str) -> Result<bool> {
    let select = Select::new(db.engine(), "\n    SELECT id\n    FROM volumes\n    WHERE volume_type = ");
    Ok(select.bind(name).push("\n    LIMIT 1").on(db).row().await?.is_some())
}

/// Makes a locked type what it is to be, and volumes that were of it, by the name that it had, be called after it.
pub async fn save(db: &mut Db, the: &VolumeType, name: &str) -> Result<()> {
    TABLE.save(db, std::slice::from_ref(the)).await?;
    if the.name != name {
        db.sql(RENAME).bind(name).bind(the.name.as_str()).run().await?;
    }
    Ok(())
}
