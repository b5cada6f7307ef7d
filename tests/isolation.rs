//! A PostgreSQL whose default isolation is stricter than ours: nothing of what holds may rest on the default.

use std::process::Stdio;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::{Database, Engine, TestServer, apply, binary, json, limited};

async fn execute(connection: &mut PgConnection, sql: String) {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
}

/// An empty database whose transactions are of this isolation unless they say otherwise.
async fn strict(isolation: &str, database: Database) -> Database {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let sql = format!("ALTER DATABASE {} SET default_transaction_isolation = '{isolation}'", database.name());
    execute(&mut connection, sql).await;
    database
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread")]
async fn ten_starts_at_once_migrate_one_empty_database() {
    for isolation in ["serializable", "repeatable read"] {
        let database = strict(isolation, Database::empty(Engine::Postgres)).await;
        let start = |_| {
            let mut command = binary::command(&["migrate", "--database-url", &database.url]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<_> = (0..10).map(start).collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{isolation}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_made_while_a_create_waits_for_the_lock_is_seen() {
    for isolation in ["serializable", "repeatable read", "read committed"] {
        let database = strict(isolation, Database::fresh(Engine::Postgres)).await;
        let server = TestServer::over(database.into(), &[]).await;
        let volume = server.volume().await;
        let mut other = PgConnection::connect(&server.database.url).await.unwrap();
        // as whoever makes a snapshot does
        let count = format!("UPDATE volumes SET copy_changes = copy_changes + 1 WHERE id = '{volume}'");
        let lock = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {count}");
        execute(&mut other, lock).await;

        let client = (*server).clone();
        let body = json!({"transfer": {"volume_id": volume}});
        let waiting = tokio::spawn(async move { client.post("/v2/alpha/os-volume-transfer", body).await });
        server.database.until_somebody_waits().await;
        let snapshot = format!(
            "INSERT INTO snapshots (volume_id, id, project_id, status, size, consumes_quota, metadata, extra, created_at)
             VALUES ('{volume}', '5eed0000-0000-4000-8000-000000000001', 'alpha', 'available', 1, true, '{{}}', '{{}}', now());
             UPDATE quota_usage SET snapshots = snapshots + 1, gigabytes = gigabytes + 1 WHERE project_id = 'alpha'; COMMIT"
        );
        execute(&mut other, snapshot).await;
        let refused = waiting.await.unwrap().is(400).json();
        assert_eq!(refused["error"]["reasons"][0]["code"], "has_snapshots", "{isolation}: {refused}");
    }
}
