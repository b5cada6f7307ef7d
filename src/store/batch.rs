//! Rows by the batch. Whole tables for `export` and `check`, in the order of their keys: each row is read by itself, so that one
//! that fits no state is in the way of no other. Volumes for `import`: locked, read, written, put on offer.

use serde_json::json;

use super::prelude::*;
use super::summary::Pair;
use super::volumes::{Candidate, candidates};

/// PostgreSQL would keep a plan made when a table was empty, and scan it whole for each batch once it has grown.
const PLAN_ANEW: Sql = Sql { sqlite: "SELECT 1", postgres: "SET LOCAL plan_cache_mode = force_custom_plan" };

/// PostgreSQL plans by what it has last seen of its tables, which may be that they were empty, until it looks by itself.
const LOOK_ANEW: Sql = Sql { sqlite: "SELECT 1", postgres: "ANALYZE volumes, snapshots, backups, transfers" };

/// Two imports at once that add the same volume would each find no row to lock, and the later would undo what the earlier did.
const ONE_AT_A_TIME: Sql = Sql { sqlite: "SELECT 1", postgres: "SELECT name FROM locks WHERE name = 'import' FOR UPDATE" };

/// The indexes of an SQLite file's volumes that are no keys, and how each is made: once half of its volumes or more are new, and where
/// to sort a million of them would not fill the memory. See `temp_store` where it is opened. Rows are numbered as they come, so that the
/// last one's number is how many there are, or more.
const INDEXES: &str = "
    SELECT name AS key, sql AS value
    FROM sqlite_master
    WHERE type = 'index' AND tbl_name = 'volumes' AND sql LIKE 'CREATE INDEX %'
      AND (SELECT ifnull(max(rowid), 0) FROM volumes) <= 2 * $1 AND (SELECT temp_store FROM pragma_temp_store) <> 2";

const SET_AVAILABLE: &str = "UPDATE volumes SET status = 'available' WHERE ";

/// `at` is null where an offer comes back as it was, and `updated_at` with it.
const PUT_ON_OFFER: &str = "
    UPDATE volumes
    SET status = 'awaiting-transfer',
        updated_at = CASE
            WHEN offered.at IS NOT NULL AND (updated_at IS NULL OR updated_at < offered.at) THEN offered.at
            ELSE updated_at
        END,
        status_until = offered.until
    FROM ";

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

/// Rows, each by itself: [`StoreError::Inconsistent`] where one fits no state.
pub type Batch<T> = Vec<Result<T>>;

/// A backup that has outlived its volume.
pub const WITHOUT_VOLUME: &str = "NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = backups.volume_id)";

/// Makes a transaction ready for statements that are run again and again while tables grow.
pub async fn prepare(db: &mut Db) -> Result<()> {
    db.sql(PLAN_ANEW).run().await.map(|_| ())
}

/// Lets lists be planned by what the tables hold now: after many new rows.
pub async fn look_anew(db: &mut Db) -> Result<()> {
    db.sql(LOOK_ANEW).run().await.map(|_| ())
}

/// Drops the indexes of a file of whose volumes so many are new, if that is half of them or more, for [`make_indexes`] to make them of
/// all rows at once: to keep them while many are added in no order takes twice as long.
pub async fn lay_indexes_aside(db: &mut Db, new: i64) -> Result<Vec<Pair>> {
    let is_sqlite = db.engine() == Engine::Sqlite;
    let indexes: Vec<Pair> = if is_sqlite { db.sql(INDEXES).bind(new).all().await? } else { Vec::new() };
    for Pair { key, .. } in &indexes {
        db.put_together(put_together(format!("DROP INDEX \"{}\"", key.replace('"', "\"\"")))).run().await?;
    }
    Ok(indexes)
}

/// Makes indexes as they were made before.
pub async fn make_indexes(db: &mut Db, indexes: Vec<Pair>) -> Result<()> {
    for Pair { value, .. } in indexes {
        db.put_together(put_together(value)).run().await?;
    }
    Ok(())
}

