//! What PostgreSQL knows of its tables, for how long it keeps what it made of that, and by which index it then reads a page.

use handover::domain::page::{Direction, Order};
use handover::domain::{ProjectId, Time};
use handover::store::list::{self, List, Query};
use handover::store::statement::Only;
use handover::store::{Purpose, Store, copies, transfers, volumes};
use serde::de::DeserializeOwned;
use sqlx::{Connection, PgConnection, Row};

use crate::support::{Database, Engine, NOBODYS_HASH, Value, apply, binary, copy, count, json, limited, new_id, volume, with};

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgresql_knows_its_tables_after_an_import_of_many() {
    let database = Database::fresh(Engine::Postgres);
    let volumes: Vec<Value> = (0..10_000).map(|_| json!({"id": new_id(), "project_id": "alpha"})).collect();
    binary::import(&database.url, &json!({ "volumes": volumes }));
    let known = "SELECT count(*) AS n FROM pg_stats WHERE tablename = 'volumes' AND attname = 'project_id'";
    assert_eq!(count(&database.url, known).await, 1);
}

/// What is asked for a page of a project's, or of all.
fn plain(project: Option<&str>) -> Query {
    Query {
        project: project.and_then(ProjectId::parse),
        filters: Vec::new(),
        order: Order::by_age(Direction::Descending),
        after: None,
        offset: 0,
        rows: 101,
        now: Time::EPOCH,
    }
}

/// Whichever project asks, though one has far more rows than the others.
#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_page_is_planned_for_its_values_five_times_and_then_for_all() {
    let database = Database::fresh(Engine::Postgres);
    let project = |n: usize| if n < 9000 { "alpha".to_owned() } else { format!("p{}", n % 10) };
    let volumes: Vec<Value> = (0..10_000).map(|n| volume(&project(n))).collect();
    binary::import(&database.url, &json!({ "volumes": volumes }));
    for project in [Some("alpha"), Some("p1"), None] {
        let query = plain(project);
        // a connection that knows no statement yet
        let store = Store::open(&database.url, Purpose::Command).await.unwrap();
        let mut db = store.reader().await.unwrap();
        for _ in 0..8 {
            list::rows(&mut db, &volumes::ALL, &query).await.unwrap();
        }
        let kept = "SELECT MAX(generic_plans) AS n FROM pg_prepared_statements WHERE statement LIKE '%FROM volumes%'";
        let Only(kept): Only<i64> = db.sql(kept).one().await.unwrap();
        // without a value there is nothing to plan for
        assert_eq!(kept, if project.is_some() { 3 } else { 8 }, "{project:?}");
        drop(db);
        store.close().await;
    }
}

/// What a page is read by, whoever asks for it.
async fn index_of<T: DeserializeOwned>(connection: &mut PgConnection, list: &List<T>, project: Option<&str>) -> String {
    let page = list.table.all_of(list::page(Engine::Postgres, list, &plain(project)).unwrap());
    let prepared = format!("SET plan_cache_mode = force_generic_plan; PREPARE page AS {}", page.text());
    sqlx::raw_sql(sqlx::AssertSqlSafe(prepared)).execute(&mut *connection).await.unwrap();
    let values = project.map(|project| format!("'{project}'")).into_iter().chain(list.until.map(|_| "now()".to_owned()));
    let values = values.collect::<Vec<_>>().join(", ");
    let explain = if values.is_empty() { "EXPLAIN EXECUTE page".to_owned() } else { format!("EXPLAIN EXECUTE page({values})") };
    let steps = sqlx::raw_sql(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *connection).await.unwrap();
    let steps: Vec<String> = steps.iter().map(|row| row.get(0)).collect();
    sqlx::raw_sql("DEALLOCATE page").execute(connection).await.unwrap();
    let read = steps.iter().find_map(|step| step.split_once("Scan Backward using ")?.1.split(' ').next());
    read.unwrap_or_else(|| panic!("{steps:#?}")).to_owned()
}

/// All is alpha's, so that for all that PostgreSQL knows there is one project.
#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_project_with_little_does_not_read_what_another_has() {
    let database = Database::fresh(Engine::Postgres);
    let at = |n: u32| json!({"created_at": format!("2026-01-01T{:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60)});
    // what has copies is not offered
    let copied = |n| {
        let copies = || [with(copy("available"), at(n))];
        with(volume("alpha"), json!({"snapshots": copies(), "backups": copies()}))
    };
    let volumes: Vec<Value> = (0..10_000).map(|n| with(if n % 2 == 0 { volume("alpha") } else { copied(n) }, at(n))).collect();
    let offer = |volume: &Value| json!({"id": new_id(), "volume_id": volume["id"], "auth_key_hash": NOBODYS_HASH});
    let transfers: Vec<Value> = volumes.iter().step_by(2).map(offer).collect();
    binary::import(&database.url, &json!({"volumes": volumes, "transfers": transfers}));

    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("ANALYZE").execute(&mut connection).await.unwrap();
    for (project, ends) in [(Some("beta"), ["_by_project", "_by_donor"]), (None, ["_by_age"; 2])] {
        let read = [
            index_of(&mut connection, &volumes::ALL, project).await,
            index_of(&mut connection, &copies::ALL_SNAPSHOTS, project).await,
            index_of(&mut connection, &copies::ALL_BACKUPS, project).await,
            index_of(&mut connection, &transfers::PENDING, project).await,
            index_of(&mut connection, &transfers::GIVEN, project).await,
        ];
        assert!(read.iter().all(|index| ends.iter().any(|end| index.ends_with(end))), "{project:?}: {read:?}");
    }
    connection.close().await.unwrap();
}
