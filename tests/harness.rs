//! The tests' own footing: what it promises to catch, it catches.

use crate::support::{Answer, Engine, TestServer, json, new_id};

/// Sets a volume's status by hand, as no operation would.
async fn meddle(server: &TestServer, volume: &str) {
    let pool = sqlx::SqlitePool::connect(&server.database.url).await.unwrap();
    sqlx::query("UPDATE volumes SET status = 'available' WHERE id = $1").bind(volume).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[should_panic(expected = "the database breaks invariants")]
async fn a_test_that_leaves_a_broken_database_fails() {
    let server = TestServer::start(Engine::Sqlite).await;
    let offered = server.offer().await;
    meddle(&server, &offered.volume_id).await;
    drop(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[should_panic(expected = "is answered 202")]
async fn an_answer_of_another_status_fails() {
    let server = TestServer::start(Engine::Sqlite).await;
    let volume = server.volume().await;
    server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await.is(200);
}

#[test]
#[should_panic(expected = "EVS.5404 has no such text")]
fn an_error_that_does_not_begin_with_its_codes_text_fails() {
    let id: reqwest::header::HeaderValue = format!("req-{}", new_id()).parse().unwrap();
    let mut map = reqwest::header::HeaderMap::new();
    for name in ["x-request-id", "x-openstack-request-id", "x-compute-request-id"] {
        map.insert(name, id.clone());
    }
    map.insert("content-type", "application/json".parse().unwrap());
    let body = json!({"error": {"code": "EVS.5404", "message": "Not here."}}).to_string().into_bytes();
    Answer::new("GET", "/v2/alpha/x", 404, map, body).fails(404, "EVS.5404");
}
