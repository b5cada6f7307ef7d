//! Opening a database: which engine, with which pools and which guards.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Executor, PgPool, Postgres, Sqlite, SqlitePool};
use tokio::runtime::Handle;

use super::db::Link;
use super::{Db, Engine, StoreError};

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Many short transactions: a stuck one is ended by the server, so that its locks never outlive a lost connection.
    Serve { connections: u32 },
    /// One command, which may take its time.
    Command,
    /// A command that only looks: a database that is not there is not made.
    Look,
}

/// How long a transaction waits for a free connection before the caller is told to come back.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Readers that SQLite serves at once beside its one writer: reads are short, and more would only wait for the cores.
const SQLITE_READERS: u32 = 4;
/// How long SQLite waits for another process's write (an import, say) before it says BUSY.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// What `Serve` sets on each PostgreSQL connection. A service that was cut off within a transaction is rolled back after
/// `idle_in_transaction_session_timeout`, which bounds how long its volume stays locked.
const POSTGRES_GUARDS: &str =
    "SET statement_timeout = '15s'; SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '10s'";

/// Named, whatever the database's default is: what waits for a lock must see what the one before it has done, and under
/// REPEATABLE READ it would go on with the rows of before.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// How long open connections are waited for at the end: one that hangs must not hold the process.
const CLOSING: Duration = Duration::from_secs(5);

/// A database, open: one writer and several readers on SQLite, one pool on PostgreSQL.
#[derive(Debug, Clone)]
pub enum Store {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    /// Connections are the runtime's that opened the pool, whoever asks for one: a thread that ends takes none with it.
    Postgres(PgPool, Handle),
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
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(UrlError::Memory);
        }
        let path = url.trim_start_matches("sqlite:").trim_start_matches('/');
        if path.is_empty() || path.starts_with('?') {
            return Err(UrlError::NoPath); // SQLite would give each connection a temporary database of its own
        }
        Ok(Target::Sqlite(Box::new(SqliteConnectOptions::from_str(url).map_err(malformed)?)))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Target::Postgres(Box::new(PgConnectOptions::from_str(url).map_err(malformed)?)))
    } else {
        Err(UrlError::Scheme)
    }
}

impl Store {
    /// Whether this is a URL that [`Self::open`] takes.
    pub fn check_url(url: &str) -> Result<(), UrlError> {
        target(url).map(|_| ())
    }

    /// The file that an SQLite database is kept in; `None` of another.
    pub fn file(url: &str) -> Option<PathBuf> {
        match target(url) {
            Ok(Target::Sqlite(options)) => Some(options.get_filename().to_owned()),
            _ => None,
        }
    }

    /// Opens the database at `url`; an SQLite file, and the directory it lies in, are made where they are missing, but not to
    /// look at.
    /// Connects to nothing on PostgreSQL: the first statement does.
    pub async fn open(url: &str, purpose: Purpose) -> Result<Self, StoreError> {
        match target(url).map_err(|error| StoreError::Failed(sqlx::Error::Configuration(error.into())))? {
            Target::Sqlite(options) => Self::open_sqlite(*options, purpose != Purpose::Look).await,
            Target::Postgres(options) => Ok(Self::open_postgres(*options, purpose)),
        }
    }

    async fn open_sqlite(options: SqliteConnectOptions, is_made: bool) -> Result<Self, StoreError> {
        let options = options
            .create_if_missing(is_made)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full) // an acknowledged transfer survives a power cut
            .busy_timeout(SQLITE_BUSY)
            .foreign_keys(true)
            .disable_statement_logging();
        if !is_made && !options.get_filename().exists() {
            return Err(StoreError::Missing(options.get_filename().to_owned()));
        }
        if let Some(directory) = options.get_filename().parent().filter(|path| is_made && *path != Path::new("")) {
            std::fs::create_dir_all(directory).map_err(|error| StoreError::Unavailable(sqlx::Error::Io(error)))?;
        }
        // a file does not hang up: no connection is tried before it is used
        let pool = |connections| pool::<Sqlite>(connections).test_before_acquire(false);
        let writer = pool(1);
        let writer =
            if is_made { writer.connect_with(options.clone()).await? } else { writer.connect_lazy_with(options.clone()) };
        let readers = pool(SQLITE_READERS).connect_lazy_with(options.create_if_missing(false).pragma("query_only", "ON"));
        Ok(Self::Sqlite { writer, readers })
    }

    fn open_postgres(options: PgConnectOptions, purpose: Purpose) -> Self {
        let options = options.application_name("handover").disable_statement_logging();
        let pool = match purpose {
            Purpose::Command | Purpose::Look => pool::<Postgres>(2).connect_lazy_with(options),
            Purpose::Serve { connections } => pool::<Postgres>(connections)
                .after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(sqlx::raw_sql(POSTGRES_GUARDS)).await.map(|_| ()) })
                })
                .connect_lazy_with(options),
        };
        Self::Postgres(pool, Handle::current())
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(..) => Engine::Postgres,
        }
    }

    /// A connection for single statements that only read.
    pub async fn reader(&self) -> Result<Db, StoreError> {
        Ok(Db::alone(self.reading().await?))
    }

    /// A transaction that sees one moment of the whole database, however long it reads.
    pub async fn snapshot(&self) -> Result<Db, StoreError> {
        let begin = match self {
            Self::Sqlite { .. } => "BEGIN",
            Self::Postgres(..) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Db::begin(self.reading().await?, begin).await
    }

    async fn reading(&self) -> Result<Link, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Link::Sqlite(readers.acquire().await?),
            Self::Postgres(pool, runtime) => Link::Postgres(within(runtime, pool.acquire()).await?),
        })
    }

    /// A transaction that may write: the only one on SQLite; on PostgreSQL rows are locked one by one.
    pub async fn transaction(&self) -> Result<Db, StoreError> {
        match self {
            Self::Sqlite { writer, .. } => Db::begin(Link::Sqlite(writer.acquire().await?), "BEGIN IMMEDIATE").await,
            Self::Postgres(pool, runtime) => Db::begin(Link::Postgres(within(runtime, pool.acquire()).await?), BEGIN).await,
        }
    }

    /// How many connections are open and how many of them idle.
    pub fn connections(&self) -> (u32, usize) {
        match self {
            Self::Sqlite { writer, readers } => (writer.size() + readers.size(), writer.num_idle() + readers.num_idle()),
            Self::Postgres(pool, _) => (pool.size(), pool.num_idle()),
        }
    }

    /// Closes every connection; an SQLite file is left without a write-ahead log beside it.
    pub async fn close(&self) {
        let closing = async {
            match self {
                Self::Sqlite { writer, readers } => {
                    readers.close().await;
                    writer.close().await;
                }
                Self::Postgres(pool, _) => pool.close().await,
            }
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("left connections open that did not close: the database hangs");
        }
    }
}

/// A future, while all that it opens is this runtime's.
async fn within<F: Future>(runtime: &Handle, future: F) -> F::Output {
    let mut future = Box::pin(future);
    poll_fn(|cx| {
        let _entered = runtime.enter();
        future.as_mut().poll(cx)
    })
    .await
}

/// The settings that every pool shares.
fn pool<DB: sqlx::Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE)
}
