//! A database of a test's own, gone when the test is.

use sqlx::{Connection, Executor, PgConnection};

use super::{Engine, postgres, scratch, until};

pub struct Database {
    pub engine: Engine,
    pub url: String,
    held: Held,
}

enum Held {
    Folder(tempfile::TempDir),
    Name(String),
}

impl Database {
    /// Migrated already where that is quicker: on PostgreSQL.
    pub fn fresh(engine: Engine) -> Self {
        Self::new(engine, true)
    }

    /// Without a table.
    pub fn empty(engine: Engine) -> Self {
        Self::new(engine, false)
    }

    fn new(engine: Engine, migrated: bool) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = scratch::folder("handover-test-");
                let url = format!("sqlite://{}/handover.db", folder.path().display());
                Self { engine, url, held: Held::Folder(folder) }
            }
            Engine::Postgres => {
                let name = postgres::create(migrated);
                Self { engine, url: postgres::url(&name), held: Held::Name(name) }
            }
        }
    }

    /// Until somebody waits for a lock in a PostgreSQL database.
    pub async fn until_somebody_waits(&self) {
        self.until_so_many_wait(1).await;
    }

    /// Until so many wait for a lock in a PostgreSQL database.
    pub async fn until_so_many_wait(&self, least: i64) {
        const WAITING: &str =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let watch = tokio::sync::Mutex::new(PgConnection::connect(&self.url).await.unwrap());
        let waiting = async || sqlx::query_scalar::<_, i64>(WAITING).fetch_one(&mut *watch.lock().await).await.unwrap();
        until("somebody waits for a lock", async || waiting().await >= least).await;
    }

    /// The name of a PostgreSQL database.
    pub fn name(&self) -> &str {
        match &self.held {
            Held::Name(name) => name,
            Held::Folder(folder) => panic!("{} is an SQLite database", folder.path().display()),
        }
    }

    /// Demotes a PostgreSQL database, as a failover does, or promotes it; who is connected has to come again.
    pub async fn set_read_only(&self, is_read_only: bool) {
        let value = if is_read_only { "on" } else { "off" };
        let set = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$"
        );
        let mut operator = PgConnection::connect(&self.url).await.unwrap();
        operator.execute("SET default_transaction_read_only = off").await.unwrap();
        operator.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'handover'";
        operator.execute(end).await.unwrap();
    }

    /// The folder of an SQLite database.
    pub fn folder(&self) -> &std::path::Path {
        match &self.held {
            Held::Folder(folder) => folder.path(),
            Held::Name(name) => panic!("{name} is a PostgreSQL database"),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Held::Name(name) = &self.held {
            postgres::drop(name);
        }
    }
}
