//! No hot path scans a table: what create, accept, delete, show and list by age do on tables with many rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use handover::domain::page::{Direction, Filter, FilterValue, Order};
use handover::domain::{Id, ProjectId, Time};
use handover::store::list::{self, After, List, Query};
use handover::store::table::Table;
use handover::store::{copies, gathered, summary, transfers, volumes};
use serde::de::DeserializeOwned;
use sqlx::Row;

use crate::support::idempotency::IDEMPOTENCY_KEY;
use crate::support::{
    Binary, Database, Engine, NOBODYS_HASH, Value, apply, binary, copy, count, json, limited, new_id, volume, with,
};

/// So many that a planner prefers an index.
const ROWS: usize = 4000;
const PROJECTS: usize = 40;

/// Half of the volumes of each project are on offer; the ids of alpha's that are not.
fn filled(database: &Database) -> Vec<String> {
    let project = |n: usize| if n.is_multiple_of(PROJECTS) { "alpha".to_owned() } else { format!("p{}", n % PROJECTS) };
    let is_offered = |n: usize| (n / PROJECTS).is_multiple_of(2);
    // copies of the others', so that no table is so small that to read it whole is right
    let seed = |n: usize| match volume(&project(n)) {
        volume if is_offered(n) || volume["project_id"] == "alpha" => volume,
        volume => with(volume, json!({"snapshots": [copy("available")], "backups": [copy("available")]})),
    };
    let volumes: Vec<Value> = (0..ROWS).map(seed).collect();
    let offered = volumes.iter().enumerate().filter(|(n, _)| is_offered(*n));
    let transfers: Vec<Value> =
        offered.map(|(_, volume)| json!({"id": new_id(), "volume_id": volume["id"], "auth_key_hash": NOBODYS_HASH})).collect();
    binary::import(&database.url, &json!({"volumes": volumes, "transfers": transfers}));
    let free = volumes.iter().enumerate().filter(|(n, volume)| !is_offered(*n) && volume["project_id"] == "alpha");
    free.map(|(_, volume)| volume["id"].as_str().unwrap().to_owned()).collect()
}

