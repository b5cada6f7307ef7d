//! Whether the database can be read and written: asked by whoever decides where requests go, of which there may be many.

use tokio::time::Instant;

use super::prelude::*;

const READ: &str = "SELECT name FROM locks";

/// Nobody's row, and nobody's lock for long.
const WRITE: &str = "UPDATE locks SET name = name WHERE name = 'ready'";

/// How long it is known that the database could be written: a write is a flush of the disk, and anybody may ask.
const KNOWN: Duration = Duration::from_secs(1);
/// How long the turn to write is waited for.
const TURN: Duration = Duration::from_millis(500);

/// What was found out last.
#[derive(Debug, Default)]
pub struct Readiness {
    written: Mutex<Option<Instant>>,
    probing: tokio::sync::Mutex<()>,
}

impl Readiness {
    /// Reads, and writes if that was not seen to work within the last second. Who waits for another writer's turn, an import's
    /// for instance, takes it that the database can be written: that writer does.
    ///
    /// # Errors
    /// Why it cannot be read or written.
    pub async fn check(&self, store: &Store) -> Result<()> {
        store.reader().await?.sql(READ).run().await?;
        let damage = || sqlx::Error::Protocol("pages were found that cannot be read".to_owned());
        ensure!(!store.is_damaged(), StoreError::Damaged(damage()));
        if self.written.lock().is_some_and(|at| at.elapsed() < KNOWN) {
            return Ok(());
        }
        // one at a time: where a COMMIT hangs, no probe takes a connection more
        let alone = tokio::time::timeout(2 * TURN, self.probing.lock()).await;
        let _alone = alone.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))?;
        let write = async {
            let mut db = store.transaction().await?;
            db.sql(WRITE).run().await.map(|_| db)
        };
        let db = match tokio::time::timeout(TURN, write).await {
            Err(_) | Ok(Err(StoreError::Contended(_))) => return Ok(()),
            Ok(written) => written?,
        };
        // nobody's turn is waited for any more: a COMMIT that does not come back is a database that cannot be written
        db.commit().await?;
        *self.written.lock() = Some(Instant::now());
        Ok(())
    }
}
