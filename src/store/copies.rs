//! Snapshots and backups: two tables of one shape, each row keyed by its volume first; their lists, and what a page of them asks
//! besides.

use std::collections::HashSet;

use super::prelude::*;
use crate::domain::page::SortKey::{self, CreatedAt, Name, Size, Status, UpdatedAt, VolumeId};

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    Snapshot,
    Backup,
}

/// Their columns, by their names: a column that a newer binary adds must not change what this one's statements give.
const COLUMNS: &[Columns] = &[
    Of(UUID, &["id", "volume_id"]),
    Of(TEXT, &["project_id", "user_id", "name", "description", "status"]),
    Of(BIGINT, &["size"]),
    Of(BOOLEAN, &["consumes_quota"]),
    Of(TEXT, &["metadata", "extra"]),
    Of(TIMESTAMPTZ, &["created_at", "updated_at"]),
];

const KEY: &[&str] = &["volume_id", "id"];

/// Snapshots, each of a volume that is there.
pub static SNAPSHOTS: Table<VolumeCopy> = Table::new("snapshots", KEY, COLUMNS);

/// Backups, whose volume may be gone.
pub static BACKUPS: Table<VolumeCopy> = Table::new("backups", KEY, COLUMNS);

/// The zone of the snapshot's volume, while that is the same project's; so the others.
const ZONE: &str =
    "(SELECT v.availability_zone FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";
const DEDICATED_STORAGE: &str =
    "(SELECT v.dedicated_storage FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";
const EXTRA: &str = "(SELECT v.extra FROM volumes v WHERE v.id = snapshots.volume_id AND v.project_id = snapshots.project_id)";

/// The filters from `availability_zone` on ask about the snapshot's volume, as EVS's own list does.
pub static ALL_SNAPSHOTS: List<VolumeCopy> = List {
    table: &SNAPSHOTS,
    only: None,
    until: None,
    project: "project_id = ?",
    filters: &[
        (Kind::Is, None, &["name", "status", "id", "volume_id", "created_at", "updated_at"]),
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
pub static ALL_BACKUPS: List<VolumeCopy> = List {
    table: &BACKUPS,
    filters: &[(Kind::Is, None, &["name", "status", "id", "volume_id", "created_at", "updated_at"])],
    counted_as: Some("backups"),
    ..ALL_SNAPSHOTS
};

const KEYS: &[SortKey] = &[Name, Status, VolumeId, Size, CreatedAt, UpdatedAt];

/// By volume: few have a backup that may build on another, and an index holds those.
const PARENTS: Sql = Sql {
    sqlite: "
    SELECT DISTINCT extra ->> 'parent_id' AS id
    FROM backups
    WHERE extra ->> 'parent_id' IS NOT NULL AND extra <> '{}' AND ",
    postgres: "
    SELECT DISTINCT extra::jsonb ->> 'parent_id' AS id
    FROM backups
    WHERE extra::jsonb ->> 'parent_id' IS NOT NULL AND extra <> '{}' AND ",
};

impl CopyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Snapshot, Self::Backup];

    /// The table, and the key of a document's list.
    pub const fn plural(self) -> &'static str {
        self.table().name
    }

    /// Of what differs between the two, where the same is done to both, that of this kind.
    pub const fn either<T: Copy>(self, snapshot: T, backup: T) -> T {
        if matches!(self, Self::Snapshot) { snapshot } else { backup }
    }

    /// What one of them is called.
    pub const fn record_kind(self) -> RecordKind {
        self.either(RecordKind::Snapshot, RecordKind::Backup)
    }

    /// Where they are stored.
    pub const fn table(self) -> &'static Table<VolumeCopy> {
        self.either(&SNAPSHOTS, &BACKUPS)
    }
}

/// Locks a row to the end of the transaction and reads it. Its volume is locked first; but a backup's volume may be gone, and
/// then this lock is the only one.
pub async fn locked(db: &mut Db, kind: CopyKind, volume: Id, id: Id) -> Result<Option<VolumeCopy>> {
    let select = kind.table().select(db.engine()).push("volume_id = ").bind(volume).push("\n      AND id = ").bind(id);
    kind.table().first(db, select.one_of(FOR_UPDATE)).await
}

/// Those of all volumes from one to another, by volume, then by id.
pub async fn between(db: &mut Db, kind: CopyKind, first: Id, last: Id) -> Result<Vec<VolumeCopy>> {
    let select = kind.table().select(db.engine()).push("volume_id BETWEEN ").bind(first).push(" AND ").bind(last);
    kind.table().all(db, select.push("\n    ORDER BY volume_id, id")).await
}

/// Removes rows of these volumes.
pub async fn remove(db: &mut Db, kind: CopyKind, copies: &[VolumeCopy]) -> Result<()> {
    if copies.is_empty() {
        return Ok(());
    }
    let delete = Select::new(db.engine(), "\n    DELETE FROM ").push(kind.plural()).push("\n    WHERE ");
    let delete = delete.is_one_of("volume_id", copies.iter().map(|copy| copy.volume_id)).push("\n      AND ");
    delete.is_one_of("id", copies.iter().map(|copy| copy.id)).on(db).run().await.map(|_| ())
}

/// The backups of these volumes that an incremental backup builds on, which is of the same volume.
pub async fn parents(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<HashSet<Id>> {
    let select = Select::new(db.engine(), PARENTS.of(db.engine())).is_one_of("volume_id", volumes);
    // what is called so, whether or not it is an id
    Ok(select.on(db).rows().await?.iter().filter_map(|row| row.parse("id", Id::parse).ok()).collect())
}
