//! The lists of snapshots and backups, and what a page of them asks besides.

use std::collections::HashSet;

use super::copies;
use super::list::{Kind, List};
use super::prelude::*;
use crate::domain::VolumeCopy;
use crate::domain::page::SortKey::{self, CreatedAt, Name, Size, Status, UpdatedAt, VolumeId};

/// The zone of the snapshot's volume, while that is the same project's; so the others.
const ZONE: &str =
    "(SELECT v.availability_zone FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";
const DEDICATED_STORAGE: &str =
    "(SELECT v.dedicated_storage FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";
const EXTRA: &str = "(SELECT v.extra FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";

/// The filters from `availability_zone` on ask about the snapshot's volume, as EVS's own list does.
pub static SNAPSHOTS: List<VolumeCopy> = List {
    table: &copies::SNAPSHOTS,
    only: None,
    project: "project_id = ?",
    filters: &[
        (Kind::Is, None, &["name", "status", "id", "volume_id"]),
        (Kind::Has, None, &["metadata"]),
        (Kind::Is, Some(ZONE), &["availability_zone"]),
        (Kind::Is, Some(DEDICATED_STORAGE), &["service_type"]),
        (Kind::Field, Some(EXTRA), &["dedicated_storage_id"]),
        (Kind::FieldHas, Some(EXTRA), &["dedicated_storage_name"]),
        (Kind::FieldOrZero, Some(EXTRA), &["enterprise_project_id"]),
    ],
    keys: KEYS,
    counted_as: Some("snapshots"),
};

/// The backups of any volume, gone ones too.
pub static BACKUPS: List<VolumeCopy> = List {
    table: &copies::BACKUPS,
    only: None,
    project: "project_id = ?",
    filters: &[(Kind::Is, None, &["name", "status", "id", "volume_id"])],
    keys: KEYS,
    counted_as: Some("backups"),
};

const KEYS: &[SortKey] = &[Name, Status, VolumeId, Size, CreatedAt, UpdatedAt];

/// By volume: few have a backup that may build on another, and an index holds those.
const PARENTS: Sql = Sql {
    sqlite: "
    SELECT DISTINCT extra ->> 'parent_id' AS id
    FROM backups
    WHERE extra ->> 'parent_id' IS NOT NULL
      AND extra <> '{}'
      AND ",
    postgres: "
    SELECT DISTINCT extra::jsonb ->> 'parent_id' AS id
    FROM backups
    WHERE extra::jsonb ->> 'parent_id' IS NOT NULL
      AND extra <> '{}'
      AND ",
};

/// The backups of these volumes that an incremental backup builds on, which is of the same volume.
pub async fn parents(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<HashSet<Id>, StoreError> {
    let mut select = Select::new(db.engine(), PARENTS.of(db.engine()));
    select.is_one_of("volume_id", volumes);
    let rows: Vec<Parent> = select.on(db).all().await?;
    Ok(rows.iter().filter_map(|Parent { id }| Id::parse(id)).collect())
}

/// What is called so by a backup, whether or not it is an id.
struct Parent {
    id: String,
}

from_row!(Parent, "backups", { id });
