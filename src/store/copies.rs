//! Snapshots and backups: two tables of one shape, each row keyed by its volume first.

use super::prelude::*;
use super::table::{BIGINT, BOOLEAN, Of, TEXT, TIMESTAMPTZ, UUID};
use crate::domain::{RecordKind, VolumeCopy};

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

impl CopyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Snapshot, Self::Backup];

    /// The table, and the key of a document's list.
    pub const fn plural(self) -> &'static str {
        self.table().name
    }

    /// Of what differs between the two, where the same is done to both, that of this kind.
    pub const fn either<T: Copy>(self, snapshot: T, backup: T) -> T {
        match self {
            Self::Snapshot => snapshot,
            Self::Backup => backup,
        }
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
pub async fn locked(db: &mut Db, kind: CopyKind, volume: Id, id: Id) -> Result<Option<VolumeCopy>, StoreError> {
    let mut select = kind.table().select(db.engine());
    select.push("volume_id = ").bind(volume.into()).push("\n      AND id = ").bind(id.into());
    select.one_of(FOR_UPDATE);
    kind.table().first(db, select).await
}

/// Those of all volumes from one to another, by volume, then by id.
pub async fn between(db: &mut Db, kind: CopyKind, first: Id, last: Id) -> Result<Vec<VolumeCopy>, StoreError> {
    let mut select = kind.table().select(db.engine());
    select.push("volume_id BETWEEN ").bind(first.into()).push(" AND ").bind(last.into());
    select.push("\n    ORDER BY volume_id, id");
    kind.table().all(db, select).await
}

/// Removes rows of these volumes.
pub async fn remove(db: &mut Db, kind: CopyKind, copies: &[VolumeCopy]) -> Result<(), StoreError> {
    if copies.is_empty() {
        return Ok(());
    }
    let mut delete = Select::new(db.engine(), "\n    DELETE FROM ");
    delete.push(kind.plural()).push("\n    WHERE ").is_one_of("volume_id", copies.iter().map(|copy| copy.volume_id));
    delete.push("\n      AND ").is_one_of("id", copies.iter().map(|copy| copy.id));
    delete.on(db).run().await.map(|_| ())
}
