//! One connection on either engine, and the narrow call through which every statement goes:
//! `db.sql(LOCK).bind(id).first::<Volume>()`.

use sqlx::{
    Arguments, Decode, Encode, Postgres, Row as _, Sqlite, Transaction, Type,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::error::StoreError;

/// Which database is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A statement: one text for both engines, or a named pair where they differ.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// A connection by itself (each statement its own transaction), or within a transaction, which dropping rolls back.
pub enum Handle<DB: sqlx::Database> {
    Alone(PoolConnection<DB>),
    Within(Transaction<'static, DB>),
}

impl<DB: sqlx::Database> Handle<DB> {
    fn connection(&mut self) -> &mut DB::Connection {
        match self {
            Self::Alone(connection) => connection,
            Self::Within(transaction) => transaction,
        }
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Alone(_) => Ok(()),
            Self::Within(transaction) => transaction.commit().await,
        }
    }
}

/// A connection to either engine.
pub enum Db {
    Sqlite(Handle<Sqlite>),
    Postgres(Handle<Postgres>),
}

impl Db {
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a statement: bind its parameters in order, then run it.
    pub fn sql(&mut self, sql: impl Into<Sql>) -> Statement<'_> {
        let sql = sql.into();
        match self {
            Self::Sqlite(handle) => Statement::Sqlite(sql.sqlite, handle, Ok(SqliteArguments::default())),
            Self::Postgres(handle) => Statement::Postgres(sql.postgres, handle, Ok(PgArguments::default())),
        }
    }

    /// Commits. An error leaves open whether the transaction is committed: see [`super::Store::write`].
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(handle) => handle.commit().await,
            Self::Postgres(handle) => handle.commit().await,
        }
        .map_err(StoreError::from)
    }

    /// The connection within, for the migration adapter.
    pub(super) fn postgres(&mut self) -> Option<&mut sqlx::PgConnection> {
        match self {
            Self::Postgres(handle) => Some(handle.connection()),
            Self::Sqlite(_) => None,
        }
    }

    /// The connection within, for the migration adapter.
    pub(super) fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection> {
        match self {
            Self::Sqlite(handle) => Some(handle.connection()),
            Self::Postgres(_) => None,
        }
    }
}

/// What can be bound to a statement: a type that both engines store.
pub trait Bindable<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T> Bindable<'q> for T where T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}

/// What can be read from a column: a type that both engines store.
pub trait Readable: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}
impl<T> Readable for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

/// Parameters, or why one could not be encoded: said when the statement runs.
type Bound<A> = Result<A, sqlx::Error>;

/// A statement with the parameters bound so far.
pub enum Statement<'c> {
    Sqlite(&'static str, &'c mut Handle<Sqlite>, Bound<SqliteArguments>),
    Postgres(&'static str, &'c mut Handle<Postgres>, Bound<PgArguments>),
}

fn bound<'q, A: Arguments, T: Encode<'q, A::Database> + Type<A::Database>>(arguments: Bound<A>, value: T) -> Bound<A> {
    let mut arguments = arguments?;
    arguments.add(value).map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

impl Statement<'_> {
    /// Binds the next parameter.
    #[must_use]
    pub fn bind<'q>(self, value: impl Bindable<'q>) -> Self {
        match self {
            Self::Sqlite(sql, handle, arguments) => Self::Sqlite(sql, handle, bound(arguments, value)),
            Self::Postgres(sql, handle, arguments) => Self::Postgres(sql, handle, bound(arguments, value)),
        }
    }

    /// Runs it; how many rows it changed.
    pub async fn run(self) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(sql, handle, arguments) => {
                sqlx::query_with(sql, arguments?).execute(handle.connection()).await?.rows_affected()
            }
            Self::Postgres(sql, handle, arguments) => {
                sqlx::query_with(sql, arguments?).execute(handle.connection()).await?.rows_affected()
            }
        })
    }

    /// The first row, if there is one.
    pub async fn first<T: FromRow>(self) -> Result<Option<T>, StoreError> {
        let row = match self {
            Self::Sqlite(sql, handle, arguments) => {
                sqlx::query_with(sql, arguments?).fetch_optional(handle.connection()).await?.map(Row::Sqlite)
            }
            Self::Postgres(sql, handle, arguments) => {
                sqlx::query_with(sql, arguments?).fetch_optional(handle.connection()).await?.map(Row::Postgres)
            }
        };
        row.map(Row::into_domain).transpose()
    }

    /// The only row of a statement that always gives one, such as a count.
    pub async fn one<T: FromRow>(self) -> Result<T, StoreError> {
        self.first().await?.ok_or_else(|| StoreError::Failed(sqlx::Error::RowNotFound))
    }

    /// Every row: only for statements with a bound.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(sql, handle, arguments) => {
                let rows = sqlx::query_with(sql, arguments?).fetch_all(handle.connection()).await?;
                rows.into_iter().map(|row| Row::Sqlite(row).into_domain()).collect()
            }
            Self::Postgres(sql, handle, arguments) => {
                let rows = sqlx::query_with(sql, arguments?).fetch_all(handle.connection()).await?;
                rows.into_iter().map(|row| Row::Postgres(row).into_domain()).collect()
            }
        }
    }
}

/// A row of either engine.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column whose value fits nothing that is ever written there.
#[derive(Debug)]
pub struct BadColumn(pub &'static str);

impl Row {
    /// A column by its name.
    pub fn get<T: Readable>(&self, column: &'static str) -> Result<T, BadColumn> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|_| BadColumn(column))
    }

    /// A text column that has a form of its own.
    pub fn parse<T>(&self, column: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, BadColumn> {
        parse(&self.get::<String>(column)?).ok_or(BadColumn(column))
    }

    fn into_domain<T: FromRow>(self) -> Result<T, StoreError> {
        T::from_row(&self).map_err(|BadColumn(column)| StoreError::Inconsistent {
            table: T::TABLE,
            column,
            row: self
                .get::<crate::domain::Id>("id")
                .map(|id| id.to_string())
                .or_else(|_| self.get("project_id")) // what is a project's has no other key
                .unwrap_or_else(|_| "?".to_owned()),
        })
    }
}

/// What a row becomes.
pub trait FromRow: Sized {
    /// Named in the error when a row fits no state.
    const TABLE: &'static str;

    fn from_row(row: &Row) -> Result<Self, BadColumn>;
}

/// A single number, as `SELECT count(*) AS n`.
pub struct Number(pub i64);

impl FromRow for Number {
    const TABLE: &'static str = "n";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        row.get("n").map(Self)
    }
}
