//! Opening a database: which engine, with which pools and which guards.

use std::ffi::OsString;
use std::fs::{File, Metadata, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use rustix::fs::{Access, access};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Semaphore;

use super::db::Link;
use super::pool::{Engaged, Pool};
use super::pools::Pools;
use super::prelude::*;
use super::together::Together;
use crate::domain::limits::STATEMENT;

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Many short transactions: a stuck one is ended by the server, so that its locks never outlive a lost connection.
    /// `threads` read requests.
    Serve { connections: u32, threads: u32 },
    /// One command, which may take its time.
    Command,
    /// A command that only looks: a database that is not there is not made.
    Look,
}

/// Readers that SQLite serves at once beside its one writer: reads are short, and more would only wait for the cores.
const SQLITE_READERS: u32 = 4;
/// How long SQLite waits for another process's write (an import, say) before it says BUSY.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// What `Serve` sets on each PostgreSQL connection. A service that was cut off within a transaction is rolled back after
/// `idle_in_transaction_session_timeout`, which bounds how long its volume stays locked. Who waits longer for a lock gives its
/// connection back.
const POSTGRES_GUARDS: &str =
    "SET statement_timeout = '15s'; SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '10s'";

/// How long the answer to a statement of a command is waited for, which may read everything, or wait for an import.
const COMMAND: Duration = Duration::from_hours(1);

/// Takes the whole file, and its COMMIT flushes the log.
pub(super) const IMMEDIATE: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
const LOST: &str = "its log could not be flushed to the disk; see to that, then start again";
/// Named, whatever the database's default is: what waits for a lock must see what the one before it has done, and under
/// REPEATABLE READ it would go on with the rows of before.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// The same where a lock that others have is not waited for.
const BEGIN_SHORT: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '50ms'";

/// A database, open: one writer and several readers on SQLite, some connections on PostgreSQL.
#[derive(Clone)]
pub enum Store {
    Sqlite {
        writer: Pool<SqliteConnection>,
        readers: Pool<SqliteConnection>,
        together: Arc<Together>,
        /// The file, where it is served.
        held: Option<Arc<Held>>,
    },
    Postgres {
        pools: Arc<Pools>,
        /// The longest that a statement may take.
        limit: Duration,
        /// Places for those that do, fewer than connections: whoever waits for none finds one free.
        waiting: Arc<Semaphore>,
    },
}

/// Why a database URL is none that we take. The URL may hold a password, so it is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    #[error("is neither sqlite://PATH nor postgres://USER:PASSWORD@HOST/DATABASE")]
    Scheme,
    #[error("names no file; give sqlite://PATH")]
    NoPath,
    #[error("names an SQLite database in memory; name a file, since every connection would see a memory of its own")]
    Memory,
    #[error("cannot be read: {0}")]
    Malformed(String),
}

enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

fn target(url: &str) -> Result<Target, UrlError> {
    let malformed = |error: sqlx::Error| UrlError::Malformed(error.to_string());
    if url.starts_with("sqlite:") {
        ensure!(!url.contains(":memory:") && !url.contains("mode=memory"), UrlError::Memory);
        let path = url.trim_start_matches("sqlite:").trim_start_matches('/');
        // else SQLite would give each connection a temporary database of its own
        ensure!(!path.is_empty() && !path.starts_with('?'), UrlError::NoPath);
        Ok(Target::Sqlite(Box::new(SqliteConnectOptions::from_str(url).map_err(malformed)?)))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Target::Postgres(Box::new(PgConnectOptions::from_str(url).map_err(malformed)?)))
    } else {
        Err(UrlError::Scheme)
    }
}

/// Where SQLite writes to first: beside the file. Source: sqlite.org/wal.html.
fn log(file: &Path) -> PathBuf {
    [file.as_os_str(), "-wal".as_ref()].into_iter().collect::<OsString>().into()
}

impl Store {
    /// Whether this is a URL that [`Self::open`] takes.
    pub fn check_url(url: &str) -> Result<(), UrlError> {
        target(url).map(|_| ())
    }

    /// The file that an SQLite database is kept in; `None` of another.
    pub fn file(url: &str) -> Option<PathBuf> {
        if let Ok(Target::Sqlite(options)) = target(url) { Some(options.get_filename().to_owned()) } else { None }
    }

