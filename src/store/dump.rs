//! Whole tables by the batch, in the order of their keys, for `export` and `check`. Each row is read by itself: one that fits
//! no state is in the way of no other.

use serde::de::DeserializeOwned;

use super::prelude::*;
use super::record;

/// How many rows are in memory at once.
const BATCH: i64 = 1000;

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

/// A backup that has outlived its volume.
pub const WITHOUT_VOLUME: &str = "NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = backups.volume_id)";

/// The next records of a table, of `only` these where it is given, none at the end: in the order of the ids, or of what has no
/// other key.
pub async fn batch<T: DeserializeOwned>(
    db: &mut Db,
    table: &Table<T>,
    only: Option<&'static str>,
    cursor: &mut Cursor,
) -> Result<Batch<T>, StoreError> {
    // the id is the last part of a key
    let key = table.key.last().copied().unwrap_or("id");
    let mut select = table.select(db.engine());
    select.push(only.unwrap_or("true"));
    if let Some(last) = &cursor.key {
        // what stands there, whether or not it is a key
        select.push("\n      AND ").push(key).push(" >= ").either("CAST(", "CAST(convert_from(");
        select.bind(Param::Bytes(last.clone())).either(" AS TEXT)", ", 'UTF8')").either("", table.kind(key));
    }
    select.push("\n    ORDER BY ").push(key);
    for other in table.key.iter().filter(|other| **other != key) {
        select.push(", ").push(other);
    }
    select.push("\n    LIMIT ").bind(BATCH.into()).push("\n    OFFSET ").bind(cursor.read.into());
    let rows = table.each(select).on(db).rows().await?;
    let mut values = Batch::new();
    for row in rows {
        cursor.pass(row.stored(key).map_err(|BadColumn(column)| StoreError::Inconsistent {
            table: table.name,
            column,
            row: "?".to_owned(),
        })?);
        values.push(record::read(table, row.bytes("record")?));
    }
    Ok(values)
}
