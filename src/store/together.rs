//! Writers of an SQLite file that come at the same moment are committed together: each works in a savepoint of one transaction,
//! and is answered, with what it did or was refused, once that is committed. A commit is a flush of the disk, and what else a
//! writer does takes a tenth of that.

use std::mem::take;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::SqliteConnection;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

use super::db::{Link, Question};
use super::open::IMMEDIATE;
use super::pool::Pool;
use super::prelude::*;
use super::write::{Attempt, Write, whole};
use crate::domain::limits::{COMMITTED_TOGETHER, FREE_CONNECTION};

/// The first needs none to be alone.
const SECOND: &str = "SAVEPOINT writer";
/// The one before it has done its work: what it would take to undo that is forgotten.
const ENTER: &str = "RELEASE writer; SAVEPOINT writer";
const UNDO: &str = "ROLLBACK TO writer";

/// Behind so many writers, what is committed goes from the log to its place: some thousand pages, after which SQLite would do it by
/// itself within a COMMIT, where all wait for it.
const CHECKPOINTED_TOGETHER: usize = 2 * COMMITTED_TOGETHER;

/// The writers of a file.
#[derive(Default)]
pub struct Together {
    open: Arc<Mutex<Open>>,
    /// How many wait for their turn: nothing is committed before they have had it.
    waiting: Arc<AtomicUsize>,
}

/// Where a writer hears of the COMMIT: of its error, if it has one.
type Member = oneshot::Sender<Option<StoreError>>;

/// The transaction that is open, if one is.
#[derive(Default)]
struct Open {
    db: Option<Db>,
    /// Those whose work is in it, or who were refused by what is in it, in the order of their turns.
    members: Vec<Member>,
    /// Whether it is certain that what comes now is in the transaction's newest savepoint, which may be undone.
    is_entered: bool,
    /// How many writers were committed since the last checkpoint.
    logged: usize,
}

/// One of those who wait. Whoever is dropped before its turn has to see that those before it are committed: they left that to it.
struct Waiting<'a> {
    together: &'a Together,
    has_turn: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Together { open, waiting } = self.together;
        waiting.fetch_sub(1, Ordering::SeqCst);
        if let (false, Ok(runtime)) = (self.has_turn, Handle::try_current()) {
            let (open, waiting) = (Arc::clone(open), Arc::clone(waiting));
            runtime.spawn(async move {
                let mut open = open.lock_owned().await;
                if waiting.load(Ordering::SeqCst) == 0 {
                    open.commit().await;
                }
            });
        }
    }
}

/// A writer's turn. Whoever is dropped within it is undone, and the others are committed.
struct Turn {
    open: Option<OwnedMutexGuard<Open>>,
    is_within: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let (true, Some(mut open), Ok(runtime)) = (self.is_within, self.open.take(), Handle::try_current()) {
            runtime.spawn(async move {
                if take(&mut open.is_entered) && open.undo().await.is_ok() {
                    open.commit().await;
                } else {
                    open.give_up("a writer was cut off");
                }
            });
        }
    }
}

impl Together {
    /// Runs `write` among the others, to the COMMIT.
    pub(super) async fn once<W: Write>(&self, writer: &Pool<SqliteConnection>, write: &W) -> Attempt<W> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut waiting = Waiting { together: self, has_turn: false };
        let turn = timeout(FREE_CONNECTION, Arc::clone(&self.open).lock_owned()).await;
        waiting.has_turn = turn.is_ok();
        drop(waiting);
        let turn = turn.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))?;
        let mut turn = Turn { open: Some(turn), is_within: true };
        let open = turn.open.as_mut().expect("it is taken where the turn is dropped");
        let (done, committed) = open.admit(writer, write).await;
        turn.is_within = false;
        if (self.waiting.load(Ordering::SeqCst) == 0 || open.members.len() >= COMMITTED_TOGETHER)
            && let Some(mut open) = turn.open.take()
        {
            // by itself: whoever is cut off cuts no COMMIT of others off
            tokio::spawn(async move { open.commit().await });
        }
        drop(turn);
        let Some(committed) = committed else { return done.map(|done| (done, None)) };
        match (committed.await.unwrap_or_else(|gone| Some(StoreError::OutcomeUnknown(gone.to_string()))), done) {
            (None, done) => done.map(|done| (done, None)),
            // what is certain to be lost is done again, and so is what was refused by what may be
            (Some(error @ StoreError::Contended(_)), _) | (Some(error), Err(_)) => Err(lost(&error).into()),
            (Some(error), Ok(done)) => Ok((done, Some(error))),
        }
    }
}

