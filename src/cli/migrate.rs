//! `handover migrate`.

use super::{Failure, failed, say, with_store};
use crate::{
    settings::Settings,
    store::{Purpose, migrate::Migrated},
};

pub async fn run(settings: &Settings) -> Result<(), Failure> {
    with_store(settings, Purpose::Command, async |store| {
        let Migrated { from, to } = store.migrate().await.map_err(failed)?;
        if from == to {
            say(format_args!("at version {to} already"))
        } else {
            say(format_args!("migrated from version {from} to {to}"))
        }
    })
    .await
}
