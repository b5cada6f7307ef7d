//! Transactions that write: run whole, run again where others were in the way, and never acknowledged in doubt.

use std::future::Future;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::acts::{self, Witness};
use super::prelude::*;
use crate::domain::limits::TRANSACTION;

/// One transaction. It may be run several times, so nothing leaves the process before it is committed.
pub trait Write: Sync {
    type Done: Send;
    /// What `run` says no with.
    type Error: From<StoreError> + MaybeStore + Send;

    /// The whole transaction but its COMMIT. An error rolls it back.
    fn run(&self, db: &mut Db) -> impl Future<Output = Result<Self::Done, Self::Error>> + Send;

    /// The act that `run` notes, by which it is known whether a COMMIT has landed whose answer was lost. `None` where it does no
    /// harm to run it twice.
    fn witness(&self) -> Option<Witness> {
        None
    }
}

/// A transaction that does no harm when it is run twice: what it works on, and what it does.
pub struct Repeatable<A, T, E>(pub A, pub for<'r> fn(&'r A, &'r mut Db) -> BoxFuture<'r, Result<T, E>>);

impl<A: Sync, T: Send, E: From<StoreError> + MaybeStore + Send> Write for Repeatable<A, T, E> {
    type Done = T;
    type Error = E;

    async fn run(&self, db: &mut Db) -> Result<T, E> {
        self.1(&self.0, db).await
    }
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

/// The waits between tries: short, doubling, with jitter, until [`TRANSACTION`] has run out.
fn pauses() -> impl Iterator<Item = Duration> + Send {
    let until = Instant::now() + TRANSACTION;
    let lengths = ExponentialBuilder::default().with_jitter().without_max_times();
    let lengths = lengths.with_min_delay(Duration::from_millis(2)).with_max_delay(Duration::from_millis(500));
    lengths.build().take_while(move |_| Instant::now() < until)
}

/// Waits for the next try; whether there is one.
async fn wait(pauses: &mut (impl Iterator<Item = Duration> + Send)) -> bool {
    let Some(pause) = pauses.next() else { return false };
    tokio::time::sleep(pause).await;
    true
}

/// The whole of it, with what was left for later, unless that commits by itself.
pub(super) async fn whole<W: Write>(write: &W, db: &mut Db) -> Result<W::Done, W::Error> {
    let done = write.run(db).await?;
    if !db.is_one_statement() {
        db.flush().await?;
    }
    Ok(done)
}

/// What was done, and the error of a COMMIT that does not say whether it is in the database.
pub(super) type Attempt<W> = Result<(<W as Write>::Done, Option<StoreError>), <W as Write>::Error>;

impl Store {
    /// Runs `write` to its COMMIT.
    ///
    /// # Errors
    /// `write`'s own, with nothing changed. [`StoreError::Contended`] when others were in the way to the end, and
    /// [`StoreError::Unavailable`] when the database went away before COMMIT: nothing changed either.
    /// [`StoreError::OutcomeUnknown`] when it went away during COMMIT and does not come back; or during a statement that is a
    /// transaction by itself, which is not there and was not done again either.
    pub async fn write<W: Write>(&self, write: &W) -> Result<W::Done, W::Error> {
        let mut waits = pauses();
        // what was done by a statement that is nowhere to be seen, and may be on its way still
        let (mut place, mut late) = (None, None);
        loop {
            let (is_retried, error) = match self.once(write, place.is_some()).await {
                Ok((done, None)) => return Ok(done),
                Ok((done, Some(doubt))) => {
                    if Box::pin(self.has_landed(write.witness(), &doubt, &mut waits)).await? {
                        return Ok(done);
                    }
                    let is_unknown = matches!(doubt, StoreError::OutcomeUnknown(_));
                    if is_unknown && self.engine() == Engine::Postgres && late.is_none() {
                        (late, waits) = (Some(done), pauses());
                    }
                    // what the network lost is done again, what a disk refused is not
                    (is_unknown || self.engine() == Engine::Postgres, doubt.into())
                }
                Err(error) => (matches!(error.as_store(), Some(StoreError::Contended(_))), error),
            };
            drop(place);
            if !is_retried || !wait(&mut waits).await {
                let Some(done) = late else { return Err(error) };
                let unknown = StoreError::OutcomeUnknown("a statement was lost, and is not there yet".to_owned());
                let has_landed = Box::pin(self.has_landed(write.witness(), &unknown, &mut waits)).await?;
                // it is what this was refused by, or finds what this was refused by; where nobody was refused, it may still come
                let error = if error.as_store().is_some() { unknown.into() } else { error };
                return if has_landed { Ok(done) } else { Err(error) };
            }
            place = if let Self::Postgres { waiting, .. } = self { Arc::clone(waiting).try_acquire_owned().ok() } else { None };
        }
    }

    async fn once<W: Write>(&self, write: &W, is_patient: bool) -> Attempt<W> {
        self.check_place()?;
        if let Self::Sqlite { writer, together, .. } = self {
            let attempt = together.once(writer, write).await;
            self.check_place()?;
            return attempt;
        }
        let mut db = if is_patient { self.transaction().await? } else { self.short_transaction().await? };
        let done = whole(write, &mut db).await?;
        let is_alone = db.is_one_statement();
        let is_cancelled = |why: &sqlx::Error| why.as_database_error().is_some_and(|no| no.code().as_deref() == Some("57014"));
        match db.commit().await {
            Ok(()) => Ok((done, None)),
            // unlike a COMMIT, whose act is there, it may come to be done after it was looked for
            Err(StoreError::Unavailable(why)) if is_alone && !is_cancelled(&why) => {
                Ok((done, Some(StoreError::OutcomeUnknown(why.to_string()))))
            }
            // serialization failures come from COMMIT too, and are certain: the transaction is rolled back
            Err(error) if is_alone || matches!(error, StoreError::Contended(_)) => Err(error.into()),
            Err(error) => Ok((done, Some(error))),
        }
    }

    /// Asks the database whether a transaction in doubt is committed, until it answers. One rule for all: its act is there, or it
    /// is not and never will be; but of one that is a single statement, which may not have come that far.
    async fn has_landed<P>(&self, witness: Option<Witness>, doubt: &StoreError, pauses: &mut P) -> Result<bool>
    where
        P: Iterator<Item = Duration> + Send,
    {
        let Some(witness) = witness else { return Ok(false) };
        tracing::warn!(error = %doubt, "the answer to COMMIT was lost; looking whether it is done");
        loop {
            let answer = async { acts::is_committed(&mut self.transaction().await?, witness).await };
            if let Ok(landed) = answer.await {
                return Ok(landed);
            }
            ensure!(wait(pauses).await, StoreError::OutcomeUnknown(doubt.to_string()));
        }
    }
}
