//! One connection on either engine, alone or within a transaction, and how a transaction ends.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Executor, Postgres, SqlSafeStr, SqlStr, Sqlite};

use super::error::StoreError;
use super::statement::{Sql, Statement};

/// Which database is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Its name, as the log and the document say it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A connection to either engine: each statement its own transaction, or, once one is begun, all of them in that.
/// Dropped within a transaction it rolls back, and a connection whose transaction cannot be ended never comes back to its pool.
pub struct Db {
    /// There until it is dropped.
    link: Option<Link>,
    is_within: bool,
}

/// What a pool lends.
pub(super) enum Link {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// How long a transaction that nobody waits for may take to roll back, before its connection is cut.
const ROLLING_BACK: Duration = Duration::from_secs(5);

impl Link {
    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => (&mut **connection).execute(sql).await.map(|_| ()),
            Self::Postgres(connection) => (&mut **connection).execute(sql).await.map(|_| ()),
        }
    }

    /// Out of the pool and cut, without a farewell that could hang.
    fn cut(self) {
        match self {
            Self::Sqlite(connection) => drop(connection.detach()),
            Self::Postgres(connection) => drop(connection.detach()),
        }
    }
}

impl Db {
    /// A connection for single statements.
    pub(super) const fn alone(link: Link) -> Self {
        Self { link: Some(link), is_within: false }
    }

    /// A connection within a transaction that `sql` begins.
    pub(super) async fn begin(link: Link, sql: &'static str) -> Result<Self, StoreError> {
        let mut db = Self { link: Some(link), is_within: true };
        db.link().execute(sql).await?;
        Ok(db)
    }

    fn link(&mut self) -> &mut Link {
        self.link.as_mut().expect("taken by drop alone")
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.link {
            Some(Link::Postgres(_)) => Engine::Postgres,
            Some(Link::Sqlite(_)) | None => Engine::Sqlite,
        }
    }

    /// Begins a statement: bind its parameters in order, then run it.
    pub fn sql(&mut self, sql: impl Into<Sql>) -> Statement<'_> {
        let text = sql.into().of(self.engine());
        self.put_together(text.into_sql_str())
    }

    /// The same of a text that [`super::select`] has put together, or that [`super::migrate`] has found in a migration.
    pub(super) fn put_together(&mut self, text: SqlStr) -> Statement<'_> {
        match self.link() {
            Link::Sqlite(connection) => Statement::Sqlite(text, connection, Ok(SqliteArguments::default())),
            Link::Postgres(connection) => Statement::Postgres(text, connection, Ok(PgArguments::default())),
        }
    }

    /// Commits. An error leaves open whether the transaction is committed: see [`super::Store::write`].
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.is_within {
            self.link().execute("COMMIT").await?;
            self.is_within = false;
        }
        Ok(())
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take_if(|_| self.is_within) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return link.cut() };
        runtime.spawn(async move {
            // SQLite has ended it by itself where a disk is full, and says so by an error: then, too, nobody knows what is left
            match tokio::time::timeout(ROLLING_BACK, link.execute("ROLLBACK")).await {
                Ok(Ok(())) => drop(link),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a transaction could not be rolled back; its connection is thrown away");
                    link.cut();
                }
                Err(_) => {
                    tracing::warn!("a transaction was not rolled back in time; its connection is thrown away");
                    link.cut();
                }
            }
        });
    }
}
