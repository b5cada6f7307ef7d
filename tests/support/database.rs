//! A database of a test's own, gone when the test is.

use super::{Engine, postgres, room};

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
                let folder = room::folder("handover-test-");
                let url = format!("sqlite://{}/handover.db", folder.path().display());
                Self { engine, url, held: Held::Folder(folder) }
            }
            Engine::Postgres => {
                let name = postgres::create(migrated);
                Self { engine, url: postgres::url(&name), held: Held::Name(name) }
            }
        }
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
