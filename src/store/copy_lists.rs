//! The lists of snapshots and backups, and what a page of them asks besides.

use std::collections::HashSet;

use super::{
    Db, FromRow, Sql, StoreError, bulk,
    list::{Kind, List},
    statement::{BadColumn, Row},
};
use crate::domain::{Id, page::SortKey};

/// Every column, by its name: a column that a newer binary adds must not change what this one's statements give.
macro_rules! columns {
    () => {
        "volume_id, id, project_id, user_id, name, description, status, size, metadata, extra, created_at, updated_at"
    };
}
pub(super) use columns;

/// A column of the snapshot's volume, while that is the same project's.
macro_rules! of_volume {
    ($column:literal) => {
        concat!(
            "(SELECT v.",
            $column,
            " FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)"
        )
    };
}

/// The filters from `availability_zone` on ask about the snapshot's volume, as EVS's own list does.
pub static SNAPSHOTS: List = List {
    columns: columns!(),
    table: "snapshots",
    only: None,
    project: "project_id",
    filters: &[
        ("name", "name", Kind::Is),
        ("status", "status", Kind::Is),
        ("id", "id", Kind::Is),
        ("volume_id", "volume_id", Kind::Is),
        ("metadata", "metadata", Kind::Has),
        ("availability_zone", of_volume!("availability_zone"), Kind::Is),
        ("service_type", of_volume!("dedicated_storage"), Kind::Is),
        ("dedicated_storage_id", of_volume!("extra"), Kind::Field),
        ("dedicated_storage_name", of_volume!("extra"), Kind::FieldHas),
        ("enterprise_project_id", of_volume!("extra"), Kind::FieldOrZero),
    ],
    keys: KEYS,
    counted_as: Some("snapshots"),
};

/// The backups of any volume, gone ones too.
pub static BACKUPS: List = List {
    columns: columns!(),
    table: "backups",
    only: None,
    project: "project_id",
    filters: &[
        ("name", "name", Kind::Is),
        ("status", "status", Kind::Is),
        ("id", "id", Kind::Is),
        ("volume_id", "volume_id", Kind::Is),
    ],
    keys: KEYS,
    counted_as: Some("backups"),
};

const KEYS: &[(SortKey, &str)] = &[
    (SortKey::Name, "name"),
    (SortKey::Status, "status"),
    (SortKey::VolumeId, "volume_id"),
    (SortKey::Size, "size"),
    (SortKey::CreatedAt, "created_at"),
    (SortKey::UpdatedAt, "updated_at"),
];

/// An incremental backup is of the same volume as the one that it builds on.
const PARENTS: Sql = Sql {
    sqlite: "
    SELECT p.id
    FROM backups p
    WHERE p.id IN (SELECT value FROM json_each($1))
      AND EXISTS (SELECT 1 FROM backups b WHERE b.volume_id = p.volume_id AND b.extra ->> 'parent_id' = p.id)",
    postgres: "
    SELECT p.id
    FROM backups p
    WHERE p.id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::uuid))
      AND EXISTS (
          SELECT 1
          FROM backups b
          WHERE b.volume_id = p.volume_id
            AND b.extra::jsonb ->> 'parent_id' = p.id::text)",
};

/// Those of the backups that an incremental backup builds on.
pub async fn parents(db: &mut Db, backups: impl IntoIterator<Item = Id>) -> Result<HashSet<Id>, StoreError> {
    let ids = bulk::ids(backups);
    let rows: Vec<Parent> = db.sql(PARENTS).bind(ids).all().await?;
    Ok(rows.into_iter().map(|Parent(id)| id).collect())
}

struct Parent(Id);

impl FromRow for Parent {
    const TABLE: &'static str = "backups";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        row.get("id").map(Self)
    }
}