    /// Opens the database at `url`; an SQLite file, and the directory it lies in, are made where they are missing, but not to
    /// look at.
    /// Connects to nothing on PostgreSQL: the first statement does.
    pub async fn open(url: &str, purpose: Purpose) -> Result<Self> {
        match target(url).map_err(|error| StoreError::Failed(sqlx::Error::Configuration(error.into())))? {
            Target::Sqlite(options) => Self::open_sqlite(*options, purpose).await,
            Target::Postgres(options) => Ok(Self::open_postgres(*options, purpose)),
        }
    }

    async fn open_sqlite(options: SqliteConnectOptions, purpose: Purpose) -> Result<Self> {
        let is_made = purpose != Purpose::Look;
        let path = options.get_filename().to_owned();
        let options =
            options.create_if_missing(is_made).busy_timeout(SQLITE_BUSY).foreign_keys(true).disable_statement_logging();
        let beside = path.parent().filter(|parent| *parent != Path::new(""));
        // the file, and what SQLite lays beside it
        let is_writable = [&path, beside.unwrap_or(Path::new("."))].iter().all(|path| access(*path, Access::WRITE_OK).is_ok());
        let options = if is_made || is_writable {
            // an acknowledged transfer survives a power cut
            options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        } else {
            // nobody writes to what nobody may write to; what stands in a log beside it is read with it
            options.read_only(true).immutable(!log(&path).exists())
        };
        ensure!(is_made || path.exists(), StoreError::Missing(path));
        if let Some(directory) = beside.filter(|_| is_made) {
            std::fs::create_dir_all(directory).map_err(|error| StoreError::Unavailable(sqlx::Error::Io(error)))?;
        }
        let held = if matches!(purpose, Purpose::Serve { .. }) { Some(Arc::new(Held::take(&path)?)) } else { None };
        // what a savepoint may have to bring back are a few pages, and need no file; what a command sorts may need one
        // a service empties the log beside its COMMITs, see `together`; this is for what comes past these
        let (temp_store, checkpoint) = if held.is_some() { ("MEMORY", "4000") } else { ("DEFAULT", "1000") };
        let writing = options.clone().pragma("temp_store", temp_store).pragma("wal_autocheckpoint", checkpoint);
        let writer = Pool::<SqliteConnection>::new(1, writing, None);
        if is_made {
            let mut writer = writer.lend().await?;
            if held.is_some() {
                // what was never flushed may be read from the log still: it goes to its place, and there to the disk; where that is full,
                // the service starts for those who look
                let _ = writer.tell("PRAGMA wal_checkpoint(PASSIVE)").await;
            }
        }
        let readers = Pool::new(SQLITE_READERS, options.create_if_missing(false).pragma("query_only", "ON"), None);
        // beside the file itself, wherever a link to it lies
        let together = Together::over(log(&path.canonicalize().unwrap_or(path)), readers.clone());
        Ok(Self::Sqlite { writer, readers, together, held })
    }

    fn open_postgres(options: PgConnectOptions, purpose: Purpose) -> Self {
        let options = options.application_name("handover").disable_statement_logging();
        let (most, threads, guards, limit) = match purpose {
            Purpose::Command | Purpose::Look => (2, 1, None, COMMAND),
            Purpose::Serve { connections, threads } => (connections, threads, Some(POSTGRES_GUARDS), STATEMENT),
        };
        let (pools, common) = Pools::new(most, threads, |most| Pool::new(most, options, guards));
        Self::Postgres { pools: Arc::new(pools), limit, waiting: Arc::new(Semaphore::new((common as usize / 2).max(1))) }
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        if matches!(self, Self::Sqlite { .. }) { Engine::Sqlite } else { Engine::Postgres }
    }

