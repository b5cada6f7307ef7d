//! What can go wrong with the database, told apart by what there is to do about it.

/// What the store gives, or why it does not.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An error of the store. Nothing of it is shown to a client but its kind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or refuses work for a while: nothing was changed.
    #[error("the database is unavailable: {}", cause(.0))]
    Unavailable(sqlx::Error),
    /// The database is there, but its disk is full or failing, or it takes no writes: nothing was changed, and a retry at once
    /// would not fare better.
    #[error("the database takes no writes: {}", cause(.0))]
    Unwritable(sqlx::Error),
    /// There is no such SQLite file, and whoever only looks makes none.
    #[error("there is no database at {}; run `handover migrate` first", .0.display())]
    Missing(std::path::PathBuf),
    /// Another service has the SQLite file.
    #[error("{} is served by another process already, and SQLite has one writer; stop that, or serve PostgreSQL", .0.display())]
    Served(std::path::PathBuf),
    /// The SQLite file was deleted or replaced while it was served: what was written since is in no file that a path leads to.
    #[error("{} was deleted or replaced while it was served; put it back or restore a backup, then start again", .0.display())]
    TakenAway(std::path::PathBuf),
    /// Pages of the database cannot be read.
    #[error("the database is damaged: {}; stop what uses it and restore a backup", cause(.0))]
    Damaged(sqlx::Error),
    /// Other transactions were in the way: a retry may succeed.
    #[error("other transactions were in the way: {}", cause(.0))]
    Contended(sqlx::Error),
    /// A unique index or primary key of this table says that the row is there already.
    #[error("{table} holds such a row already")]
    Duplicate { table: String, source: sqlx::Error },
    /// COMMIT was sent, or a statement that is a transaction by itself, and its answer lost, and the database does not say which way
    /// it went.
    #[error("COMMIT was sent, but its outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// A stored row fits no state of the domain.
    #[error("{table} holds a row that fits no state: id {row}, column {column}")]
    Inconsistent { table: &'static str, column: &'static str, row: String },
    /// A list is asked for what it cannot be narrowed to or sorted by: a fault of the program.
    #[error("the list of {list} knows no {name}")]
    UnknownFilter { list: &'static str, name: &'static str },
    /// A fault of the program or of the database.
    #[error("the database failed: {}", cause(.0))]
    Failed(sqlx::Error),
}

impl StoreError {
    /// The same error for another who is told of it.
    pub(super) fn again(&self) -> Self {
        let (becomes, why): (Becomes, String) = match self {
            Self::Contended(error) => (Self::Contended, cause(error)),
            Self::Unwritable(error) => (Self::Unwritable, cause(error)),
            Self::Damaged(error) => (Self::Damaged, cause(error)),
            Self::Unavailable(error) => (Self::Unavailable, cause(error)),
            other => (Self::Unavailable, other.to_string()),
        };
        becomes(sqlx::Error::Protocol(why))
    }
}

/// What the driver says, without the line of the server's own source.
fn cause(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// What an error of the driver becomes.
type Becomes = fn(sqlx::Error) -> StoreError;

/// By SQLSTATE. Source: PostgreSQL, appendix A.
fn postgres(code: &str) -> Becomes {
    match code {
        // serialization_failure, deadlock_detected, lock_not_available; division_by_zero, which says that not all could be done
        "40001" | "40P01" | "55P03" | "22012" => StoreError::Contended,
        "23505" => duplicate,
        // read_only_sql_transaction, disk_full
        "25006" | "53100" => StoreError::Unwritable,
        // query_canceled (statement_timeout), idle_in_transaction_session_timeout
        "57014" | "25P03" => StoreError::Unavailable,
        // 08 connection, 28 who may connect, 3D no such database, 53 out of resources, 57P operator intervention, 58 system
        _ if ["08", "28", "3D", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => StoreError::Unavailable,
        _ => StoreError::Failed,
    }
}

/// By extended result code, whose low byte is the class. Source: sqlite.org/rescode.html.
fn sqlite(code: i64) -> Becomes {
    match (code & 0xff, code) {
        // BUSY and LOCKED of every sort
        (5 | 6, _) => StoreError::Contended,
        (_, 2067 | 1555) => duplicate,
        // READONLY, IOERR, FULL
        (8 | 10 | 13, _) => StoreError::Unwritable,
        // CANTOPEN
        (14, _) => StoreError::Unavailable,
        _ => StoreError::Failed,
    }
}

/// Whether a connection is of no more use, and never was where it comes first: the wire broke, the server ended it, or takes no
/// writes and may have been demoted.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(db) => db
            .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
            .is_some_and(|pg| ["57P", "25P03", "25006"].iter().any(|ended| pg.code().starts_with(ended))),
        _ => false,
    }
}

/// Whether pages of the database cannot be read.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    let Some(code) = error.as_database_error().and_then(sqlx::error::DatabaseError::code) else { return false };
    match code.parse::<i64>() {
        // CORRUPT, NOTADB; IOERR_READ, IOERR_SHORT_READ
        Ok(code) if code < 10_000 => matches!((code & 0xff, code), (11 | 26, _) | (_, 266 | 522)),
        // data_corrupted, index_corrupted
        _ => code == "XX001" || code == "XX002",
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let becomes: Becomes = match &error {
            _ if is_damage(&error) => StoreError::Damaged,
            sqlx::Error::Database(db) => match db.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                Some(pg) => postgres(pg.code()),
                None => sqlite(db.code().and_then(|code| code.parse().ok()).unwrap_or_default()),
            },
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => StoreError::Unavailable,
            _ if is_lost(&error) => StoreError::Unavailable,
            _ => StoreError::Failed,
        };
        becomes(error)
    }
}

/// Of a unique violation PostgreSQL names the table, SQLite only in its message (`UNIQUE constraint failed: t.c`).
fn duplicate(source: sqlx::Error) -> StoreError {
    let table = source.as_database_error().map_or_else(String::new, |db| {
        let after = db.message().rsplit(": ").next().unwrap_or_default();
        db.table().or(after.split(['.', ' ']).next()).unwrap_or_default().to_owned()
    });
    StoreError::Duplicate { table, source }
}
