//! A snapshot's life: made of a volume, shown, renamed, deleted. Lists are in `snapshots_list`, actions in `snapshots_actions`.

use std::collections::BTreeSet;

use crate::support::{Engine, TestServer, Value, apply, both_engines, copy, json, new_id, with};

const BASES: [&str; 3] = ["/v2/alpha/snapshots", "/v3/alpha/snapshots", "/v3/snapshots"];

/// At 3.0, and on `/v2`.
const FIRST: [&str; 9] = ["id", "created_at", "updated_at", "name", "description", "volume_id", "status", "size", "metadata"];

const LATER: [(u16, &str); 3] = [(14, "group_snapshot_id"), (41, "user_id"), (65, "consumes_quota")];

/// Shown by reads alone.
const READ: [&str; 2] = ["os-extended-snapshot-attributes:project_id", "os-extended-snapshot-attributes:progress"];

fn keys(record: &Value) -> BTreeSet<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn create(server: &TestServer, fields: Value) -> crate::support::Answer {
    server.post("/v3/alpha/snapshots", json!({"snapshot": fields})).await
}

#[apply(both_engines!)]
async fn a_snapshot_is_made_shown_renamed_and_deleted(server: TestServer) {
    for base in BASES {
        let volume = server.volume_with(json!({"size": 7})).await;
        let fields = json!({"volume_id": volume.to_uppercase(), "name": " first ", "description": "d", "metadata": {"k": "v"}});
        let made = server.post(base, json!({"snapshot": fields})).await.is(202).one("snapshot");
        let (id, at) = (made["id"].as_str().unwrap(), &made["created_at"]);
        let expected = json!({
            "id": id, "created_at": at, "updated_at": null, "name": "first", "description": "d", "volume_id": volume,
            "status": "creating", "size": 7, "metadata": {"k": "v"},
        });
        assert_eq!(made, expected);

        let row = with(expected, json!({"status": "available"}));
        let whole = with(row.clone(), json!({READ[0]: "alpha", READ[1]: "100%"}));
        let one = format!("{base}/{id}");
        assert_eq!(server.get(&one).by("carol:alpha").await.is(200).one("snapshot"), whole);
        assert_eq!(
            server.get(&format!("{base}?volume_id={volume}")).await.is(200).rows("snapshots"),
            std::slice::from_ref(&row)
        );
        assert_eq!(server.get(&format!("{base}/detail?volume_id={volume}")).await.is(200).rows("snapshots"), [whole]);

        let changes = json!({"snapshot": {"name": "second", "description": null}});
        let renamed = server.ask("PUT", &one).json(&changes).await.is(200).one("snapshot");
        assert!(renamed["updated_at"].as_str() >= at.as_str(), "{renamed}");
        let expected = json!({"name": "second", "description": null, "updated_at": renamed["updated_at"]});
        assert_eq!(renamed, with(row, expected));
        assert_eq!(server.get(&one).await.is(200).one("snapshot")["name"], "second");

        let answer = server.delete(&one).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        server.get(&one).await.fails(404, "EVS.5404");
        server.delete(&one).await.fails(404, "EVS.5404");
        assert_eq!(server.get(base).await.is(200).rows("snapshots"), [] as [Value; 0]);
    }
}

