//! What PostgreSQL knows of its tables, and for how long it keeps what it made of that.

use handover::domain::page::{Direction, Order};
use handover::domain::{ProjectId, Time};
use handover::store::list::{self, Query};
use handover::store::statement::Only;
use handover::store::{Purpose, Store, volumes};

use crate::support::{Database, Engine, Value, apply, binary, count, json, limited, new_id, volume};

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgresql_knows_its_tables_after_an_import_of_many() {
    let database = Database::fresh(Engine::Postgres);
    let volumes: Vec<Value> = (0..10_000).map(|_| json!({"id": new_id(), "project_id": "alpha"})).collect();
    binary::import(&database.url, &json!({ "volumes": volumes }));
    let known = "SELECT count(*) AS n FROM pg_stats WHERE tablename = 'volumes' AND attname = 'project_id'";
    assert_eq!(count(&database.url, known).await, 1);
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
        let query = Query {
            project: project.and_then(ProjectId::parse),
            filters: Vec::new(),
            order: Order::by_age(Direction::Descending),
            after: None,
            offset: 0,
            rows: 101,
            now: Time::EPOCH,
        };
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
