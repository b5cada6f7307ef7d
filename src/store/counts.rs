//! How many transfers are in each state: kept in step by every transaction, so that no metric counts rows.

use super::prelude::*;
use crate::domain::transfer::Ending;

const MOVE: &str = "
    UPDATE transfer_counts
    SET pending = pending + $2, accepted = accepted + $3, deleted = deleted + $4
    WHERE slot = $1";

const TOTAL: &str = "
    SELECT CAST(SUM(pending) AS BIGINT) AS pending, CAST(SUM(accepted) AS BIGINT) AS accepted,
           CAST(SUM(deleted) AS BIGINT) AS deleted
    FROM transfer_counts";

/// As many rows as the migration made.
const SLOTS: u8 = 16;

/// Transfers by state, or a change of these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub pending: i64,
    pub accepted: i64,
    pub deleted: i64,
}

impl Counts {
    /// One more transfer is pending.
    pub const OFFERED: Self = Self { pending: 1, accepted: 0, deleted: 0 };

    /// One pending transfer has ended so.
    pub const fn ended(how: Ending) -> Self {
        match how {
            Ending::Accepted => Self { pending: -1, accepted: 1, deleted: 0 },
            Ending::Deleted => Self { pending: -1, accepted: 0, deleted: 1 },
        }
    }
}

/// Adds `change` in the volume's slot. Last in a transaction, after every other lock, since others may wait for the slot.
pub fn add(db: &mut Db, volume: Id, change: Counts) {
    let slot = i64::from(volume.uuid().as_bytes()[15] % SLOTS);
    let moving = db.sql_later(MOVE).bind(slot).bind(change.pending).bind(change.accepted).bind(change.deleted);
    moving.later("transfer_counts");
}

/// The numbers now, from sixteen rows.
pub async fn total(db: &mut Db) -> Result<Counts> {
    db.sql(TOTAL).one().await
}

from_row!(Counts, "transfer_counts", { pending, accepted, deleted });
