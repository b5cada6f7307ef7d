//! The row of an act: written in the transaction that does the work, read by whoever asks what was done, and by the store where
//! the answer to a COMMIT was lost.

use super::prelude::*;
use crate::domain::Act;
use crate::domain::act::{Outcome, unknown_transfer};
use crate::domain::limits::REFUSALS;

const INSERT: &str = "
    INSERT INTO acts (target, request_id, at, action, kind, record, transfer_id, outcome, reasons, project_id, user_id, address)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

/// Waits for the transaction that is writing the same row, if one is.
const PROBE: &str = "
    INSERT INTO acts (target, request_id, at, action, kind, outcome, reasons, project_id, user_id)
    VALUES ($1, $2, $3, '', '', '', '[]', '', '')";

const COUNT_REFUSAL: &str = "
    INSERT INTO refusals (project_id, hour, kept)
    VALUES ($1, $2, 1)
    ON CONFLICT (project_id, hour) DO UPDATE
    SET kept = refusals.kept + 1
    WHERE refusals.kept < $3";

const ACTS: &str = "
    SELECT target, request_id, at, action, kind, record, transfer_id, outcome, reasons, project_id, user_id, address
    FROM acts
    WHERE ";

/// In the index's order: the last of a slice of the oldest.
const SLICE: &str = "SELECT at AS n FROM acts ORDER BY at, request_id LIMIT 1 OFFSET $1";

const FORGET: &str = "DELETE FROM acts WHERE at <= $1";

const FORGET_COUNTS: &str = "DELETE FROM refusals WHERE hour < $1";

/// How many acts are in memory at once.
const BATCH: i64 = 1000;

/// The act that tells whether a transaction is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    pub target: Id,
    pub request_id: Id,
}

/// A record that is there.
pub struct Found {
    pub volume_id: Id,
    /// Of a transfer the donor's, whether it is pending or has ended.
    pub project_id: ProjectId,
    /// Whether the API knows it: a transfer that has ended is history.
    pub is_current: bool,
}

/// Notes an act, at the end of the transaction. [`StoreError::Duplicate`] then, when it is there already.
pub fn insert(db: &mut Db, act: &Act) {
    let (outcome, reasons) = act.outcome.words();
    let inserting = db.sql_later(INSERT).bind(act.target).bind(act.request_id).bind(act.at).bind(act.action.as_str());
    let inserting = inserting.bind(act.kind.as_str()).bind(act.record.as_deref()).bind(act.transfer_id).bind(outcome);
    let inserting = inserting.bind(json(&reasons)).bind(act.project_id.as_str()).bind(act.user_id.as_str());
    inserting.bind(act.address.as_deref()).later("acts");
}

/// Whether the act is committed. Waits until the transaction that may commit it is over. The caller rolls back.
pub(super) async fn is_committed(db: &mut Db, Witness { target, request_id }: Witness) -> Result<bool> {
    match db.sql(PROBE).bind(target).bind(request_id).bind(Time::EPOCH).run().await {
        Ok(_) => Ok(false),
        Err(StoreError::Duplicate { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Counts a refusal of its project and hour; whether there is room for it. Locks the count to the end of the transaction.
pub async fn has_room(db: &mut Db, refusal: &Act) -> Result<bool> {
    Ok(db.sql(COUNT_REFUSAL).bind(refusal.project_id.as_str()).bind(refusal.at.hour()).bind(REFUSALS).run().await? == 1)
}

/// The next acts behind a time and, at that time, a request; oldest first, none at the end.
pub async fn behind(db: &mut Db, (at, request_id): (Time, Id)) -> Result<Vec<Act>> {
    let behind = Select::new(db.engine(), ACTS).push("(at, request_id) > (").bind(at).push(", ").bind(request_id);
    behind.push(")\n    ORDER BY at, request_id\n    LIMIT ").bind(BATCH).on(db).all().await
}

/// The acts on a transfer, oldest first: all that was done, and of the refusals the first so many as leave `most` in all. What was done is
/// what was done by it, and the request that ended it as a part of something else, such as its volume's deletion.
pub async fn of_transfer(db: &mut Db, id: Id, most: i64) -> Result<Vec<Act>> {
    let acts = Select::new(db.engine(), ACTS).push("target IN ((SELECT volume_id FROM transfers WHERE id = ").bind(id);
    let acts = acts.push("), ").bind(unknown_transfer(id)).push(")\n      AND (transfer_id = ").bind(id);
    let acts = acts.push(" OR request_id = (SELECT ended_request_id FROM transfers WHERE id = ").bind(id);
    let acts = acts.push("))\n    ORDER BY outcome <> 'done', at, request_id\n    LIMIT ").bind(most);
    let mut acts: Vec<Act> = acts.on(db).all().await?;
    acts.sort_by_key(|act| (act.at, act.request_id));
    Ok(acts)
}

/// The last that was done to a volume, newest first.
pub async fn done_to(db: &mut Db, volume: Id) -> Result<Vec<Act>> {
    let done = Select::new(db.engine(), ACTS).push("target = ").bind(volume).push(" AND outcome = 'done'");
    done.push("\n    ORDER BY at DESC, request_id DESC\n    LIMIT ").bind(BATCH).on(db).all().await
}

/// The time of the last act of the oldest thousand; `None` where there are not as many.
pub async fn end_of_slice(db: &mut Db) -> Result<Option<Time>> {
    Ok(db.sql(SLICE).bind(BATCH - 1).first().await?.map(|Only(at)| at))
}

/// Deletes the acts up to this time; how many.
pub async fn forget(db: &mut Db, until: Time) -> Result<u64> {
    db.sql(FORGET).bind(until).run().await
}

/// Deletes the counts of refusals from hours that are over, and can be counted no more.
pub async fn forget_counts(db: &mut Db, until: Time) -> Result<()> {
    db.sql(FORGET_COUNTS).bind(until.hour()).run().await.map(|_| ())
}

/// The record, if it is there; a volume type is none of a project's.
pub async fn find(db: &mut Db, record_kind: RecordKind, id: Id) -> Result<Option<Found>> {
    let (table, volume, project, is_current) = match record_kind {
        RecordKind::Volume => ("volumes", "id", "project_id", "TRUE"),
        RecordKind::Transfer => ("transfers", "volume_id", "source_project_id", "state = 'pending'"),
        RecordKind::Snapshot => ("snapshots", "volume_id", "project_id", "TRUE"),
        RecordKind::Backup => ("backups", "volume_id", "project_id", "TRUE"),
        RecordKind::VolumeType => return Ok(None),
    };
    let select = Select::new(db.engine(), "\n    SELECT id, ").push(volume).push(" AS volume_id, ").push(project);
    let select = select.push(" AS project_id, ").push(is_current).push(" AS is_current\n    FROM ").push(table);
    select.push("\n    WHERE id = ").bind(id).on(db).first().await
}

from_row!(Act, "acts", { at, request_id, action, target, kind, record, transfer_id, user_id, address }, |row| {
    outcome: outcome(row)?,
    project_id: row.parse("project_id", ProjectId::stored)?,
});

fn outcome(row: &Row) -> Result<Outcome, BadColumn> {
    let reasons: Vec<String> = row.parse("reasons", |text| serde_json::from_str(text).ok())?;
    match row.get::<String>("outcome")? {
        word if word == Outcome::DONE && reasons.is_empty() => Ok(Outcome::Done),
        word if word == Outcome::DONE || word.is_empty() => Err(BadColumn("outcome")),
        code => Ok(Outcome::Refused { code, reasons }),
    }
}

from_row!(Found, "volumes, transfers, snapshots or backups", { volume_id, project_id, is_current });
