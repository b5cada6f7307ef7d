//! `handover check`.

use super::{Failure, failed, say};
use crate::app::App;
use crate::service::check::{Checked, check};

/// Prints whether every invariant holds, and each row that breaks one.
pub async fn run(App { store, .. }: &App) -> Result<(), Failure> {
    let Checked { sentences, volumes, transfers, faults } = check(store).await.map_err(failed)?;
    for (sentence, fault) in &faults {
        say(format_args!("{sentence}: {}: {}", fault.id, fault.found))?;
    }
    if faults.is_empty() {
        return say(format_args!("{sentences} invariants hold; volumes: {volumes}, transfers: {transfers}"));
    }
    Err(failed(format!("{} rows break an invariant; they stand on standard output", faults.len())))
}
