//! What must be true of every database, as statements that find the rows where it is not.

use super::prelude::*;
use crate::domain::limits::FAULTS;

/// A row at fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub id: String,
    pub found: String,
}

/// What always holds of what is stored, a paragraph each: the table, the sentence, and the statement that names where it does not hold,
/// by columns `id` (text) and `found` (text).
const INVARIANTS: &str = include_str!("invariants.sql");

/// The same of times, which each engine counts in its own way: from when on, and in hours.
macro_rules! refusals {
    ($epoch:literal, $hour:literal) => {
        concat!(
            "-- refusals: of a project no more refusals are kept in an hour than are counted, a thousand at most
    SELECT project_id AS id, CAST(kept AS TEXT) || ' counted in hour ' || CAST(hour AS TEXT) AS found
    FROM refusals
    WHERE kept > 1000
       OR kept < (
           SELECT count(*)
           FROM acts
           WHERE acts.at >= ",
            $epoch,
            "refusals.hour * ",
            $hour,
            "
             AND acts.at < ",
            $epoch,
            "(refusals.hour + 1) * ",
            $hour,
            "
             AND acts.project_id = refusals.project_id
             AND acts.outcome <> 'done'
       )"
        )
    };
}

const REFUSALS: Sql =
    Sql { sqlite: refusals!("", "3600000000"), postgres: refusals!("TIMESTAMPTZ 'epoch' + ", "INTERVAL '1 hour'") };

/// Every invariant.
pub fn all() -> impl Iterator<Item = Sql> {
    INVARIANTS.trim_end().split("\n\n").map(Sql::from).chain([REFUSALS])
}

/// Of what an invariant is: a table; and what it says.
pub fn rule(invariant: Sql) -> (&'static str, &'static str) {
    let first = invariant.sqlite.lines().next().unwrap_or_default();
    first.trim_start_matches("-- ").split_once(": ").unwrap_or_default()
}

/// The first [`FAULTS`] rows that break an invariant.
pub async fn faults(db: &mut Db, invariant: Sql) -> Result<Vec<Fault>> {
    let select = Select::new(db.engine(), "SELECT id, found FROM (\n    ").one_of(invariant);
    select.push("\n    ) AS faults\n    ORDER BY id, found\n    LIMIT ").bind(i64::from(FAULTS)).on(db).all().await
}

from_row!(Fault, "invariants", {}, |row| { id: row.shown("id")?, found: row.shown("found")? });
