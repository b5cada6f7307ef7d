//! `handover check`.

use std::io::{Write, stdout};

use super::{Failure, failed, with_app};
use crate::app::App;
use crate::service::check::check;
use crate::settings::Settings;
use crate::store::Purpose;

/// Prints whether every invariant holds, and each row that breaks one.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    with_app(settings, Purpose::Look, report).await
}

async fn report(App { store, .. }: &App) -> Result<(), Failure> {
    store.require_newest().await.map_err(failed)?;
    let checked = check(store).await.map_err(failed)?;
    let mut out = stdout().lock();
    for (sentence, fault) in &checked.faults {
        writeln!(out, "{sentence}: {}: {}", fault.id, fault.found).map_err(|_| Failure::Silent)?;
    }
    if checked.faults.is_empty() {
        let line =
            format!("{} invariants hold; volumes: {}, transfers: {}", checked.sentences, checked.volumes, checked.transfers);
        return writeln!(out, "{line}").map_err(|_| Failure::Silent);
    }
    Err(failed(format!("{} rows break an invariant; they stand on standard output", checked.faults.len())))
}
