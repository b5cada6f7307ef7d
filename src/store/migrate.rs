//! Bringing a database to this binary's version, by refinery, through sqlx alone.
//! Several starts at once are ordered by a row that each locks in one transaction around all migrations.

use backon::{ConstantBuilder, Retryable};
use refinery::error::Kind::Connection;
use refinery::{Migration, Report};
use refinery_core::traits::r#async::{AsyncMigrate, AsyncQuery, AsyncTransaction};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::prelude::*;

mod sqlite {
    refinery::embed_migrations!("migrations/sqlite");
}

mod postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// From which version to which a database was brought; the same twice when there was nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// 0 for an empty database.
    pub from: i64,
    pub to: i64,
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "the database is at version {database}, but this binary knows only up to version {binary}; \
         run the newer handover that wrote it, or restore the backup from before the upgrade"
    )]
    Newer { database: i64, binary: i64 },
    #[error("the database is at version {database}, but this binary works on version {binary}; run `handover migrate` first")]
    Older { database: i64, binary: i64 },
    #[error(
        "the database was made by a handover from before its first release, and this one cannot bring it further; \
         export it with the binary that made it, and import the document into a new database"
    )]
    Unreleased,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a migration failed and nothing of it was kept: {0}")]
    Failed(#[from] refinery::Error),
}

impl MigrateError {
    /// Whether the database went away, or others were in its way: a later try may succeed.
    pub fn is_passing(&self) -> bool {
        let of_store = |error: &StoreError| {
            matches!(error, StoreError::Unavailable(_) | StoreError::Unwritable(_) | StoreError::Contended(_))
        };
        match self {
            Self::Store(error) => of_store(error),
            Self::Failed(error) => matches!(error.kind(), Connection(_, inner) if inner.downcast_ref().is_some_and(of_store)),
            _ => false,
        }
    }
}

const CREATE_LOCK: &str = "CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT NOT NULL PRIMARY KEY)";
const FILL_LOCK: &str = "INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING";
const SEE_LOCK: &str = "SELECT id AS n FROM migration_lock WHERE id = 1";
const TAKE_LOCK: &str = "SELECT id AS n FROM migration_lock WHERE id = 1 FOR UPDATE";

/// A migration may take its time, and so may the wait for another start's.
const UNGUARDED: [&str; 3] =
    ["SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"];

/// refinery's own table of what was applied.
const HISTORY: &str = "refinery_schema_history";

/// How often the lock's own table is tried for: two starts that create it at once make one of them fail, harmlessly.
const LOCK_TRIES: usize = 20;

impl Store {
    /// The newest version that this binary knows for the engine.
    pub fn newest_version(&self) -> i64 {
        runner(self.engine()).get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
    }

    /// Whether the database is at this binary's version, for commands that only read.
    ///
    /// # Errors
    /// [`MigrateError::Older`], [`MigrateError::Newer`] or [`MigrateError::Unreleased`] when it is not.
    pub async fn require_newest(&self) -> Result<(), MigrateError> {
        let binary = self.newest_version();
        let mut db = self.reader().await?;
        let applied = match Adapter(&mut db).applied(&Adapter::get_applied_migrations_query(HISTORY)).await {
            Ok(applied) => applied,
            Err(StoreError::Failed(_)) => Vec::new(), // there is no such table yet
            Err(error) => return Err(error.into()),
        };
        match version(self.engine(), &applied)? {
            database if database < binary => Err(MigrateError::Older { database, binary }),
            database if database > binary => Err(MigrateError::Newer { database, binary }),
            _ => Ok(()),
        }
    }

    /// Brings the database to this binary's version.
    ///
    /// # Errors
    /// [`MigrateError::Newer`] when a newer binary wrote it, [`MigrateError::Unreleased`] when one did from before the first
    /// release; nothing is changed then, nor on any other error.
    pub async fn migrate(&self) -> Result<Migrated, MigrateError> {
        if self.engine() == Engine::Postgres {
            self.make_lock().await?;
        }
        let mut db = self.transaction().await?; // BEGIN IMMEDIATE is the lock on SQLite
        if self.engine() == Engine::Postgres {
            db.limit = None;
            for unguarded in UNGUARDED {
                db.sql(unguarded).run().await?;
            }
            db.sql(TAKE_LOCK).one::<Only<i64>>().await?;
        }
        let runner = runner(self.engine());
        let binary = self.newest_version();
        let mut adapter = Adapter(&mut db);
        adapter.execute_all(&Adapter::assert_migrations_table_query(HISTORY)).await?;
        let from = version(self.engine(), &runner.get_applied_migrations_async(&mut adapter).await?)?;
        ensure!(from <= binary, MigrateError::Newer { database: from, binary });
        let _: Report = runner.run_async(&mut Adapter(&mut db)).await?;
        db.commit().await?;
        Ok(Migrated { from, to: binary })
    }

