//! No hot path scans a table: what create, accept, delete, show and list by age do on tables with many rows.

use std::{collections::BTreeMap, sync::Arc};

use handover::{domain::page::Direction, store::list};
use sqlx::Row;

use crate::support::{Binary, Database, Engine, Value, binary, json, new_id, volume};

/// So many that a planner prefers an index.
const ROWS: usize = 4000;
const PROJECTS: usize = 40;

/// The hash of a key that nobody knows.
const HASH: &str = "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Half of the volumes of each project are on offer; the ids of alpha's that are not.
fn filled(database: &Database) -> Vec<String> {
    let project = |n: usize| if n.is_multiple_of(PROJECTS) { "alpha".to_owned() } else { format!("p{}", n % PROJECTS) };
    let volumes: Vec<Value> = (0..ROWS).map(|n| volume(&project(n))).collect();
    let offered = volumes.iter().enumerate().filter(|(n, _)| (n / PROJECTS).is_multiple_of(2));
    let transfers: Vec<Value> =
        offered.map(|(_, volume)| json!({"id": new_id(), "volume_id": volume["id"], "auth_key_hash": HASH})).collect();
    binary::import(&database.url, &json!({"volumes": volumes, "transfers": transfers}));
    let free =
        volumes.iter().enumerate().filter(|(n, volume)| !(n / PROJECTS).is_multiple_of(2) && volume["project_id"] == "alpha");
    free.map(|(_, volume)| volume["id"].as_str().unwrap().to_owned()).collect()
}

/// The five operations on both versions, lists by age either way, with a marker and without.
async fn hot_paths(server: &Binary, volumes: &[String]) {
    for (number, volume) in volumes.iter().take(12).enumerate() {
        let base = ["/v2/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"][number % 2];
        let body = json!({"transfer": {"volume_id": volume}});
        let transfer = server.post(base, body).at("3.59").await.is(202).transfer();
        let one = format!("{base}/{}", transfer["id"].as_str().unwrap());
        server.get(&one).at("3.59").await.is(200);
        for query in ["limit=5", "limit=5&marker=", "limit=5&sort=created_at:desc", "limit=5&sort=created_at:desc&marker="] {
            let query = query.replace("marker=", &format!("marker={}", transfer["id"].as_str().unwrap()));
            server.get(&format!("{base}?{query}")).at("3.59").await.is(200);
            let all = format!("{}?all_tenants=1&{query}", base.replace("alpha", "ops"));
            server.get(&all).by("admin:ops").at("3.59").await.is(200);
        }
        if number % 3 == 0 {
            server.delete(&one).at("3.59").await.is(202);
        } else {
            let accept = format!("{}/accept", one.replace("alpha", "beta"));
            server.post(&accept, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").at("3.59").await.is(202);
        }
    }
}

/// How often each table was scanned whole, and by an index.
async fn scans(url: &str) -> BTreeMap<String, (i64, i64)> {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let tables =
        sqlx::query("SELECT relname::text AS name, seq_scan, COALESCE(idx_scan, 0) AS idx_scan FROM pg_stat_user_tables");
    let rows = tables.fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| (row.get("name"), (row.get("seq_scan"), row.get("idx_scan")))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgresql_counts_no_scan_of_a_whole_table() {
    let database = Arc::new(Database::fresh(Engine::Postgres));
    let volumes = filled(&database);
    let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
    sqlx::query("ANALYZE").execute(&pool).await.unwrap();
    pool.close().await;
    // a connection tells its counts when it ends: that of the start's migration too
    Binary::serve(&database.url, &[], &[]).stop();
    let before = scans(&database.url).await;

    let mut server = Binary::serve(&database.url, &[], &[]);
    hot_paths(&server, &volumes).await;
    server.stop();

    let after = scans(&database.url).await;
    for table in ["volumes", "transfers", "snapshots", "backups"] {
        let ((whole_before, index_before), (whole, index)) = (before[table], after[table]);
        assert_eq!(whole, whole_before, "{table} was scanned whole {} times", whole - whole_before);
        // else the counts say nothing
        assert!(index > index_before, "{table} was read by no index: {index_before} then {index}");
    }
}

/// The statements of a file of the store: its string literals that begin a line of their own.
fn statements(source: &'static str) -> Vec<&'static str> {
    source.split('"').filter(|literal| literal.starts_with("\n    ") && !literal.contains("fn ")).collect()
}

/// Each statement of create, accept, delete and show, and the lists by age: all that a hot path runs.
fn hot_statements() -> Vec<&'static str> {
    let mut all = Vec::new();
    all.extend(statements(include_str!("../src/store/volumes.rs")));
    all.extend(statements(include_str!("../src/store/transfers.rs")));
    all.retain(|sql| !sql.contains("FOR UPDATE")); // PostgreSQL's twin of one without
    for project in [true, false] {
        for marker in [true, false] {
            all.extend([Direction::Ascending, Direction::Descending].map(|way| list::by_age(project, marker, way)));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_plans_no_scan_of_a_whole_table() {
    let database = Database::empty(Engine::Sqlite);
    filled(&database);
    let pool = sqlx::SqlitePool::connect(&database.url).await.unwrap();
    let statements = hot_statements();
    assert!(statements.len() >= 16, "the store's statements are found: {statements:?}");
    for sql in statements {
        // only asked how, never run
        let explain = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        let rows = explain.fetch_all(&pool).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        for step in &plan {
            let is_whole = step.starts_with("SCAN ") && !step.contains("USING INDEX") && !step.contains("CONSTANT ROW");
            assert!(!is_whole, "{step}: {sql}");
            assert!(!step.contains("TEMP B-TREE"), "{step}: {sql}");
        }
        if sql.contains("source_project_id = $1") && sql.contains("ORDER BY") {
            assert!(plan[0].starts_with("SEARCH transfers USING INDEX pending_transfers_by_project"), "{plan:?}: {sql}");
        }
    }
    pool.close().await;
}