impl Open {
    /// A writer's work; and where it hears of the COMMIT that its answer waits for.
    async fn admit<W: Write>(
        &mut self,
        writer: &Pool<SqliteConnection>,
        write: &W,
    ) -> (Result<W::Done, W::Error>, Option<oneshot::Receiver<Option<StoreError>>>) {
        let done = match self.enter(writer).await {
            Ok(db) => whole(write, db).await,
            Err(error) => return (Err(error.into()), None),
        };
        // before it is undone: were that cut off, nobody would know what is left to undo
        self.is_entered = false;
        if done.is_err() && self.members.is_empty() {
            self.db = None; // nobody else is in it: what is dropped is rolled back
            return (done, None);
        }
        if done.is_err()
            && let Err(error) = self.undo().await
        {
            return (Err(error.into()), None); // what it was refused by is gone, too
        }
        let (member, committed) = oneshot::channel();
        self.members.push(member);
        (done, Some(committed))
    }

    /// The transaction, begun by the first; each other has a savepoint of its own.
    async fn enter(&mut self, writer: &Pool<SqliteConnection>) -> Result<&mut Db> {
        if self.db.is_none() {
            self.db = Some(Db::over(Link::Sqlite(writer.lend().await?), None));
        }
        let db = self.db.as_mut().ok_or(StoreError::Failed(sqlx::Error::PoolClosed))?;
        db.enter(match self.members.len() {
            _ if !db.is_within => IMMEDIATE,
            1 => SECOND,
            _ => ENTER,
        });
        self.is_entered = true;
        Ok(db)
    }

    /// Back to before the last savepoint, where there is one. Where that fails, all of the transaction is gone, by SQLite's own doing:
    /// a disk was full, for instance.
    async fn undo(&mut self) -> Result<()> {
        let Some(db) = self.db.as_mut().filter(|_| !self.members.is_empty()) else { return Ok(()) };
        let Err(error) = db.undo(UNDO).await else { return Ok(()) };
        self.give_up(&error.to_string());
        Err(lost(&error))
    }

    /// Rolls all of it back: each does its work again.
    fn give_up(&mut self, why: &str) {
        self.db = None;
        tell(take(&mut self.members), Some(&StoreError::Contended(sqlx::Error::Protocol(why.to_owned()))));
    }

    async fn commit(&mut self) {
        // out of here first: whoever is cut off within the COMMIT has told nobody how it ended, which is what they then hear
        let (db, members) = (self.db.take(), take(&mut self.members));
        let Some(db) = db.filter(|_| !members.is_empty()) else { return };
        self.logged += members.len();
        let committed = db.commit().await;
        tell(members, committed.as_ref().err());
        // while those who are answered come again; where it fails, what is committed is in the log still
        if let (true, Ok(mut db)) = (self.logged >= CHECKPOINTED_TOGETHER, committed) {
            self.logged = 0;
            let _ = db.ask(&Question::Turn("PRAGMA wal_checkpoint(PASSIVE)")).await;
        }
    }
}

/// Each hears of it in the order of the turns.
fn tell(members: Vec<Member>, failed: Option<&StoreError>) {
    for member in members {
        // nobody may be listening any more
        let _ = member.send(failed.map(StoreError::again));
    }
}

/// Nothing of it is in the database, whoever was to blame.
fn lost(error: &StoreError) -> StoreError {
    StoreError::Contended(sqlx::Error::Protocol(error.to_string()))
}
