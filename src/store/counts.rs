//! How many transfers are in each state: kept in step by every transaction, so that no metric counts rows.

use std::ops::AddAssign;

use super::prelude::*;
use crate::domain::transfer::{Ending, State};

const MOVE: &str = "
    UPDATE transfer_counts
    SET pending = pending + $2, accepted = accepted + $3, deleted = deleted + $4, expired = expired + $5,
        withdrawn = withdrawn + $6
    WHERE slot = $1";

const TOTAL: &str = "
    SELECT CAST(SUM(pending) AS BIGINT) AS pending, CAST(SUM(accepted) AS BIGINT) AS accepted,
           CAST(SUM(deleted) AS BIGINT) AS deleted, CAST(SUM(expired) AS BIGINT) AS expired,
           CAST(SUM(withdrawn) AS BIGINT) AS withdrawn
    FROM transfer_counts";

/// As many rows as the migration made.
const SLOTS: u8 = 128;

/// Transfers by state, or a change of these numbers: in the order of [`State::WORDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub by_state: [i64; State::WORDS.len()],
}

impl Counts {
    /// One more transfer is pending.
    pub const OFFERED: Self = Self { by_state: [1, 0, 0, 0, 0] };

    /// One more has ended so.
    pub fn of(how: Ending) -> Self {
        let mut counts = Self::default();
        counts.by_state[how as usize + 1] = 1;
        counts
    }

    /// One pending transfer has ended so.
    pub fn ended(how: Ending) -> Self {
        let mut counts = Self::of(how);
        counts.by_state[0] = -1;
        counts
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.by_state.iter_mut().zip(more.by_state).for_each(|(number, more)| *number += more);
    }
}

/// Adds `change` in the volume's slot. Last in a transaction, after every other lock, since others may wait for the slot.
pub fn add(db: &mut Db, volume: Id, change: Counts) {
    let moving = db.sql_later(MOVE).bind(i64::from(volume.uuid().as_bytes()[15] % SLOTS));
    change.by_state.into_iter().fold(moving, Statement::bind).later("transfer_counts");
}

/// The numbers now, from as many rows as there are slots.
pub async fn total(db: &mut Db) -> Result<Counts> {
    db.sql(TOTAL).one().await
}

from_row!(Counts, "transfer_counts", {}, |row| {
    by_state: [row.get("pending")?, row.get("accepted")?, row.get("deleted")?, row.get("expired")?, row.get("withdrawn")?],
});
