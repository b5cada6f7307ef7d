//! Whole tables by the batch, in the order of their keys, for `export` and `check`. Each row is read by itself: one that fits
//! no state is in the way of no other.

use super::{
    Db, Sql, StoreError,
    copies::{BackupRow, Kind, SnapshotRow},
    statement::{BadColumn, FromRow, Row},
};
use crate::domain::{Copy, Transfer, Volume, quota::Quota};

/// How many rows are in memory at once.
const BATCH: i64 = 1000;

/// Rows of a table from a key on: $1 the bytes of the key, null for the least, $2 how many, $3 how many to leave out before.
macro_rules! from_key {
    ($table:literal, $key:literal, $least:expr, $tail:literal) => {
        Sql {
            sqlite: concat!(
                "
    SELECT *
    FROM ",
                $table,
                "
    WHERE ",
                $key,
                " >= CAST(COALESCE($1, '') AS TEXT)",
                $tail,
                "
    LIMIT $2
    OFFSET $3"
            ),
            postgres: concat!(
                "
    SELECT *
    FROM ",
                $table,
                "
    WHERE ",
                $key,
                " >= COALESCE(",
                $least,
                ")",
                $tail,
                "
    LIMIT $2
    OFFSET $3"
            ),
        }
    };
}

/// The key as PostgreSQL stores it, or the least there is.
macro_rules! uuid {
    () => {
        "CAST(convert_from($1, 'UTF8') AS UUID), '00000000-0000-0000-0000-000000000000'"
    };
}

const VOLUMES: Sql = from_key!(
    "volumes",
    "id",
    uuid!(),
    "
    ORDER BY id"
);

const TRANSFERS: Sql = from_key!(
    "transfers",
    "id",
    uuid!(),
    "
    ORDER BY id, volume_id"
);

const SNAPSHOTS: Sql = from_key!(
    "snapshots",
    "id",
    uuid!(),
    "
    ORDER BY id, volume_id"
);

const BACKUPS: Sql = from_key!(
    "backups",
    "id",
    uuid!(),
    "
    ORDER BY id, volume_id"
);

const BACKUPS_WITHOUT_VOLUME: Sql = from_key!(
    "backups",
    "id",
    uuid!(),
    "
      AND NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = backups.volume_id)
    ORDER BY id, volume_id"
);

/// The default class's limits first: no project's id sorts before its empty one.
const QUOTAS: Sql = from_key!(
    "quota_limits",
    "project_id",
    "convert_from($1, 'UTF8'), ''",
    "
    ORDER BY project_id"
);

/// How far a table has been read.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    /// The last row's key as it is stored, whether or not it is one.
    key: Option<Vec<u8>>,
    /// How many rows of this key were read: an id that two rows have is a fault, but neither row is lost by it.
    read: i64,
}

impl Cursor {
    fn pass(&mut self, key: Vec<u8>) {
        let is_another = self.key.as_ref() != Some(&key);
        self.read = if is_another { 1 } else { self.read + 1 };
        self.key = Some(key);
    }
}

/// Rows, each by itself: [`StoreError::Inconsistent`] where one fits no state.
pub type Batch<T> = Vec<Result<T, StoreError>>;

/// The rows of a batch. The error of the first that fits no state.
pub fn whole<T>(batch: Batch<T>) -> Result<Vec<T>, StoreError> {
    batch.into_iter().collect()
}

/// The next volumes, none at the end.
pub async fn volumes(db: &mut Db, cursor: &mut Cursor) -> Result<Batch<Volume>, StoreError> {
    batch(db, VOLUMES, cursor, |volume| volume).await
}

/// The next transfers, none at the end.
pub async fn transfers(db: &mut Db, cursor: &mut Cursor) -> Result<Batch<Transfer>, StoreError> {
    batch(db, TRANSFERS, cursor, |transfer| transfer).await
}

/// The next snapshots or backups, none at the end.
pub async fn copies(db: &mut Db, kind: Kind, cursor: &mut Cursor) -> Result<Batch<Copy>, StoreError> {
    match kind {
        Kind::Snapshot => batch(db, SNAPSHOTS, cursor, |SnapshotRow(snapshot)| snapshot).await,
        Kind::Backup => batch(db, BACKUPS, cursor, |BackupRow(backup)| backup).await,
    }
}

/// The next backups that have outlived their volume, none at the end.
pub async fn backups_without_volume(db: &mut Db, cursor: &mut Cursor) -> Result<Batch<Copy>, StoreError> {
    batch(db, BACKUPS_WITHOUT_VOLUME, cursor, |BackupRow(backup)| backup).await
}

/// The next limits that were set, none at the end: the default class's first, then by project.
pub async fn quotas(db: &mut Db, cursor: &mut Cursor) -> Result<Batch<Quota>, StoreError> {
    batch(db, QUOTAS, cursor, |quota| quota).await
}

async fn batch<R: FromRow, T>(
    db: &mut Db,
    sql: Sql,
    cursor: &mut Cursor,
    value: impl Fn(R) -> T,
) -> Result<Batch<T>, StoreError> {
    let rows = db.sql(sql).bind(cursor.key.clone()).bind(BATCH).bind(cursor.read).all::<Keyed<R>>().await?;
    let values = rows.into_iter().map(|Keyed { key, read }| {
        cursor.pass(key);
        read.map(&value)
    });
    Ok(values.collect())
}

/// A row that is read by itself, and its key as it is stored.
struct Keyed<R> {
    key: Vec<u8>,
    read: Result<R, StoreError>,
}

impl<R: FromRow> FromRow for Keyed<R> {
    const TABLE: &'static str = R::TABLE;

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self { key: row.key()?, read: row.read() })
    }
}
