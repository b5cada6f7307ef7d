//! A database is brought to the binary's version once, or is refused with what to do.

use handover::store::{Purpose, Store};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::support::{Database, Engine, OperatorCli, apply, binary, both_engines};

/// Runs statements on a database that may be there or not.
async fn execute(database: &Database, text: &str) {
    let statements = sqlx::raw_sql(AssertSqlSafe(text));
    match database.engine {
        Engine::Sqlite => {
            let pool = SqlitePool::connect(&format!("{}?mode=rwc", database.url)).await.unwrap();
            statements.execute(&pool).await.unwrap();
            pool.close().await;
        }
        Engine::Postgres => {
            let pool = PgPool::connect(&database.url).await.unwrap();
            statements.execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
}

/// Notes a migration that this binary does not have.
fn note(version: i64, name: &str) -> String {
    format!(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         VALUES ({version}, '{name}', '2026-11-24T12:00:00.000000000Z', '5572375743164125443');"
    )
}

/// What each command that opens a database says of one that it refuses.
fn refusals(desk: &OperatorCli) -> Vec<String> {
    let said = |command: &str| {
        let ran = desk.run(&[command, "--listen", "127.0.0.1:0"], "");
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""), "{command}: {}", ran.err);
        ran.err
    };
    ["serve", "migrate", "check", "export"].map(said).to_vec()
}

#[apply(both_engines!)]
async fn migrate_says_from_which_version_to_which(engine: Engine) {
    let desk = OperatorCli(Database::empty(engine).into());
    let store = Store::open(&desk.0.url, Purpose::Command).await.unwrap();
    let newest = store.newest_version();
    store.close().await;
    for said in [format!("migrated from version 0 to {newest}\n"), format!("at version {newest} already\n")] {
        let ran = desk.run(&["migrate"], "");
        assert_eq!((ran.status, ran.out), (Some(0), said), "{}", ran.err);
    }
}

#[apply(both_engines!)]
async fn a_command_that_only_reads_asks_for_the_migration_first(engine: Engine) {
    let desk = OperatorCli(Database::empty(engine).into());
    execute(&desk.0, "CREATE TABLE somebody_elses (id BIGINT NOT NULL PRIMARY KEY)").await;
    for command in ["check", "export"] {
        let ran = desk.run(&[command], "");
        let said = "the database is at version 0, but this binary works on version 1; run `handover migrate` first";
        assert!(ran.status == Some(1) && ran.err.contains(said), "{command}: {}", ran.err);
    }
    assert_eq!(desk.run(&["migrate"], "").status, Some(0));
}

#[apply(both_engines!)]
async fn a_database_of_a_newer_binary_is_left_alone(engine: Engine) {
    let desk = OperatorCli(Database::fresh(engine).into());
    assert_eq!(desk.run(&["migrate"], "").status, Some(0));
    execute(&desk.0, &note(9999, "from_tomorrow")).await;
    for said in refusals(&desk) {
        assert!(said.contains("is at version 9999, but this binary knows only up to version 1; run the newer"), "{said}");
    }
    execute(&desk.0, "DELETE FROM refinery_schema_history WHERE version = 9999").await;
}

/// Before the first release the schema came in three migrations. Their versions say nothing: 0.2 may be at 2 as well.
#[apply(both_engines!)]
async fn a_database_from_before_the_first_release_is_left_alone(engine: Engine) {
    let history = "CREATE TABLE refinery_schema_history(
                       version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));";
    let database = Database::empty(engine);
    execute(&database, history).await;
    let url = database.url.clone();
    for (version, name) in [(1, "volumes_and_transfers"), (2, "volume_calls"), (3, "acts")] {
        execute(&database, &note(version, name)).await;
        for command in ["serve", "migrate", "check", "export"] {
            let output = binary::run(&[command, "--listen", "127.0.0.1:0", "--database-url", &url], "");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{command}: {said}");
            let what_to_do = "export it with the binary that made it, and import the document into a new database";
            assert!(said.contains(what_to_do), "version {version}, {command}: {said}");
        }
    }
    // it was not touched: no table of this version is there
    execute(&database, "CREATE TABLE volumes (id BIGINT NOT NULL PRIMARY KEY)").await;
}