#[apply(both_engines!)]
async fn each_version_has_its_keys(server: TestServer) {
    let volume = server.volume().await;
    let boundaries = LATER.iter().flat_map(|(since, _)| [since - 1, *since]).chain([0, 71]);
    for minor in boundaries {
        let at = format!("3.{minor}");
        let changed: BTreeSet<&str> =
            FIRST.into_iter().chain(LATER.iter().filter(|(since, _)| *since <= minor).map(|(_, key)| *key)).collect();
        let read: BTreeSet<&str> = changed.iter().copied().chain(READ).collect();
        let base = "/v3/alpha/snapshots";
        let made = server.post(base, json!({"snapshot": {"volume_id": volume}})).at(&at).await.is(202).one("snapshot");
        assert_eq!(keys(&made), changed, "created at {at}");
        let one = format!("{base}/{}", made["id"].as_str().unwrap());
        let renamed = server.ask("PUT", &one).json(&json!({"snapshot": {"name": "n"}})).at(&at).await.is(200);
        assert_eq!(keys(&renamed.one("snapshot")), changed, "updated at {at}");
        let shown = server.get(&one).at(&at).await.is(200).one("snapshot");
        assert_eq!(keys(&shown), read, "shown at {at}");
        let row = server.get(&format!("{base}/detail?limit=1")).at(&at).await.is(200).rows("snapshots").remove(0);
        assert_eq!(row, shown, "listed with details at {at}");
        let row = server.get(&format!("{base}?limit=1")).at(&at).await.is(200).rows("snapshots").remove(0);
        assert_eq!(keys(&row), BTreeSet::from(FIRST), "listed at {at}");
    }
    let latest = server.get("/v3/alpha/snapshots/detail?limit=1").at("3.71").await.is(200).rows("snapshots").remove(0);
    assert_eq!(latest["user_id"], "alice");
    assert_eq!(latest["consumes_quota"], true);
    assert_eq!(latest["group_snapshot_id"], Value::Null);
}

#[apply(both_engines!)]
async fn a_volumes_status_says_whether_a_snapshot_can_be_made_of_it(server: TestServer) {
    let words = |id: &str, allowed: &str, status: &str| {
        format!("Invalid volume: Volume {id} status must be {allowed}, but current status is: {status}.")
    };
    for (status, version, force, refused) in [
        ("available", "3.0", None, None),
        ("available", "3.65", Some(json!(false)), None),
        ("in-use", "3.0", Some(json!(true)), None),
        ("in-use", "3.65", Some(json!("True")), None),
        ("in-use", "3.66", None, None),
        ("in-use", "3.71", Some(json!(true)), None),
        ("in-use", "3.0", None, Some("available")),
        ("in-use", "3.65", Some(json!(false)), Some("available")),
        ("attaching", "3.65", Some(json!(true)), Some("available, in-use")),
        ("creating", "3.71", None, Some("available, in-use")),
    ] {
        let volume = server.volume_with(json!({"status": status})).await;
        let mut fields = json!({"volume_id": volume});
        if let Some(force) = force {
            fields["force"] = force;
        }
        let answer = server.post("/v3/alpha/snapshots", json!({"snapshot": fields})).at(version).await;
        match refused {
            None => drop(answer.is(202)),
            Some(allowed) => {
                let message = answer.fails(400, "EVS.5400");
                assert!(message.starts_with(&words(&volume, allowed, status)), "{message}");
            }
        }
    }
    for (status, said) in [("error", "in error status"), ("maintenance", "in maintenance mode")] {
        let volume = server.volume_with(json!({"status": status})).await;
        let message = create(&server, json!({"volume_id": volume, "force": true})).await.fails(400, "EVS.5400");
        let expected = format!("Invalid volume: The snapshot cannot be created when the volume is {said}.");
        assert!(message.starts_with(&expected), "{message}");
    }
    // only where force says nothing any more is a no of its wrong
    let volume = server.volume().await;
    let body = json!({"snapshot": {"volume_id": volume, "force": false}});
    let message = server.post("/v3/alpha/snapshots", body).at("3.66").await.fails(400, "EVS.5400");
    assert!(message.starts_with("Since microversion 3.66 the 'force' flag is invalid for this request"), "{message}");
}

#[apply(both_engines!)]
async fn nothing_is_made_of_a_volume_on_offer(server: TestServer) {
    for (base, kind) in [
        ("/v2/alpha/snapshots", "snapshot"),
        ("/v3/alpha/snapshots", "snapshot"),
        ("/v2/alpha/backups", "backup"),
        ("/v3/alpha/backups", "backup"),
    ] {
        let offered = server.offer().await;
        let body = json!({kind: {"volume_id": offered.volume_id, "force": true}});
        let message = server.post(base, body.clone()).await.fails(400, "EVS.5400");
        assert!(message.starts_with("Invalid volume: "), "{message}");
        assert!(message.contains("awaiting-transfer"), "{message}");
        let advice = format!("Transfer {} is pending on it: delete that transfer, or have it accepted, first.", offered.id);
        assert!(message.ends_with(&advice), "{message}");
        server.delete(&format!("/v3/alpha/os-volume-transfer/{}", offered.id)).await.is(202);
        server.post(base, body).await.is(202);
    }
}

