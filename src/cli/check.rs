//! `handover check`.

use super::{App, Result, failed, say};
use crate::service::check::{Broken, Checked, check};

/// Prints whether every invariant holds, and each row that breaks one.
pub async fn run(App { store, .. }: &App) -> Result {
    let Checked { sentences, volumes, transfers, faults } = check(store).await?;
    for Broken { table, rule, fault } in &faults {
        say(format_args!("{table}, row {}: {}. The rule is: {rule}", fault.id, fault.found))?;
    }
    if faults.is_empty() {
        return say(format_args!("{sentences} invariants hold; volumes: {volumes}, transfers: {transfers}"));
    }
    Err(failed(format!(
        "{} rows break an invariant; they stand on standard output. No request does that: unless somebody has edited the database, \
         keep a copy for a report, and restore a backup",
        faults.len()
    )))
}
