//! Transactions that write: run whole, run again where others were in the way, and never acknowledged in doubt.

use std::{future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};

use super::{Db, Store, StoreError};

/// One transaction. It may be run several times, so nothing leaves the process before it is committed.
pub trait Write: Sync {
    type Done: Send;
    /// What `run` says no with.
    type Error: From<StoreError> + MaybeStore + Send;

    /// The whole transaction but its COMMIT. An error rolls it back.
    fn run(&self, db: &mut Db) -> impl Future<Output = Result<Self::Done, Self::Error>> + Send;

    /// Whether this very act is committed, asked when the answer to COMMIT was lost. It must lock the same volume first:
    /// only then is the lost transaction known to be over.
    fn landed(&self, db: &mut Db) -> impl Future<Output = Result<Option<Self::Done>, Self::Error>> + Send;
}

/// Tells the store's own errors, which a retry may mend, from an operation's.
pub trait MaybeStore {
    fn as_store(&self) -> Option<&StoreError>;
}

impl MaybeStore for StoreError {
    fn as_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Waits between tries: short, doubling, with jitter, some ten seconds in all. Longer than most clients would wait.
fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(2))
        .with_max_delay(Duration::from_millis(500))
        .with_total_delay(Some(Duration::from_secs(10)))
        .without_max_times()
        .build()
}

/// What became of one try.
enum Tried<T> {
    Committed(T),
    /// COMMIT failed with an error that does not say whether the transaction is in the database.
    InDoubt(StoreError),
}

impl Store {
    /// Runs `write` to its COMMIT.
    ///
    /// # Errors
    /// `write`'s own, with nothing changed. [`StoreError::Contended`] when others were in the way to the end, and
    /// [`StoreError::Unavailable`] when the database went away before COMMIT: nothing changed either.
    /// [`StoreError::OutcomeUnknown`] when it went away during COMMIT and does not come back.
    pub async fn write<W: Write>(&self, write: &W) -> Result<W::Done, W::Error> {
        let mut pauses = pauses();
        loop {
            let error = match self.once(write).await {
                Ok(Tried::Committed(done)) => return Ok(done),
                Ok(Tried::InDoubt(error)) => match self.read_back(write, error, &mut pauses).await? {
                    Some(done) => return Ok(done),
                    None => continue, // it is not there and never will be: try again
                },
                Err(error) => error,
            };
            if !matches!(error.as_store(), Some(StoreError::Contended(_))) {
                return Err(error);
            }
            let Some(pause) = pauses.next() else { return Err(error) };
            tokio::time::sleep(pause).await;
        }
    }

    async fn once<W: Write>(&self, write: &W) -> Result<Tried<W::Done>, W::Error> {
        let mut db = self.transaction().await?;
        let done = write.run(&mut db).await?;
        match db.commit().await {
            Ok(()) => Ok(Tried::Committed(done)),
            // serialization failures come from COMMIT too, and are certain: the transaction is rolled back
            Err(error @ StoreError::Contended(_)) => Err(error.into()),
            Err(error) => Ok(Tried::InDoubt(error)),
        }
    }

    /// Asks the database whether a transaction in doubt is committed, until it answers.
    async fn read_back<W: Write>(
        &self,
        write: &W,
        doubt: StoreError,
        pauses: &mut (impl Iterator<Item = Duration> + Send),
    ) -> Result<Option<W::Done>, W::Error> {
        tracing::warn!(error = %doubt, "the answer to COMMIT was lost; reading back");
        loop {
            let answer = async {
                let mut db = self.transaction().await?;
                write.landed(&mut db).await
            };
            match answer.await {
                Ok(landed) => return Ok(landed),
                Err(error) if error.as_store().is_none() => return Err(error),
                Err(_) => {}
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(StoreError::OutcomeUnknown(Box::new(doubt)).into()),
            }
        }
    }
}
