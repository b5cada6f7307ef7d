//! `handover migrate`.

use super::{Failure, failed, say, with_app};
use crate::settings::Settings;
use crate::store::Purpose;
use crate::store::migrate::Migrated;

/// Brings the schema up to this binary's.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    with_app(settings, Purpose::Command, async |app| {
        let Migrated { from, to } = app.store.migrate().await.map_err(failed)?;
        if from == to {
            say(format_args!("at version {to} already"))
        } else {
            say(format_args!("migrated from version {from} to {to}"))
        }
    })
    .await
}
