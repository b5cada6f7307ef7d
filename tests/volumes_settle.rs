//! Volumes that are `creating` for a while: until a time, or until they were looked at so many times.

use crate::support::{Engine, TestServer, Value, apply, both_engines, copy, json, until};

const DUE: &str = "2026-01-01T00:00:05.000001";

async fn create(server: &TestServer) -> String {
    let created = server.post("/v3/alpha/volumes", json!({"volume": {"size": 1}})).await.is(202).one("volume");
    assert_eq!((&created["status"], &created["updated_at"]), (&json!("creating"), &Value::Null));
    created["id"].as_str().unwrap().to_owned()
}

async fn look(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200).one("volume")
}

async fn offer(server: &TestServer, id: &str) -> u16 {
    server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": id}})).await.status
}

/// A volume that waits for a time that has come, or never will.
async fn waiting(server: &TestServer, until: &str) -> String {
    let created = "2026-01-01T00:00:00";
    let fields =
        json!({"status": "creating", "created_at": created, "creating_until": until, "snapshots": [copy("available")]});
    server.volume_with(fields).await
}

#[apply(both_engines!)]
async fn after_so_many_looks_it_is_available(engine: Engine) {
    let server = TestServer::with(engine, &["--volume-creation=2reads"]).await;
    let id = create(&server).await;
    // nothing but a look at the volume itself is counted
    for path in ["volumes/detail", "volumes", &format!("volumes/{id}/metadata")] {
        server.get(&format!("/v3/alpha/{path}")).await.is(200);
    }
    server.put(&format!("/v3/alpha/volumes/{id}"), json!({"volume": {"name": "n"}})).await.is(200);
    for _ in 0..2 {
        assert_eq!(offer(&server, &id).await, 400);
        assert_eq!(look(&server, &id).await["status"], "creating");
    }
    let settled = look(&server, &id).await;
    assert_eq!(settled["status"], "available");
    assert!(settled["updated_at"].as_str() > settled["created_at"].as_str());
    assert_eq!(offer(&server, &id).await, 202);
}

#[apply(both_engines!)]
async fn after_a_time_it_is_available(engine: Engine) {
    let server = TestServer::with(engine, &["--volume-creation=50ms"]).await;
    let id = create(&server).await;
    until("it is created", async || look(&server, &id).await["status"] != "creating").await;
    let last = look(&server, &id).await;
    assert_eq!(last["status"], "available");
    let micros = |key: &str| handover::domain::Time::parse(last[key].as_str().unwrap()).unwrap().micros();
    assert_eq!(micros("updated_at") - micros("created_at"), 50_000);
    assert_eq!(offer(&server, &id).await, 202);
}

#[apply(both_engines!)]
async fn until_then_it_cannot_be_judged_as_anything_else(engine: Engine) {
    let server = TestServer::with(engine, &["--volume-creation=86400s"]).await;
    let id = create(&server).await;
    assert_eq!(look(&server, &id).await["status"], "creating");
    assert_eq!(offer(&server, &id).await, 400);
    server.delete(&format!("/v3/alpha/volumes/{id}")).await.is(400);
    server.post("/v3/alpha/volumes", json!({"volume": {"source_volid": id}})).await.is(400);
    let listed = server.get("/v3/alpha/volumes?status=creating").await.is(200).rows("volumes");
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &json!(id)));
    server.delete(&format!("/v3/alpha/volumes/{id}?force=true")).by("admin:alpha").await.is(202);
}

#[apply(both_engines!)]
async fn a_volume_whose_time_has_come_is_available_to_whoever_asks(server: TestServer) {
    let expected = |volume: &Value| (volume["status"].clone(), volume["updated_at"].clone());
    let settled = (json!("available"), json!(DUE));

    let looked_at = waiting(&server, DUE).await;
    assert_eq!(expected(&look(&server, &looked_at).await), settled);

    let listed = waiting(&server, DUE).await;
    let rows = server.get("/v3/alpha/volumes/detail?status=available").await.is(200).rows("volumes");
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| expected(row) == settled), "{rows:?}");
    assert_eq!(server.get("/v3/alpha/volumes?status=creating").await.is(200).rows("volumes"), [Value::Null; 0]);
    assert_eq!(server.stored_volume(&listed).await.provisioning, None);

    let counted = waiting(&server, DUE).await;
    let answer = server.get("/v3/alpha/volumes?limit=0&status=available&with_count=1").at("3.45").await.is(200);
    assert_eq!(answer.json()["count"], 3);

    let renamed = waiting(&server, DUE).await;
    let updated =
        server.put(&format!("/v3/alpha/volumes/{renamed}"), json!({"volume": {"name": "n"}})).await.is(200).one("volume");
    assert_eq!(updated["status"], "available");
    assert!(updated["updated_at"].as_str() > Some(DUE));

    let left_alone = waiting(&server, DUE).await;
    server.put(&format!("/v3/alpha/volumes/{left_alone}"), json!({"volume": {}})).await.is(200);
    let stored = server.stored_volume(&left_alone).await;
    assert_eq!((stored.status.as_str(), stored.updated_at.map(|at| at.to_string())), ("available", Some(DUE.to_owned())));

    let copied = waiting(&server, DUE).await;
    server.post("/v3/alpha/volumes", json!({"volume": {"source_volid": copied}})).await.is(202);

    let deleted = waiting(&server, DUE).await;
    server.delete(&format!("/v3/alpha/volumes/{deleted}?cascade=true")).await.is(202);
    drop(counted);
}

#[apply(both_engines!)]
async fn a_volume_whose_time_has_come_can_be_offered_at_once(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let (due, not) = (waiting(&server, DUE).await, waiting(&server, "2999-01-01T00:00:00").await);
    assert_eq!((offer(&server, &due).await, offer(&server, &not).await), (202, 400));
    assert_eq!(look(&server, &due).await["status"], "awaiting-transfer");
    assert_eq!(look(&server, &not).await["status"], "creating");
}

#[apply(both_engines!)]
async fn what_is_stored_decides_and_not_the_setting_by_then(engine: Engine) {
    let database = std::sync::Arc::new(crate::support::Database::fresh(engine));
    let server = TestServer::over(database.clone(), &["--volume-creation=1reads"]).await;
    let (read, timed) = (create(&server).await, waiting(&server, DUE).await);
    drop(server);
    let server = TestServer::over(database, &["--volume-creation=86400s"]).await;
    assert_eq!(look(&server, &timed).await["status"], "available");
    assert_eq!(look(&server, &read).await["status"], "creating");
    assert_eq!(look(&server, &read).await["status"], "available");
}

#[apply(both_engines!)]
async fn a_volume_that_an_import_calls_creating_waits_for_nothing(server: TestServer) {
    let id = server.volume_with(json!({"status": "creating"})).await;
    for _ in 0..3 {
        assert_eq!(look(&server, &id).await["status"], "creating");
    }
    server.get("/v3/alpha/volumes").await.is(200);
    assert_eq!(server.stored_volume(&id).await.updated_at, None);
}
