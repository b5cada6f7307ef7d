//! `handover migrate`.

use super::{Failure, failed, open};
use crate::{
    settings::Settings,
    store::{Purpose, migrate::Migrated},
};

pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let Migrated { from, to } = open(settings, Purpose::Command).await?.migrate().await.map_err(failed)?;
    if from == to {
        println!("at version {to} already");
    } else {
        println!("migrated from version {from} to {to}");
    }
    Ok(())
}
