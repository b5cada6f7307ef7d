//! Whole tables by the batch, in the order of their ids, for `export` and `check`.

use uuid::Uuid;

use super::{
    Db, StoreError,
    copies::{BackupRow, Kind, SnapshotRow},
    statement::FromRow,
};
use crate::domain::{Copy, Id, Transfer, Volume};

/// How many rows are in memory at once.
pub(super) const BATCH: i64 = 1000;

const VOLUMES: &str = "
    SELECT *
    FROM volumes
    WHERE id >= $1
    ORDER BY id
    LIMIT $2";

const TRANSFERS: &str = "
    SELECT *
    FROM transfers
    WHERE id >= $1
    ORDER BY id
    LIMIT $2";

const SNAPSHOTS: &str = "
    SELECT *
    FROM snapshots
    WHERE id >= $1
    ORDER BY id
    LIMIT $2";

const BACKUPS: &str = "
    SELECT *
    FROM backups
    WHERE id >= $1
    ORDER BY id
    LIMIT $2";

const BACKUPS_WITHOUT_VOLUME: &str = "
    SELECT *
    FROM backups
    WHERE id >= $1
      AND NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = backups.volume_id)
    ORDER BY id
    LIMIT $2";

/// How far a table has been read: the least id that may come next, or the end.
#[derive(Debug, Clone, Copy)]
pub struct Cursor(Option<Uuid>);

impl Cursor {
    pub const START: Self = Self(Some(Uuid::nil()));
    pub const END: Self = Self(None);

    /// Behind the row with this id.
    pub fn behind(id: Id) -> Self {
        Self(id.uuid().as_u128().checked_add(1).map(Uuid::from_u128))
    }
}

/// The next volumes, none at the end.
pub async fn volumes(db: &mut Db, cursor: &mut Cursor) -> Result<Vec<Volume>, StoreError> {
    batch(db, VOLUMES, cursor, |volume: &Volume| volume.id).await
}

/// The next transfers, none at the end.
pub async fn transfers(db: &mut Db, cursor: &mut Cursor) -> Result<Vec<Transfer>, StoreError> {
    batch(db, TRANSFERS, cursor, |transfer: &Transfer| transfer.offer.id).await
}

/// The next snapshots or backups, none at the end.
pub async fn copies(db: &mut Db, kind: Kind, cursor: &mut Cursor) -> Result<Vec<Copy>, StoreError> {
    match kind {
        Kind::Snapshot => {
            let rows = batch(db, SNAPSHOTS, cursor, |SnapshotRow(snapshot)| snapshot.id).await?;
            Ok(rows.into_iter().map(|SnapshotRow(snapshot)| snapshot).collect())
        }
        Kind::Backup => backups(db, BACKUPS, cursor).await,
    }
}

/// The next backups that have outlived their volume, none at the end.
pub async fn backups_without_volume(db: &mut Db, cursor: &mut Cursor) -> Result<Vec<Copy>, StoreError> {
    backups(db, BACKUPS_WITHOUT_VOLUME, cursor).await
}

async fn backups(db: &mut Db, sql: &'static str, cursor: &mut Cursor) -> Result<Vec<Copy>, StoreError> {
    let rows = batch(db, sql, cursor, |BackupRow(backup)| backup.id).await?;
    Ok(rows.into_iter().map(|BackupRow(backup)| backup).collect())
}

async fn batch<T: FromRow>(
    db: &mut Db,
    sql: &'static str,
    cursor: &mut Cursor,
    id: impl Fn(&T) -> Id,
) -> Result<Vec<T>, StoreError> {
    let Cursor(Some(from)) = *cursor else { return Ok(Vec::new()) };
    let rows: Vec<T> = db.sql(sql).bind(Id::new(from)).bind(BATCH).all().await?;
    *cursor = rows.last().map_or(Cursor::END, |last| Cursor::behind(id(last)));
    Ok(rows)
}
