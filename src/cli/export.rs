//! `handover export`.

use std::io::{BufWriter, Write, stdout};

use super::{App, Result, unwritten};
use crate::service::export::export;

/// Writes the database to standard output as a document.
pub async fn run(App { store, .. }: &App) -> Result {
    let mut out = BufWriter::with_capacity(1 << 16, stdout());
    let done = export(store, &mut out).await;
    if let Err(error) = &done {
        // a line that no import takes; nobody may be reading, which the error then says
        let _ = writeln!(out, "\n# this export broke off, and is no document: {error}");
    }
    done.map_err(unwritten)
}
