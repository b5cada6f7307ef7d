//! Volumes by the batch, for `import`: locked, read, written, put on offer.

use serde_json::json;

use super::copies::CopyKind;
use super::prelude::*;
use super::volumes::{Candidate, TABLE, candidates};

const SET_AVAILABLE: &str = "
    UPDATE volumes
    SET status = 'available'
    WHERE ";

/// `at` is null where an offer comes back as it was, and `updated_at` with it.
const PUT_ON_OFFER: &str = "
    UPDATE volumes
    SET status = 'awaiting-transfer',
        updated_at = CASE
            WHEN offered.at IS NOT NULL AND (updated_at IS NULL OR updated_at < offered.at) THEN offered.at
            ELSE updated_at
        END
    FROM ";

/// A volume as the rules see it, with whose it is.
pub struct Offerable {
    pub id: Id,
    pub user_id: Option<String>,
    pub candidate: Candidate,
}

/// Locks those of the volumes that exist to the end of the transaction. One import runs at a time, and whoever else locks has one
/// volume.
pub async fn lock(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    lock_rows(db, TABLE.name, "id", ids).await
}

/// Locks all the snapshots or backups that belong to the volumes: a backup's volume may be gone, and its lock with it.
pub async fn lock_copies(db: &mut Db, kind: CopyKind, volumes: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    lock_rows(db, kind.plural(), "volume_id", volumes).await
}

/// A distributed PostgreSQL locks several rows by changing them alone, and so does any other.
async fn lock_rows(
    db: &mut Db,
    table: &'static str,
    column: &'static str,
    ids: impl IntoIterator<Item = Id>,
) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(()); // BEGIN IMMEDIATE has locked the whole database
    }
    let mut lock = Select::new(db.engine(), "\n    UPDATE ");
    lock.push(table).push("\n    SET status = status\n    WHERE ").is_one_of(column, ids);
    lock.on(db).run().await.map(|_| ())
}

/// Those of the volumes that exist, as the rules see them.
pub async fn offerable(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Offerable>, StoreError> {
    let mut select = candidates(db.engine());
    select.is_one_of("v.id", ids);
    select.on(db).all().await
}

/// Makes volumes `awaiting-transfer`; each with when it was offered, or `None` to leave its `updated_at` alone.
pub async fn put_on_offer(db: &mut Db, volumes: &[(Id, Option<Time>)]) -> Result<(), StoreError> {
    if volumes.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let time = |at: Time| match engine {
        Engine::Sqlite => json!(at.micros()),
        Engine::Postgres => json!(format!("{at}Z")),
    };
    let offered = |(id, at): &(Id, Option<Time>)| json!({"id": id, "at": at.map(time)});
    let mut update = Select::new(engine, PUT_ON_OFFER);
    update
        .either("(SELECT value ->> 'id' AS id, value ->> 'at' AS at FROM json_each(", "jsonb_to_recordset(CAST(")
        .bind(json_rows::json(&volumes.iter().map(offered).collect::<Vec<_>>()).into())
        .either(")) AS offered", " AS JSONB)) AS offered (id UUID, at TIMESTAMPTZ)")
        .push("\n    WHERE volumes.id = offered.id");
    update.on(db).run().await.map(|_| ())
}

/// Makes volumes `available` that no pending transfer names.
pub async fn set_available(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    let mut update = Select::new(db.engine(), SET_AVAILABLE);
    update.is_one_of("id", ids);
    update.on(db).run().await.map(|_| ())
}

impl FromRow for Offerable {
    const TABLE: &'static str = "volumes";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self { id: row.get("id")?, user_id: row.get("user_id")?, candidate: Candidate::from_row(row)? })
    }
}
