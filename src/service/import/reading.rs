//! A reading of the document under way: records come batch by batch from a thread of its own.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::{ImportError, Result};
use crate::document::{Batch, Pass, ReadError, Source};

/// Batches that wait while one is being taken: one more, so that reading and taking go on at once.
const WAITING: usize = 1;

pub(super) struct Reading {
    /// Each batch; none behind the last, or where something is wrong.
    pub batches: mpsc::Receiver<Batch>,
    reader: JoinHandle<Result<(), ReadError>>,
}

impl Reading {
    /// Begins at the document's start, once a reading before has ended. Dropped, it ends with the batch that it is at; its thread
    /// does not hold the process while it waits for a pipe that nobody writes to any more.
    pub fn begin(source: &Arc<Mutex<Source>>, pass: Pass) -> Result<Self> {
        let (sender, batches) = mpsc::channel(WAITING);
        let source = source.clone();
        let reader = thread::Builder::new().name("document".to_owned()).spawn(move || {
            let mut source = source.lock();
            source.read_through(pass, |batch| sender.blocking_send(batch).map_err(|_| ReadError::Stopped))
        });
        Ok(Self { batches, reader: reader.map_err(ImportError::Thread)? })
    }

    /// Behind the last batch: whether all of the document was right.
    pub fn end(self) -> Result<()> {
        Ok(self.reader.join().map_err(|_| ImportError::ReaderDied)??)
    }
}
