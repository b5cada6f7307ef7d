//! The lists of snapshots and backups, and what a page of them asks besides.

use std::collections::HashSet;

use super::{
    Db, FromRow, Sql, StoreError, bulk,
    list::Listing,
    statement::{BadColumn, Row},
};
use crate::domain::Id;

/// Every column, by its name: a column that a newer binary adds must not change what this one's statements give.
macro_rules! columns {
    () => {
        "volume_id, id, project_id, user_id, name, description, status, size, metadata, extra, created_at, updated_at"
    };
}
pub(super) use columns;

/// The filters from `availability_zone` on ask about the snapshot's volume, as EVS's own list does.
pub static SNAPSHOTS: Listing = listing! {
    columns: columns!(),
    rows: "FROM snapshots
    WHERE true",
    project: "project_id",
    filters: [
        text "name" "name",
        text "status" "status",
        uuid "id" "id",
        uuid "volume_id" "volume_id",
        map "metadata" "metadata",
        text "availability_zone" "(SELECT v.availability_zone FROM volumes v WHERE v.id = volume_id AND v.project_id = snapshots.project_id)",
        text "service_type" "(SELECT v.dedicated_storage FROM volumes v WHERE v.id = volume_id AND v.project_id = snapshots.project_id)",
        field "dedicated_storage_id" "(SELECT v.extra FROM volumes v WHERE v.id = volume_id AND v.project_id = snapshots.project_id)",
        part "dedicated_storage_name" "(SELECT v.extra FROM volumes v WHERE v.id = volume_id AND v.project_id = snapshots.project_id)",
        field_or_0 "enterprise_project_id" "(SELECT v.extra FROM volumes v WHERE v.id = volume_id AND v.project_id = snapshots.project_id)",
    ],
    keys: [
        text "name" "name",
        text "status" "status",
        uuid "volume_id" "volume_id",
        number "size" "size",
        time "created_at" "created_at",
        time "updated_at" "updated_at",
    ],
};

pub static BACKUPS: Listing = listing! {
    columns: columns!(),
    rows: "FROM backups
    WHERE true",
    project: "project_id",
    filters: [text "name" "name", text "status" "status", uuid "id" "id", uuid "volume_id" "volume_id"],
    keys: [
        text "name" "name",
        text "status" "status",
        uuid "volume_id" "volume_id",
        number "size" "size",
        time "created_at" "created_at",
        time "updated_at" "updated_at",
    ],
};

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
