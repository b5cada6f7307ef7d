//! `handover migrate`.

use super::{Failure, failed, say};
use crate::app::App;
use crate::store::migrate::Migrated;

/// Brings the schema up to this binary's.
pub async fn run(App { store, .. }: &App) -> Result<(), Failure> {
    let Migrated { from, to } = store.migrate().await.map_err(failed)?;
    if from == to {
        say(format_args!("at version {to} already"))
    } else {
        say(format_args!("migrated from version {from} to {to}"))
    }
}
