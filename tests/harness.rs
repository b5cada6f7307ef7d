//! The tests' own footing: what it promises to catch, it catches.

use reqwest::header::HeaderMap;

use crate::support::{
    Answer, Answered, Engine, LIMIT_VARIABLE, OpenApiContract, TestServer, Value, apply, json, limited, new_id, with,
};

/// Sets a volume's status by hand, as no operation would.
async fn meddle(server: &TestServer, volume: &str) {
    let pool = sqlx::SqlitePool::connect(&server.database.url).await.unwrap();
    sqlx::query("UPDATE volumes SET status = 'available' WHERE id = $1").bind(volume).execute(&pool).await.unwrap();
    pool.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[should_panic(expected = "the database breaks invariants")]
async fn a_test_that_leaves_a_broken_database_fails() {
    let server = TestServer::start(Engine::Sqlite).await;
    let offered = server.offer().await;
    meddle(&server, &offered.volume_id).await;
    drop(server);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[should_panic(expected = "is answered 202")]
async fn an_answer_of_another_status_fails() {
    let server = TestServer::start(Engine::Sqlite).await;
    let volume = server.volume().await;
    server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await.is(200);
}

#[apply(limited!)]
#[test]
#[should_panic(expected = "EVS.5404 has no such text")]
fn an_error_that_does_not_begin_with_its_codes_text_fails() {
    let id: reqwest::header::HeaderValue = format!("req-{}", new_id()).parse().unwrap();
    let mut map = HeaderMap::new();
    for name in ["x-request-id", "x-openstack-request-id", "x-compute-request-id"] {
        map.insert(name, id.clone());
    }
    map.insert("content-type", "application/json".parse().unwrap());
    let body = json!({"error": {"code": "EVS.5404", "message": "Not here."}}).to_string().into_bytes();
    Answer::new(OpenApiContract::with(None), ("GET", "/v2/alpha/x", None), (404, map, body)).fails(404, "EVS.5404");
}

/// What `Answered` says of a summary of a transfer with these changes.
fn agrees(path: &str, version: Option<&str>, changes: Value) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for name in ["x-request-id", "x-openstack-request-id", "x-compute-request-id"] {
        headers.insert(name, "req-1".parse().unwrap());
    }
    headers.insert("content-type", "application/json".parse().unwrap());
    if let Some(version) = version {
        headers.insert("openstack-api-version", format!("volume {version}").parse().unwrap());
    }
    let links = json!([{"rel": "self", "href": "http://h"}, {"rel": "bookmark", "href": "http://h"}]);
    let transfer = json!({"id": new_id(), "created_at": "2015-02-25T03:56:53.081642", "name": null, "volume_id": new_id(), "links": links});
    let body = json!({"transfer": with(transfer, changes)});
    let answered = Answered { method: "GET", path, status: 200, headers: &headers, body: Some(&body) };
    OpenApiContract::with(None).check(&answered)
}

#[apply(limited!)]
#[test]
fn an_answer_that_the_openapi_document_does_not_have_fails() {
    let (v2, v3) = ("/v2/alpha/os-volume-transfer/x", "/v3/alpha/volume-transfers/x");
    let new = json!({"no_snapshots": false, "source_project_id": "alpha", "destination_project_id": null, "accepted": false});
    for (path, version, changes) in [(v2, None, json!({})), (v3, Some("3.0"), json!({})), (v3, Some("3.57"), new.clone())] {
        agrees(path, version, changes).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    for (path, version, changes, why) in [
        (v2, None, json!({"colour": "red"}), "colour"),
        (v2, None, json!({"id": "nope"}), "uuid"),
        (v2, None, json!({"created_at": "2015-02-25T03:56:53Z"}), "does not match"),
        (v2, None, json!({"name": 1}), "not valid"),
        (v2, None, new.clone(), "unexpected"),
        (v3, None, json!({}), "the header OpenStack-API-Version is missing"),
        (v3, Some("3.0"), new.clone(), "no_snapshots is there"),
        (v3, Some("3.55"), new, "source_project_id is there"),
        (v3, Some("3.55"), json!({}), "no_snapshots is not there"),
        (v3, Some("3.71"), json!({"no_snapshots": false}), "source_project_id is not there"),
    ] {
        let said = agrees(path, version, changes.clone()).expect_err(why);
        assert!(said.contains(why), "{path} {version:?} {changes}: {said}");
    }
    let answered = Answered { method: "GET", path: v2, status: 409, headers: &HeaderMap::new(), body: None };
    assert_eq!(OpenApiContract::with(None).check(&answered), Err("the document has no such status".to_owned()));
}

#[apply(limited!)]
#[test]
fn an_error_of_another_code_than_the_openapi_document_has_fails() {
    let check = |code: &str| {
        let mut headers = HeaderMap::new();
        for name in ["x-request-id", "x-openstack-request-id", "x-compute-request-id"] {
            headers.insert(name, "req-1".parse().unwrap());
        }
        headers.insert("content-type", "application/json".parse().unwrap());
        let body = json!({"error": {"code": code, "message": "…"}});
        let path = "/v2/alpha/os-volume-transfer/x/accept";
        OpenApiContract::with(None).check(&Answered { method: "POST", path, status: 400, headers: &headers, body: Some(&body) })
    };
    assert_eq!(check("EVS.5400"), Ok(()));
    assert!(check("EVS.1002").unwrap_err().contains("EVS.1002"), "accept reads no volume_id");
}

const HANGS: &str = "HANDOVER_TEST_HANGS";

/// Only for the test below.
#[apply(limited!)]
#[test]
fn one_that_hangs_when_it_is_told_to() {
    while std::env::var_os(HANGS).is_some() {
        std::thread::park();
    }
}

#[apply(limited!)]
#[test]
fn a_test_that_hangs_ends_the_run_with_its_name() {
    const TEST: &str = "harness::one_that_hangs_when_it_is_told_to";
    let mut run = std::process::Command::new(std::env::current_exe().unwrap());
    let output = run.args(["--exact", TEST]).env(HANGS, "yes").env(LIMIT_VARIABLE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(101) && said.contains(&format!("{TEST} hangs")), "{}: {said}", output.status);
}