    async fn make_lock(&self) -> Result<()> {
        let pauses = ConstantBuilder::default().with_delay(Duration::from_millis(25)).with_max_times(LOCK_TRIES - 1);
        // another start made it at the same moment: PostgreSQL says so in several ways
        let is_made = |error: &StoreError| !matches!(error, StoreError::Unavailable(_));
        let make = async || {
            let mut db = self.reader().await?;
            if db.sql(SEE_LOCK).first::<Only<i64>>().await.is_ok_and(|row| row.is_some()) {
                return Ok(()); // as on every start but the first
            }
            db.sql(CREATE_LOCK).run().await?;
            db.sql(FILL_LOCK).run().await.map(|_| ())
        };
        make.retry(pauses).when(is_made).await
    }
}

fn runner(engine: Engine) -> refinery::Runner {
    match engine {
        Engine::Sqlite => sqlite::migrations::runner(),
        Engine::Postgres => postgres::migrations::runner(),
    }
}

/// The version that these migrations lead to, 0 for none.
fn version(engine: Engine, applied: &[Migration]) -> Result<i64, MigrateError> {
    match (applied.first(), runner(engine).get_migrations().first()) {
        (Some(theirs), Some(ours)) if theirs != ours => Err(MigrateError::Unreleased), // what is released is never edited
        _ => Ok(applied.last().map_or(0, |migration| i64::from(migration.version()))),
    }
}

/// The statements of a migration, without comments: a distributed PostgreSQL takes one a query. No literal of a migration holds
/// `--` or `;`.
fn statements(text: &str) -> Vec<String> {
    let code = |line: &str| line.split_once("--").map_or(line, |(code, _)| code).to_owned();
    let lines: Vec<String> = text.lines().map(code).collect();
    lines.join("\n").split(';').map(|statement| statement.trim().to_owned()).filter(|statement| !statement.is_empty()).collect()
}

/// Lets refinery run its statements within our transaction: its own, and the migration files that the binary embeds.
struct Adapter<'db>(&'db mut Db);

impl Adapter<'_> {
    async fn execute_all(&mut self, text: &str) -> Result<()> {
        for statement in statements(text) {
            self.0.put_together(AssertSqlSafe(statement).into_sql_str()).rows().await?;
        }
        Ok(())
    }

    async fn applied(&mut self, text: &str) -> Result<Vec<Migration>> {
        let rows = self.0.put_together(AssertSqlSafe(text).into_sql_str()).rows().await?;
        rows.iter().map(migration).collect()
    }
}

/// A row of refinery's table.
fn migration(row: &Row) -> Result<Migration> {
    let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let read = || {
        let (version, name): (i32, String) = (row.get("version")?, row.get("name")?);
        let (at, checksum) = (row.parse("applied_on", at)?, row.parse("checksum", |text| text.parse().ok())?);
        Ok(Migration::applied(version, name, at, checksum))
    };
    read().map_err(|BadColumn(column)| StoreError::Failed(sqlx::Error::ColumnNotFound(column.to_owned())))
}

impl AsyncTransaction for Adapter<'_> {
    type Error = StoreError;

    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(&'a mut self, queries: T) -> Result<usize> {
        let mut count = 0;
        for query in queries {
            self.execute_all(query).await?;
            count += 1;
        }
        Ok(count)
    }
}

impl AsyncQuery<Vec<Migration>> for Adapter<'_> {
    async fn query<'a>(&'a mut self, query: &'a str) -> Result<Vec<Migration>> {
        self.applied(query).await
    }
}

impl AsyncMigrate for Adapter<'_> {}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn a_migration_is_run_one_statement_at_a_time() {
        let text = "-- of a; b\nCREATE TABLE a (\n    b INT -- c;\n); -- d\n\nINSERT INTO a (b)\nVALUES (1);\n";
        assert_eq!(statements(text), ["CREATE TABLE a (\n    b INT \n)", "INSERT INTO a (b)\nVALUES (1)"]);
    }

    #[test]
    fn no_literal_of_a_migration_looks_like_the_end_of_a_statement() {
        for runner in [super::sqlite::migrations::runner(), super::postgres::migrations::runner()] {
            for migration in runner.get_migrations() {
                for statement in statements(migration.sql().unwrap_or_default()) {
                    assert!(statement.matches('\'').count().is_multiple_of(2), "{migration}: {statement}");
                }
            }
        }
    }
}
