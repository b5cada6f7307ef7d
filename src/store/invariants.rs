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

/// The same of times, which each engine counts in its own way.
const OF_TIMES: Sql = Sql { sqlite: include_str!("invariants.sqlite.sql"), postgres: include_str!("invariants.postgres.sql") };

/// Every invariant.
pub fn all() -> impl Iterator<Item = Sql> {
    INVARIANTS.trim_end().split("\n\n").map(Sql::from).chain([OF_TIMES])
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
