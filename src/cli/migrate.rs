//! `handover migrate`.

use super::{App, Result, say};
use crate::store::migrate::Migrated;

/// Brings the schema up to this binary's.
pub async fn run(App { store, .. }: &App) -> Result {
    let Migrated { from, to } = store.migrate().await?;
    if from == to {
        say(format_args!("at version {to} already"))
    } else {
        say(format_args!("migrated from version {from} to {to}"))
    }
}
