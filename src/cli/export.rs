//! `handover export`.

use std::io::{BufWriter, stdout};

use super::{Failure, unwritten, with_app};
use crate::app::App;
use crate::service::export::export;
use crate::settings::Settings;
use crate::store::Purpose;

/// Writes the database to standard output as a document.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    with_app(settings, Purpose::Look, write_out).await
}

async fn write_out(App { store, .. }: &App) -> Result<(), Failure> {
    export(store, &mut BufWriter::with_capacity(1 << 16, stdout())).await.map_err(unwritten)
}