#[apply(both_engines!)]
async fn another_projects_volume_is_as_unknown_as_one_that_is_not_there(server: TestServer) {
    let theirs = server.volumes("beta", 1).await.remove(0);
    let unknown = new_id();
    for (base, kind) in BASES.map(|base| (base, "snapshot")).into_iter().chain([("/v2/alpha/backups", "backup")]) {
        for id in [&theirs, &unknown] {
            let message = server.post(base, json!({kind: {"volume_id": id}})).await.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Volume {id} could not be found.")), "{message}");
        }
        for wrong in [json!("nope"), json!(7), json!("")] {
            server.post(base, json!({kind: {"volume_id": wrong}})).await.fails(400, "EVS.1002");
        }
    }
    // Cinder takes a null and does not find it
    create(&server, json!({"volume_id": null})).await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_body_that_is_not_what_it_should_be_is_refused_by_name(server: TestServer) {
    let volume = server.volume().await;
    for (fields, named) in [
        (json!({}), "volume_id"),
        (json!({"volume_id": volume, "colour": "red"}), "`snapshot.colour`"),
        (json!({"volume_id": volume, "name": 7}), "name"),
        (json!({"volume_id": volume, "name": "x".repeat(256)}), "name"),
        (json!({"volume_id": volume, "description": []}), "description"),
        (json!({"volume_id": volume, "force": 1}), "force"),
        (json!({"volume_id": volume, "force": null}), "force"),
        (json!({"volume_id": volume, "metadata": {"k": 1}}), "metadata"),
        (json!({"volume_id": volume, "metadata": {"": "v"}}), "metadata"),
    ] {
        for base in BASES {
            let message = server.post(base, json!({"snapshot": fields})).await.fails(400, "EVS.5400");
            assert!(message.contains(named), "{fields}: {message}");
        }
    }
    server.post("/v3/alpha/snapshots", json!({"snapshots": {}})).await.fails(400, "EVS.5400");
    let one = format!("/v3/alpha/snapshots/{}", server.snapshot(&volume).await);
    for (fields, named) in [
        (json!({}), "says nothing"),
        (json!({"metadata": {}}), "`snapshot.metadata`"),
        (json!({"status": "error"}), "`snapshot.status`"),
        (json!({"name": {}}), "name"),
    ] {
        let message = server.ask("PUT", &one).json(&json!({"snapshot": fields})).await.fails(400, "EVS.5400");
        assert!(message.contains(named), "{fields}: {message}");
    }
}

#[apply(both_engines!)]
async fn what_clients_of_the_first_api_call_it_is_taken_too(server: TestServer) {
    let volume = server.volume().await;
    let made = create(&server, json!({"volume_id": volume, "display_name": "old", "metadata": null})).await.is(202);
    let made = made.one("snapshot");
    assert_eq!((&made["name"], &made["metadata"]), (&json!("old"), &json!({})));
    let one = format!("/v3/alpha/snapshots/{}", made["id"].as_str().unwrap());
    let changes = json!({"snapshot": {"display_name": "older", "display_description": "of old"}});
    let changed = server.ask("PUT", &one).json(&changes).await.is(200).one("snapshot");
    assert_eq!((&changed["name"], &changed["description"]), (&json!("older"), &json!("of old")));
}

#[apply(both_engines!)]
async fn to_strangers_there_is_no_such_snapshot(server: TestServer) {
    let id = server.snapshot(&server.volume().await).await;
    let unknown = new_id();
    for base in BASES.map(|base| base.replace("alpha", "omega")) {
        for (method, tail, body) in [
            ("GET", "", Value::Null),
            ("DELETE", "", Value::Null),
            ("PUT", "", json!({"snapshot": {"name": "mine"}})),
            ("POST", "/action", json!({"os-update_snapshot_status": {"status": "available"}})),
        ] {
            let ask = async |id: &str| {
                let request = server.ask(method, &format!("{base}/{id}{tail}")).by("mallory:omega");
                if body.is_null() { request.await } else { request.json(&body).await }
            };
            let (theirs, none) = (ask(&id).await, ask(&unknown).await);
            theirs.fails(404, "EVS.5404");
            assert_eq!(theirs.text().replace(&id, "ID"), none.text().replace(&unknown, "ID"), "{method} {base}{tail}");
            let words = "Snapshot a name could not be found.";
            assert!(ask("a%20name").await.fails(404, "EVS.5404").starts_with(words), "{method} {base}{tail}");
        }
    }
    let shown = server.get(&format!("/v3/ops/snapshots/{id}")).by("admin:ops").await.is(200).one("snapshot");
    assert_eq!(shown[READ[0]], "alpha");
    server.delete(&format!("/v3/ops/snapshots/{id}")).by("admin:ops").await.is(202);
}

#[apply(both_engines!)]
async fn an_admins_snapshot_of_anothers_volume_is_the_admins_projects(server: TestServer) {
    let volume = server.volume().await;
    let before = server.usage("alpha").await;
    let body = json!({"snapshot": {"volume_id": volume}});
    server.post("/v3/ops/snapshots", body).by("admin:ops").await.is(202);
    assert_eq!(server.listed("alpha", "snapshots").await, [""; 0]);
    assert_eq!(server.listed("ops", "snapshots").await.len(), 1);
    let ops = server.usage("ops").await;
    assert_eq!((ops.snapshots, ops.gigabytes, server.usage("alpha").await), (1, 1, before));
}

#[apply(both_engines!)]
async fn a_snapshot_is_deleted_only_when_it_is_available_or_in_error(server: TestServer) {
    let volume = server.volume().await;
    for (status, goes) in
        [("creating", false), ("deleting", false), ("error", true), ("backing-up", false), ("available", true)]
    {
        let id = server.snapshot(&volume).await;
        server.reset(&format!("/v3/ops/snapshots/{id}"), status).await.is(202);
        let answer = server.delete(&format!("/v2/alpha/snapshots/{id}")).await;
        if goes {
            answer.is(202);
        } else {
            let message = answer.fails(400, "EVS.5400");
            let words = "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.";
            assert!(message.starts_with(words) && message.contains(status), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn more_snapshots_than_the_quota_allows_are_refused_and_count_for_nothing(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=snapshots=2,gigabytes=100"]).await;
    let (small, large) = (server.volume().await, server.volume_with(json!({"size": 60})).await);
    let first = server.snapshot(&small).await;
    let before = server.usage("alpha").await;
    assert_eq!((before.snapshots, before.gigabytes), (1, 62), "two volumes and a snapshot");

    let over = create(&server, json!({"volume_id": large})).await;
    let message = over.fails(413, "EVS.5413");
    assert!(message.starts_with("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds"), "{message}");
    assert_eq!(server.usage("alpha").await, before);
    server.snapshot(&small).await;
    for base in BASES {
        let message = server.post(base, json!({"snapshot": {"volume_id": small}})).await.fails(413, "EVS.5413");
        assert!(message.starts_with("SnapshotLimitExceeded: Maximum number of snapshots allowed (2) exceeded"), "{message}");
    }
    assert_eq!(server.listed("alpha", "snapshots").await.len(), 2);

    server.delete(&format!("/v3/alpha/snapshots/{first}")).await.is(202);
    assert_eq!(server.usage("alpha").await, before);
    server.snapshot(&small).await;
}

#[apply(both_engines!)]
async fn what_an_import_carried_is_shown_back(server: TestServer) {
    let carried = json!({"group_snapshot_id": new_id(), READ[1]: "40%"});
    let snapshot = with(copy("creating"), carried.clone());
    server.volume_with(json!({"snapshots": [snapshot]})).await;
    let path = format!("/v3/alpha/snapshots/{}", snapshot["id"].as_str().unwrap());
    let shown = server.get(&path).at("3.71").await.is(200).one("snapshot");
    assert_eq!(with(shown.clone(), carried), shown);
    assert_eq!((&shown["name"], &shown["status"]), (&json!("copy"), &json!("creating")));
}
