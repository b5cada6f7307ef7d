//! Writers of an SQLite file that come at the same moment are committed together: each works in a savepoint of one transaction,
//! and is answered, with what it did or was refused, once that is committed and on the disk. A flush of the disk takes ten times
//! as long as what else a writer does: the next do that meanwhile.

use std::fs::File;
use std::io;
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::SqliteConnection;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::db::{Link, Question};
use super::open::IMMEDIATE;
use super::pool::Pool;
use super::prelude::*;
use super::write::{Attempt, Write, whole};
use crate::domain::limits::{COMMITTED_TOGETHER, FREE_CONNECTION};

/// The log is flushed behind the COMMIT, and not by it. Source: sqlite.org/pragma.html#pragma_synchronous.
const SHARED: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
/// The first needs none to be alone.
const SECOND: &str = "SAVEPOINT writer";
/// The one before it has done its work: what it would take to undo that is forgotten.
const ENTER: &str = "RELEASE writer; SAVEPOINT writer";
const UNDO: &str = "ROLLBACK TO writer";

/// Behind so many writers, what is committed goes from the log to its place: some thousand pages, after which SQLite would by its
/// default do it within a COMMIT, where all wait for it.
const CHECKPOINTED_TOGETHER: usize = 2 * COMMITTED_TOGETHER;

/// The writers of a file.
pub struct Together {
    open: Arc<Mutex<Open>>,
    /// How many wait for their turn: nothing is committed before they have had it.
    waiting: AtomicUsize,
    /// The process's: another thread that ends takes nobody's COMMIT with it.
    runtime: Handle,
    /// Where SQLite writes to first.
    log: PathBuf,
    /// Whether what is in it may not be on the disk, and never come there: nobody may rest on it before a start anew.
    pub(super) is_lost: AtomicBool,
    readers: Pool<SqliteConnection>,
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
    /// Those whose work is committed, and not flushed to the disk yet.
    committed: Vec<Member>,
    /// Whether somebody flushes the log: what is done meanwhile is committed, and flushed, behind that.
    is_flushing: bool,
    /// The log, opened before each transaction that is not flushed: whoever opens it later may not hear of an error that somebody was told
    /// of meanwhile. SQLite has no lock on it that would end as it is closed here, unlike on the file itself. Source: fsync(2);
    /// sqlite.org/howtocorrupt.html, 2.2.
    logs: Vec<File>,
    /// Whether the last were several: whoever is alone has its log flushed by its COMMIT, which is one way less.
    is_shared: bool,
    /// How many writers were committed since the last checkpoint.
    logged: usize,
}

/// One of those who wait. Whoever is dropped before its turn has to see that those before it are committed: they left that to it.
struct Waiting<'a> {
    together: &'a Arc<Together>,
    has_turn: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.together.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.has_turn {
            let together = Arc::clone(self.together);
            self.together.runtime.spawn(async move {
                let open = Arc::clone(&together.open).lock_owned().await;
                if together.waiting.load(Ordering::SeqCst) == 0 {
                    together.end(open).await;
                }
            });
        }
    }
}

/// A writer's turn. Whoever is dropped within it is undone, and the others are committed.
struct Turn<'a> {
    together: &'a Arc<Together>,
    open: Option<OwnedMutexGuard<Open>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(mut open) = self.open.take() {
            let together = Arc::clone(self.together);
            self.together.runtime.spawn(async move {
                if take(&mut open.is_entered) && open.undo().await.is_ok() {
                    together.end(open).await;
                } else {
                    open.give_up("a writer was cut off");
                }
            });
        }
    }
}

impl Together {
    /// Those of a file whose log is this.
    pub(super) fn over(log: PathBuf, readers: Pool<SqliteConnection>) -> Arc<Self> {
        let (open, waiting, is_lost) = Default::default();
        Arc::new(Self { open, waiting, runtime: Handle::current(), log, is_lost, readers })
    }

