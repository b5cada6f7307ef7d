//! `handover export`.

use std::io::{BufWriter, ErrorKind, stdout};

use super::{Failure, failed, with_app};
use crate::app::App;
use crate::service::export::{ExportError, export};
use crate::settings::Settings;
use crate::store::Purpose;

/// Writes the database to standard output as a document.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    with_app(settings, Purpose::Look, write_out).await
}

async fn write_out(App { store, .. }: &App) -> Result<(), Failure> {
    store.require_newest().await.map_err(failed)?;
    export(store, &mut BufWriter::with_capacity(1 << 16, stdout())).await.map_err(|error| match error {
        // whoever reads has had enough, and says so to its own user
        ExportError::Io(error) if error.kind() == ErrorKind::BrokenPipe => Failure::Silent,
        error => failed(error),
    })
}