/// The five operations on both versions, lists by age either way, with a marker and without.
async fn hot_paths(server: &Binary, volumes: &[String]) {
    for (number, volume) in volumes.iter().take(12).enumerate() {
        let base = ["/v2/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"][number % 2];
        let body = json!({"transfer": {"volume_id": volume}});
        let named = |tail: &str| format!("{volume}-{tail}");
        let create = server.post(base, body).at("3.59").header(IDEMPOTENCY_KEY, &named("create"));
        let transfer = create.await.is(202).transfer();
        let one = format!("{base}/{}", transfer["id"].as_str().unwrap());
        server.get(&one).at("3.59").await.is(200);
        for query in ["limit=5", "limit=5&marker=", "limit=5&sort=created_at:desc", "limit=5&sort=created_at:desc&marker="] {
            let query = query.replace("marker=", &format!("marker={}", transfer["id"].as_str().unwrap()));
            server.get(&format!("{base}?{query}")).at("3.59").await.is(200);
            let all = format!("{}?all_tenants=1&{query}", base.replace("alpha", "ops"));
            server.get(&all).by("admin:ops").at("3.59").await.is(200);
        }
        server.get(&format!("/v3/alpha/volumes/{volume}")).await.is(200);
        for query in [
            "limit=5",
            "limit=5&marker=",
            "limit=5&sort=created_at:asc",
            "limit=5&status=available&sort=created_at:asc",
            "limit=5&metadata={'no':'such'}",
        ] {
            let query = query.replace("marker=", &format!("marker={volume}"));
            server.get(&format!("/v3/alpha/volumes/detail?{query}")).await.is(200);
            let all = format!("/v2/ops/volumes/detail?all_tenants=1&{query}");
            server.get(&all).by("admin:ops").await.is(200);
        }
        for list in ["volumes/detail", "snapshots/detail", "backups/detail", "cloudvolumes/detail", "cloudsnapshots/detail"] {
            server.get(&format!("/v3/alpha/{list}?limit=5&with_count=true")).at("3.59").await.is(200);
        }
        server.get("/v3/alpha/volumes/summary").at("3.59").await.is(200);
        server.get("/v3/ops/volumes/summary?all_tenants=1").by("admin:ops").at("3.59").await.is(200);
        // what clients ask for by name before every call, and scripts by status
        let (admin, member) = (("admin:ops", "/v3/ops", "all_tenants=1&"), ("alice:alpha", "/v3/alpha", ""));
        for (token, base, all) in [admin, member] {
            for list in ["volumes", "snapshots", "backups", "volume-transfers"] {
                server.get(&format!("{base}/{list}/detail?{all}name=no-such-name")).by(token).await.is(200);
            }
        }
        for list in ["volumes", "snapshots", "backups"] {
            server.get(&format!("/v3/alpha/{list}/detail?status=error&limit=5")).await.is(200);
        }
        for list in ["snapshots", "backups", "volume-transfers"] {
            server.get(&format!("/v3/alpha/{list}/detail?volume_id={volume}")).await.is(200);
        }
        if number % 3 == 0 {
            server.delete(&one).at("3.59").header(IDEMPOTENCY_KEY, &named("delete")).await.is(202);
        } else {
            let accept = format!("{}/accept", one.replace("alpha", "beta"));
            let body = json!({"accept": {"auth_key": transfer["auth_key"]}});
            let accept = server.post(&accept, body).by("bob:beta").at("3.59").header(IDEMPOTENCY_KEY, &named("accept"));
            accept.await.is(202);
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

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgresql_counts_no_scan_of_a_whole_table() {
    let database = Arc::new(Database::fresh(Engine::Postgres));
    let volumes = filled(&database);
    let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
    let names = "INSERT INTO idempotency_keys SELECT md5(n::text), '', now(), '' FROM generate_series(1, 4000) AS n";
    sqlx::query(names).execute(&pool).await.unwrap();
    sqlx::query("ANALYZE").execute(&pool).await.unwrap();
    pool.close().await;
    // a connection tells its counts when it ends: that of the start's migration too
    Binary::serve(&database.url, &[], &[]).stop();
    let before = scans(&database.url).await;

    let mut server = Binary::serve(&database.url, &[], &[]);
    hot_paths(&server, &volumes).await;
    server.stop();

    let after = scans(&database.url).await;
    for table in ["volumes", "transfers", "snapshots", "backups", "idempotency_keys"] {
        let ((whole_before, index_before), (whole, index)) = (before[table], after[table]);
        assert_eq!(whole, whole_before, "{table} was scanned whole {} times", whole - whole_before);
        // else the counts say nothing
        assert!(index > index_before, "{table} was read by no index: {index_before} then {index}");
    }
}

/// The statements of a file of the store, as they are declared: a text, pieces of one in `concat!`, or a pair of which
/// `SQLite`'s comes first.
fn statements(source: &str) -> Vec<String> {
    let statement = |item: &str| {
        let (_, value) = item.split_once(" = ")?;
        let mut sql = String::new();
        for (number, piece) in value.split('"').enumerate() {
            let is_literal = number % 2 == 1;
            if is_literal {
                sql.push_str(piece);
            } else if piece.contains("columns!()") {
                sql.push('*');
            }
            if (is_literal && value.starts_with("Sql {")) || (!is_literal && piece.contains(';')) {
                break;
            }
        }
        Some(sql)
    };
    source
        .split("const ")
        .skip(1)
        .filter_map(statement)
        .filter(|sql| {
            ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|verb| sql.trim_start().starts_with(verb))
        })
        // what is put together behind it is not whole, and rows are locked on the other engine
        .filter(|sql| !sql.ends_with(' ') && !sql.ends_with("FOR UPDATE"))
        .collect()
}

/// Each statement of create, accept, delete and show, and the lists by age: all that a hot path runs.
fn hot_statements() -> Vec<String> {
    let mut all = Vec::new();
    all.extend(statements(include_str!("../src/store/volumes.rs")));
    all.extend(statements(include_str!("../src/store/transfers.rs")));
    all.extend(statements(include_str!("../src/store/idempotency.rs")));
    all.extend(put_together());
    all.extend(statements(include_str!("../src/store/copies.rs")));
    all
}

/// The statements that are put together: what is known by its id, and what clients ask for on every call.
fn put_together() -> Vec<String> {
    let candidate = volumes::candidates(Engine::Sqlite).push("v.id = $1");
    let together = gathered::selection(&volumes::TABLE, Engine::Sqlite, &[Id::parse(&new_id()).unwrap(); gathered::AT_ONCE]);
    let together = volumes::TABLE.each(together).text().to_owned();
    let mut all = vec![by_id(&volumes::TABLE), together, by_id(&transfers::TABLE), candidate.text().to_owned()];
    all.extend(pages(&transfers::PENDING));
    all.extend(pages(&volumes::ALL));
    all.extend(pages(&copies::ALL_SNAPSHOTS));
    all.extend(pages(&copies::ALL_BACKUPS));
    all
}

/// The statement that reads a record by its id.
fn by_id<T: DeserializeOwned>(table: &Table<T>) -> String {
    table.each(table.select(Engine::Sqlite).push("id = $1")).text().to_owned()
}

/// A list by age, and narrowed by what has an index, of a project and of all.
fn pages<T: DeserializeOwned>(list: &List<T>) -> Vec<String> {
    let alpha = || ProjectId::parse("alpha");
    let id = Id::parse(&new_id()).unwrap();
    let text = |name| vec![Filter { name, value: FilterValue::from("x".to_owned()) }];
    let knows = |name: &str| list.filters.iter().any(|(.., names)| names.contains(&name));
    let mut asked = vec![(alpha(), vec![]), (None, vec![]), (alpha(), text("name")), (None, text("name"))];
    if knows("status") {
        asked.push((alpha(), text("status")));
    }
    if list.table.name == "volumes" {
        let pair = json!({"tier": "gold"}).as_object().unwrap().clone();
        asked.push((alpha(), vec![Filter { name: "metadata", value: FilterValue::Texts(pair) }]));
    }
    for name in ["id", "volume_id"].into_iter().filter(|name| knows(name)) {
        asked.push((alpha(), vec![Filter { name, value: id.into() }]));
    }
    let mut all = Vec::new();
    for (project, filters) in asked {
        for (way, has_marker) in
            [Direction::Ascending, Direction::Descending].into_iter().flat_map(|way| [(way, true), (way, false)])
        {
            let order = Order::by_age(way);
            let after = has_marker.then(|| After { id, created_at: Time::EPOCH, keys: Vec::new() });
            let (project, filters) = (project.clone(), filters.clone());
            let query = Query { project, filters, order, after, offset: 0, rows: 101, now: Time::EPOCH };
            let page = list::page(Engine::Sqlite, list, &query).unwrap();
            all.push(list.table.all_of(page.clone()).text().to_owned());
            all.push(list.table.counted_of(page).text().to_owned());
        }
    }
    all
}

/// What `SQLite` would do; nothing is run.
async fn plan(pool: &sqlx::SqlitePool, sql: &str) -> Vec<String> {
    let explain = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    let rows = explain.fetch_all(pool).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    let steps = rows.iter().map(|row| row.get::<String, _>("detail"));
    // the rows of a page, gathered into one, are no table
    steps.filter(|step| !step.starts_with("CO-ROUTINE") && !step.starts_with("SCAN selected")).collect()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_plans_no_scan_of_a_whole_table() {
    let database = Database::empty(Engine::Sqlite);
    filled(&database);
    let pool = sqlx::SqlitePool::connect(&database.url).await.unwrap();
    let statements = hot_statements();
    assert!(statements.len() >= 20, "the store's statements are found: {statements:?}");
    let mut pages = 0;
    for sql in statements {
        let plan = plan(&pool, &sql).await;
        for step in &plan {
            // json_each is no table, but a parameter or a value taken apart; what a page's rows become is none either
            let is_table =
                ["CONSTANT ROW", "VIRTUAL TABLE", "SCAN counted", "SCAN (subquery"].iter().all(|none| !step.contains(none));
            let is_whole = step.starts_with("SCAN ") && !step.contains("USING INDEX") && is_table;
            assert!(!is_whole, "{step}: {sql}");
            // what an id or a volume has is a few rows, sorted at no cost
            let is_few = sql.contains(" id = $") || sql.contains("volume_id = $") || plan[0].contains("_by_name (name=?)");
            assert!(is_few || !step.contains("TEMP B-TREE"), "{step}: {sql}");
            let is_list = sql.contains("ORDER BY created_at");
            assert!(is_list || !step.contains("snapshots_by_project"), "a volume's few, not a project's many: {step}: {sql}");
        }
        for (asked, index) in [(" name = $", "_by_name (name=?"), (" status = $", "_by_status (project_id=? AND status=?")] {
            let is_asked = sql.contains("LIMIT") && sql.contains(asked);
            assert!(!is_asked || plan[0].contains(index), "{plan:?}: {sql}");
        }
        let is_narrowed = sql.contains("(metadata <> '{}' AND");
        assert!(!is_narrowed || plan[0].contains("INDEX volumes_with_metadata (project_id=?"), "{plan:?}: {sql}");
        let is_narrowed =
            is_narrowed || ["name = $", "status = $", " id = $", "volume_id = $"].iter().any(|asked| sql.contains(asked));
        let is_page = sql.contains("project_id = $1") && sql.contains("ORDER BY created_at") && !is_narrowed;
        assert!(!is_page || plan[0].contains("_by_project ("), "{plan:?}: {sql}");
        pages += usize::from(is_page);
        // and not what ended
        let is_of_offers =
            sql.contains("WHERE state = 'pending'") && sql.contains("ORDER BY created_at") && !sql.contains(" id = $");
        assert!(!is_of_offers || plan[0].contains("pending_transfer"), "{plan:?}: {sql}");
        if sql.contains("status_until <= $1") {
            assert!(plan[0].starts_with("SEARCH volumes USING") && plan[0].contains("INDEX volumes_due"), "{plan:?}: {sql}");
        }
    }
    // four lists, either way, with a marker and without, counted and not
    assert_eq!(pages, 32);
    pool.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_sums_up_from_what_is_counted_and_from_those_that_have_metadata() {
    let database = Database::empty(Engine::Sqlite);
    binary::import(&database.url, &json!({"volumes": [volume("alpha")]}));
    let pool = sqlx::SqlitePool::connect(&database.url).await.unwrap();
    let alpha = ProjectId::parse("alpha");
    for project in [alpha.as_ref(), None] {
        let totals = [
            summary::total_of(Engine::Sqlite, project),
            list::count_of(Engine::Sqlite, &volumes::ALL, project, &[]).unwrap(),
            list::count_of(Engine::Sqlite, &copies::ALL_SNAPSHOTS, project, &[]).unwrap(),
            list::count_of(Engine::Sqlite, &copies::ALL_BACKUPS, project, &[]).unwrap(),
        ];
        for total in totals {
            let plan = plan(&pool, total.text()).await;
            let reads: Vec<&String> =
                plan.iter().filter(|step| step.starts_with("SEARCH") || step.starts_with("SCAN")).collect();
            let is_fit = |step: &str| match project {
                Some(_) => step.starts_with("SEARCH") && step.contains("(project_id=?)"),
                // of all projects there is a row each
                None => step == "SCAN quota_usage" || step.contains("_uncounted"),
            };
            // and the few that no quota counts
            let is_few = |step: &str| step == "SCAN all_of_them" || is_fit(step);
            assert!(reads.len() >= 2 && reads.iter().all(|step| is_few(step)), "{plan:?}");
        }
        let plan = plan(&pool, summary::metadata_of(Engine::Sqlite, project).text()).await;
        let reads: Vec<&String> = plan.iter().filter(|step| step.contains(" volumes ")).collect();
        assert!(matches!(reads[..], [read] if read.contains("USING INDEX volumes_with_metadata")), "{plan:?}");
    }
    pool.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_connections_each_keep_their_pages() {
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let options: Vec<String> = sqlx::query_scalar("PRAGMA compile_options").fetch_all(&pool).await.unwrap();
    assert!(options.iter().any(|option| option.starts_with("THREADSAFE")), "{options:?}");
    assert!(!options.iter().any(|option| option == "ENABLE_MEMORY_MANAGEMENT"), "see .cargo/config.toml: {options:?}");
    pool.close().await;
}

/// The indexes of an `SQLite` file, by their names, and how each is made.
async fn indexes(url: &str) -> BTreeMap<String, Option<String>> {
    let pool = sqlx::SqlitePool::connect(url).await.unwrap();
    let rows = sqlx::query("SELECT name, sql FROM sqlite_master WHERE type = 'index'").fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| (row.get("name"), row.get("sql"))).collect()
}

/// How many indexes an import of this document has dropped on the way, whether it was loaded, and what it said.
fn dropped(url: &str, document: &Value, flags: &[&str]) -> (usize, bool, String) {
    let mut import = binary::command(&[&["import", "--database-url", url, "-"], flags].concat());
    let output = binary::feed(import.env("HANDOVER_LOG", "handover::store=trace"), &document.to_string());
    let said = String::from_utf8(output.stderr).unwrap();
    let dropped = said.lines().filter(|line| line.contains("DROP INDEX") && line.contains("volumes_"));
    (dropped.count(), output.status.success(), said)
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_makes_its_indexes_of_volumes_once_behind_an_import_that_adds_half_of_them() {
    let volumes = |many: usize| -> Vec<Value> { (0..many).map(|_| volume("alpha")).collect() };
    let database = Database::fresh(Engine::Sqlite);
    let url = &database.url;
    assert!(binary::run(&["migrate", "--database-url", url], "").status.success());
    let before = indexes(url).await;
    assert!(before.contains_key("volumes_by_project"), "{before:?}");
    let mut faulty = volumes(600);
    faulty.push(json!({"id": new_id(), "project_id": "alpha", "status": "awaiting-transfer"}));
    let imports: [(Vec<Value>, &[&str], bool, bool); 6] = [
        // what is wrong is known when all are in
        (faulty, &[], true, false),
        (volumes(600), &["--check"], true, true),
        (volumes(600), &[], true, true),
        (volumes(600), &[], false, true),
        (volumes(100), &[], false, true),
        // once as many are new as were there
        (volumes(2000), &[], true, true),
    ];
    for (n, (volumes, flags, is_new, is_loaded)) in imports.into_iter().enumerate() {
        let (dropped, loaded, said) = dropped(url, &json!({"volumes": volumes}), flags);
        assert_eq!((dropped, loaded), (if is_new { 7 } else { 0 }, is_loaded), "{n}: {said:.2000}");
        assert_eq!(indexes(url).await, before, "{n}");
    }
    assert_eq!(count(url, "SELECT count(*) AS n FROM volumes INDEXED BY volumes_by_age WHERE created_at > 0").await, 3300);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sqlite_adds_a_few_volumes_one_by_one() {
    let database = Database::fresh(Engine::Sqlite);
    let few: Vec<Value> = (0..100).map(|_| volume("alpha")).collect();
    let (dropped, loaded, said) = dropped(&database.url, &json!({"volumes": few}), &[]);
    assert_eq!((dropped, loaded), (0, true), "{said:.2000}");
}