    /// Runs `write` among the others, to the COMMIT.
    pub(super) async fn once<W: Write>(self: &Arc<Self>, writer: &Pool<SqliteConnection>, write: &W) -> Attempt<W> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut waiting = Waiting { together: self, has_turn: false };
        let turn = timeout(FREE_CONNECTION, Arc::clone(&self.open).lock_owned()).await;
        waiting.has_turn = turn.is_ok();
        drop(waiting);
        let turn = turn.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))?;
        let mut turn = Turn { together: self, open: Some(turn) };
        let open = turn.open.as_mut().expect("it is taken where the turn is dropped");
        let (done, committed) = open.admit(writer, &self.log, write).await;
        if let Some(open) = turn.open.take() {
            let is_full = open.members.len() >= COMMITTED_TOGETHER;
            let is_last = self.waiting.load(Ordering::SeqCst) == 0 && !open.is_flushing;
            if is_full || is_last {
                // by itself: whoever is cut off cuts no COMMIT of others off
                self.runtime.spawn(Arc::clone(self).end(open));
            }
        }
        let Some(committed) = committed else { return done.map(|done| (done, None)) };
        let failed = committed.await.unwrap_or_else(|gone| Some(StoreError::OutcomeUnknown(gone.to_string())));
        match (failed, done) {
            (None, done) => done.map(|done| (done, None)),
            // what is certain to be lost is done again, and so is what was refused by what may be
            (Some(error @ StoreError::Contended(_)), _) | (Some(error), Err(_)) => Err(lost(&error).into()),
            (Some(error), Ok(done)) => Ok((done, Some(error))),
        }
    }

    /// COMMIT, and then a flush of the log, on which the next do not wait with their work: what they have done by then is committed and
    /// flushed in turn.
    async fn end(self: Arc<Self>, mut open: OwnedMutexGuard<Open>) {
        loop {
            self.commit(&mut open).await;
            if open.is_flushing || open.committed.is_empty() {
                return;
            }
            open.is_flushing = true;
            let (members, logs) = (take(&mut open.committed), take(&mut open.logs));
            drop(open);
            let flushed = spawn_blocking(move || logs.iter().try_for_each(File::sync_data)).await;
            let flushed = flushed.unwrap_or_else(|gone| Err(io::Error::other(gone)));
            if let Err(error) = &flushed {
                // not tried again: the system may take it for written then. Source: fsync(2), EIO
                self.is_lost.store(true, Ordering::SeqCst);
                tracing::error!(%error, "the log of the database could not be flushed to the disk");
            }
            tell(members, flushed.err().map(|error| StoreError::Failed(error.into())).as_ref());
            open = Arc::clone(&self.open).lock_owned().await;
            open.is_flushing = false;
        }
    }

    async fn commit(self: &Arc<Self>, open: &mut Open) {
        // out of here first: whoever is cut off within the COMMIT has told nobody how it ended, which is what they then hear
        let (db, mut members) = (open.db.take(), take(&mut open.members));
        let Some(db) = db.filter(|_| !members.is_empty()) else { return };
        open.logged += members.len();
        // nobody is answered before what it may have seen is flushed, too
        let is_flushed = !open.is_shared && !open.is_flushing && open.committed.is_empty();
        open.is_shared = members.len() > 1;
        match db.commit().await {
            Ok(()) if is_flushed => tell(members, None),
            Ok(()) => open.committed.append(&mut members),
            Err(error) => tell(members, Some(&error)),
        }
        if open.logged >= CHECKPOINTED_TOGETHER {
            open.logged = 0;
            self.runtime.spawn(Arc::clone(self).checkpoint());
        }
    }

    /// Moves what is committed to its place, beside the writers. Where it fails, that is in the log still.
    async fn checkpoint(self: Arc<Self>) {
        let Ok(reader) = self.readers.lend().await else { return };
        if let Err(error) = Db::over(Link::Sqlite(reader), None).ask(&Question::Turn("PRAGMA wal_checkpoint(PASSIVE)")).await {
            tracing::warn!(%error, "the log of the database grows: it could not be moved to its place");
        }
    }
}

impl Open {
    /// A writer's work; and where it hears of the COMMIT that its answer waits for.
    async fn admit<W: Write>(
        &mut self,
        writer: &Pool<SqliteConnection>,
        log: &Path,
        write: &W,
    ) -> (Result<W::Done, W::Error>, Option<oneshot::Receiver<Option<StoreError>>>) {
        let done = match self.enter(writer, log).await {
            Ok(db) => whole(write, db).await,
            Err(error) => return (Err(error.into()), None),
        };
        // before it is undone: were that cut off, nobody would know what is left to undo
        self.is_entered = false;
        if done.is_err() && self.members.is_empty() {
            self.db = None; // nobody else is in it: what is dropped is rolled back
            // what it was refused by may be on its way to the disk
            let Some((member, flushed)) = self.is_flushing.then(oneshot::channel) else { return (done, None) };
            self.committed.push(member);
            return (done, Some(flushed));
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
    async fn enter(&mut self, writer: &Pool<SqliteConnection>, log: &Path) -> Result<&mut Db> {
        if self.db.is_none() {
            let mut db = Db::over(Link::Sqlite(writer.lend().await?), None);
            let log = if self.is_shared { File::open(log).ok() } else { None };
            db.enter(if log.is_some() { SHARED } else { IMMEDIATE });
            // one of a transaction that came to nothing is of no use
            if self.committed.is_empty() {
                self.logs.clear();
            }
            self.logs.extend(log);
            self.db = Some(db);
        }
        let db = self.db.as_mut().ok_or(StoreError::Failed(sqlx::Error::PoolClosed))?;
        if db.is_within {
            db.enter(if self.members.len() == 1 { SECOND } else { ENTER });
        }
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