    /// A transaction that sees one moment of the whole database, however long it reads.
    pub async fn snapshot(&self) -> Result<Db> {
        let begin = match self {
            Self::Sqlite { .. } => "BEGIN",
            Self::Postgres { .. } => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.reader().await?.begin(begin).await
    }

    /// A connection for single statements that only read.
    pub async fn reader(&self) -> Result<Db> {
        self.check_place()?;
        Ok(match self {
            Self::Sqlite { readers, .. } => Db::over(Link::Sqlite(readers.lend().await?), None),
            Self::Postgres { pools, limit, .. } => Db::over(Link::Postgres(pools.lend().await?), Some(*limit)),
        })
    }

    /// A transaction that may write, and waits for what others have locked: the only one on SQLite; on PostgreSQL rows are locked
    /// one by one.
    pub async fn transaction(&self) -> Result<Db> {
        let begin = if self.engine() == Engine::Sqlite { IMMEDIATE } else { BEGIN };
        self.writer().await?.begin(begin).await
    }

    /// The same on PostgreSQL, given up where somebody has a lock that it needs for more than a moment; it begins as soon as it must.
    pub(super) async fn short_transaction(&self) -> Result<Db> {
        let mut db = self.writer().await?;
        db.enter(BEGIN_SHORT);
        Ok(db)
    }

    async fn writer(&self) -> Result<Db> {
        self.check_place()?;
        Ok(match self {
            Self::Sqlite { writer, .. } => Db::over(Link::Sqlite(writer.lend().await?), None),
            Self::Postgres { pools, limit, .. } => Db::over(Link::Postgres(pools.common.lend().await?), Some(*limit)),
        })
    }

    /// How many connections are open and how many of them idle.
    pub fn connections(&self) -> (usize, usize) {
        let each: Vec<_> = match self {
            Self::Sqlite { writer, readers, .. } => vec![writer.connections(), readers.connections()],
            Self::Postgres { pools, .. } => pools.all().iter().map(Pool::connections).collect(),
        };
        each.iter().fold((0, 0), |all, some| (all.0 + some.0, all.1 + some.1))
    }

    /// Whether what is written is where others find it, and will be.
    ///
    /// # Errors
    /// [`StoreError::TakenAway`]; [`StoreError::OutcomeUnknown`] once it could not be flushed to the disk.
    pub fn check_place(&self) -> Result<()> {
        let Self::Sqlite { held, together, .. } = self else { return Ok(()) };
        ensure!(!together.is_lost.load(Ordering::SeqCst), StoreError::OutcomeUnknown(LOST.to_owned()));
        held.as_ref().map_or(Ok(()), |held| held.check())
    }

    /// Whether pages were found that cannot be read.
    pub fn is_damaged(&self) -> bool {
        match self {
            Self::Sqlite { writer, readers, .. } => writer.is_damaged() || readers.is_damaged(),
            Self::Postgres { pools, .. } => pools.all().iter().any(Pool::is_damaged),
        }
    }

    /// Closes every connection; an SQLite file is left without a write-ahead log beside it.
    pub async fn close(&self) {
        match self {
            // what cannot be flushed must not be moved to its place: a start anew looks what of it is whole
            Self::Sqlite { together, .. } if together.is_lost.load(Ordering::SeqCst) => {}
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { pools, .. } => drop(join_all(pools.all().iter().map(Pool::close)).await),
        }
    }
}

/// The SQLite file of a service, held against a second one, and watched, since a file can be taken away from under it.
pub struct Held {
    path: PathBuf,
    /// Kept open for its lock, which ends when it is closed; and no other file gets its number meanwhile.
    _locked: File,
    which: Which,
}

/// Which file it is: the device that it is on, and its number there.
type Which = (u64, u64);

fn which(file: &Metadata) -> Which {
    (file.dev(), file.ino())
}

impl Held {
    /// Takes the file, which is made where it is missing.
    ///
    /// # Errors
    /// [`StoreError::Served`] when another has it.
    pub fn take(path: &Path) -> Result<Self> {
        let unavailable = |error| StoreError::Unavailable(sqlx::Error::Io(error));
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(unavailable)?;
        let which = which(&file.metadata().map_err(unavailable)?);
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _locked: file, which }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Served(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }

    /// Whether the path still leads to this file: what is written to one that was deleted or replaced is lost.
    ///
    /// # Errors
    /// [`StoreError::TakenAway`] when it does not; [`StoreError::Unavailable`] when it cannot be seen for now.
    pub fn check(&self) -> Result<()> {
        let is_in_place = match self.path.metadata() {
            Ok(there) => which(&there) == self.which,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(StoreError::Unavailable(sqlx::Error::Io(error))),
        };
        if is_in_place { Ok(()) } else { Err(StoreError::TakenAway(self.path.clone())) }
    }
}
