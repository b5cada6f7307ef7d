//! `handover export`.

use std::io::{BufWriter, stdout};

use super::{Failure, unwritten};
use crate::app::App;
use crate::service::export::export;

/// Writes the database to standard output as a document.
pub async fn run(App { store, .. }: &App) -> Result<(), Failure> {
    export(store, &mut BufWriter::with_capacity(1 << 16, stdout())).await.map_err(unwritten)
}
