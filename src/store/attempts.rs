//! Wrong keys: how many a project has tried of a transfer, and of all transfers together, since when; and how many a transfer has
//! met in all.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::prelude::*;
use crate::domain::span::Attempts;

/// One more, or none, of what fits into the time; no row where it is full. One that has met none yet begins its time anew.
const COUNT: &str = "
    INSERT INTO attempts (transfer_id, project_id, failed, tried, since)
    VALUES ($1, $2, $3, $3, $4)
    ON CONFLICT (transfer_id, project_id) DO UPDATE
    SET failed = attempts.failed + $3,
        tried = CASE WHEN attempts.since <= $5 OR attempts.since > $7 OR attempts.tried = 0 THEN $3 ELSE attempts.tried + $3 END,
        since = CASE WHEN attempts.since <= $5 OR attempts.since > $7 OR attempts.tried = 0 THEN $4 ELSE attempts.since END
    WHERE attempts.since <= $5
       OR attempts.since > $7
       OR attempts.tried < $6";

const FULL: &str = "
    SELECT since AS n
    FROM attempts
    WHERE project_id = $1 AND since > $2 AND since <= $7
      AND (transfer_id = $3 AND tried >= $4 OR transfer_id = $5 AND tried >= $6)
    ORDER BY since DESC
    LIMIT 1";

/// Nothing is known of who has tried nothing.
const TIDY: &str = "DELETE FROM attempts WHERE transfer_id IN ($1, $2) AND project_id = $3 AND failed = 0";

const FAILED: &str = "SELECT transfer_id, CAST(SUM(failed) AS BIGINT) AS failed FROM attempts WHERE ";

const FORGET: &str = "DELETE FROM attempts WHERE since <= $1";

/// What a project's tries of all transfers are counted under.
const ALL: Id = Id::new(Uuid::from_u128(0x3b1d_6a52_90c7_4e8f_8a64_d2f7_15ce_09b3));

/// A transfer, and the project that tries a key of it.
type Try<'p> = (Id, &'p ProjectId);

/// Counts `more` wrong keys of a project, or none; whether there is room. Locks the counts to the end of the transaction.
pub async fn count(db: &mut Db, (transfer, project): Try<'_>, limits: Option<Attempts>, more: i64, now: Time) -> Result<bool> {
    // what lies further ahead was counted by a clock that was wrong
    let [begun, later] = limits.map_or([now; 2], |limits| [now.before(limits.within), now.after(limits.within)]);
    let most = limits.map_or(i64::MAX, |limits| limits.most);
    // without a limit there is nothing to be counted of them together
    let counted = [(transfer, most), (ALL, most.saturating_mul(Attempts::TOGETHER))];
    for (of, most) in counted.into_iter().take(1 + usize::from(limits.is_some())) {
        let counting = db.sql(COUNT).bind(of).bind(project.as_str()).bind(more).bind(now).bind(begun).bind(most).bind(later);
        if counting.run().await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Since when there is no room for a project's next try of a transfer.
pub async fn full_since(db: &mut Db, (transfer, project): Try<'_>, limits: Attempts, now: Time) -> Result<Option<Time>> {
    let asking = db.sql(FULL).bind(project.as_str()).bind(now.before(limits.within)).bind(transfer).bind(limits.most);
    let together = limits.most.saturating_mul(Attempts::TOGETHER);
    let full = asking.bind(ALL).bind(together).bind(now.after(limits.within)).first().await?;
    Ok(full.map(|Only(at)| at))
}

/// Forgets the counts of a project that has tried no wrong key.
pub async fn tidy(db: &mut Db, (transfer, project): Try<'_>) -> Result<()> {
    db.sql(TIDY).bind(transfer).bind(ALL).bind(project.as_str()).run().await.map(|_| ())
}

/// How many wrong keys these transfers have met, by their ids; none where none did.
pub async fn failed(db: &mut Db, transfers: impl IntoIterator<Item = Id>) -> Result<BTreeMap<Id, i64>> {
    let select = Select::new(db.engine(), FAILED).is_one_of("transfer_id", transfers).push("\n    GROUP BY transfer_id");
    let failed: Vec<Failed> = select.on(db).all().await?;
    Ok(failed.into_iter().map(|Failed { transfer_id, failed }| (transfer_id, failed)).collect())
}

/// Deletes the counts that began up to this time.
pub async fn forget(db: &mut Db, until: Time) -> Result<()> {
    db.sql(FORGET).bind(until).run().await.map(|_| ())
}

struct Failed {
    transfer_id: Id,
    failed: i64,
}

from_row!(Failed, "attempts", { transfer_id, failed });
