//! Whether the database can be read and written: asked by whoever decides where requests go, of which there may be many.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{Store, StoreError};

const READ: &str = "
    SELECT name
    FROM locks";

/// Nobody's row, and nobody's lock for long.
const WRITE: &str = "
    UPDATE locks
    SET name = name
    WHERE name = 'ready'";

/// How long it is known that the database could be written: a write is a flush of the disk, and anybody may ask.
const KNOWN: Duration = Duration::from_secs(1);
/// How long the turn to write is waited for.
const TURN: Duration = Duration::from_millis(500);

/// What was found out last.
#[derive(Debug, Default)]
pub struct Readiness {
    written: Mutex<Option<Instant>>,
}

impl Readiness {
    /// Reads, and writes if that was not seen to work within the last second. Who waits for another writer's turn, an import's
    /// for instance, takes it that the database can be written: that writer does.
    ///
    /// # Errors
    /// Why it cannot be read or written.
    pub async fn check(&self, store: &Store) -> Result<(), StoreError> {
        store.reader().await?.sql(READ).run().await?;
        if self.written().is_some_and(|at| at.elapsed() < KNOWN) {
            return Ok(());
        }
        match tokio::time::timeout(TURN, write(store)).await {
            Err(_) | Ok(Err(StoreError::Contended(_))) => Ok(()),
            Ok(Ok(())) => {
                *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                Ok(())
            }
            Ok(Err(error)) => Err(error),
        }
    }

    fn written(&self) -> Option<Instant> {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(store: &Store) -> Result<(), StoreError> {
    let mut db = store.transaction().await?;
    db.sql(WRITE).run().await?;
    db.commit().await
}