/// Waits for every other import to end.
pub async fn take_turn(db: &mut Db) -> Result<()> {
    db.sql(ONE_AT_A_TIME).run().await.map(|_| ())
}

/// The next records of a table, of `only` these where it is given, none at the end: in the order of the ids, or of what has no
/// other key.
pub async fn next<T: DeserializeOwned>(
    db: &mut Db,
    table: &Table<T>,
    only: Option<&'static str>,
    cursor: &mut Cursor,
) -> Result<Batch<T>> {
    // the id is the last part of a key
    let key = table.key.last().copied().unwrap_or("id");
    let mut select = table.select(db.engine()).push(only.unwrap_or("true"));
    if let Some(last) = &cursor.key {
        // what stands there, whether or not it is a key
        select = select.push("\n      AND ").push(key).push(" >= ").either("CAST(", "CAST(convert_from(");
        select = select.bind(Param::Bytes(last.clone())).either(" AS TEXT)", ", 'UTF8')").either("", table.kind(key));
    }
    let others = table.key.iter().filter(|other| **other != key);
    select = others.fold(select.push("\n    ORDER BY ").push(key), |select, other| select.push(", ").push(other));
    select = select.push("\n    LIMIT ").bind(BATCH).push("\n    OFFSET ").bind(cursor.read);
    let rows = table.each(select).on(db).rows().await?;
    let mut values = Batch::new();
    for row in rows {
        let is_odd = |BadColumn(column)| StoreError::Inconsistent { table: table.name, column, row: "?".to_owned() };
        let stored = Some(row.stored(key).map_err(is_odd)?);
        cursor.read = if cursor.key == stored { cursor.read + 1 } else { 1 };
        cursor.key = stored;
        values.push(table.record_in(&row));
    }
    Ok(values)
}

/// Locks the rows of a table that have one of these ids in a column, to the end of the transaction: volumes, and then the snapshots
/// or backups of volumes, since a backup's may be gone, and its lock with it. One import runs at a time, and whoever else locks has one
/// volume. A distributed PostgreSQL locks several rows by changing them alone, and so does any other.
pub async fn lock(db: &mut Db, table: &'static str, column: &'static str, ids: impl IntoIterator<Item = Id>) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Ok(()); // BEGIN IMMEDIATE has locked the whole database
    }
    let lock = Select::new(db.engine(), "\n    UPDATE ").push(table).push("\n    SET status = status\n    WHERE ");
    lock.is_one_of(column, ids).on(db).run().await.map(|_| ())
}

/// Those of the volumes that exist, as the rules see them.
pub async fn offerable(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Candidate>> {
    candidates(db.engine()).is_one_of("v.id", ids).on(db).all().await
}

/// Makes volumes `awaiting-transfer`; each with when it was offered, or `None` to leave its `updated_at` alone, and when the offer
/// ends by itself.
pub async fn put_on_offer(db: &mut Db, volumes: &[(Id, Option<Time>, Option<Time>)]) -> Result<()> {
    if volumes.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let time = |at: Time| match engine {
        Engine::Sqlite => json!(at.micros()),
        Engine::Postgres => json!(format!("{at}Z")),
    };
    let offered =
        |(id, at, until): &(Id, Option<Time>, Option<Time>)| json!({"id": id, "at": at.map(time), "until": until.map(time)});
    let update = Select::new(engine, PUT_ON_OFFER)
        .either(
            "(SELECT value ->> 'id' AS id, value ->> 'at' AS at, value ->> 'until' AS until FROM json_each(",
            "jsonb_to_recordset(CAST(",
        )
        .bind(json(&volumes.iter().map(offered).collect::<Vec<_>>()))
        .either(")) AS offered", " AS JSONB)) AS offered (id UUID, at TIMESTAMPTZ, until TIMESTAMPTZ)")
        .push("\n    WHERE volumes.id = offered.id");
    update.on(db).run().await.map(|_| ())
}

/// Makes volumes `available` that no pending transfer names.
pub async fn set_available(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<()> {
    Select::new(db.engine(), SET_AVAILABLE).is_one_of("id", ids).on(db).run().await.map(|_| ())
}
