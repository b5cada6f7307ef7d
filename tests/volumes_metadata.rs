//! The metadata of a volume, all of it and key by key.

use crate::support::{
    OperatorCli, TestServer, Value, alter, apply, both_engines, copy, json, new_id, volume as volume_record, with,
};

const BASES: [&str; 3] = ["/v2/alpha", "/v3/alpha", "/v3"];

/// A volume with metadata, and where that is.
async fn described(server: &TestServer, base: &str, metadata: Value) -> String {
    format!("{base}/volumes/{}/metadata", server.volume_with(json!({"metadata": metadata})).await)
}

async fn all(server: &TestServer, path: &str) -> Value {
    server.get(path).await.is(200).one("metadata")
}

#[apply(both_engines!)]
async fn keys_are_added_to_those_that_are_there_or_replace_them_all(server: TestServer) {
    for base in BASES {
        let path = described(&server, base, json!({"a": "1", "b": "2"})).await;
        assert_eq!(all(&server, &path).await, json!({"a": "1", "b": "2"}));

        let added = server.post(&path, json!({"metadata": {"b": "3", "c d/é": "<value&special_chars>"}})).await.is(200);
        let expected = json!({"a": "1", "b": "3", "c d/é": "<value&special_chars>"});
        assert_eq!((added.one("metadata"), all(&server, &path).await), (expected.clone(), expected));

        let replaced = server.ask("PUT", &path).json(&json!({"metadata": {"d": ""}})).await.is(200);
        assert_eq!((replaced.one("metadata"), all(&server, &path).await), (json!({"d": ""}), json!({"d": ""})));

        server.ask("PUT", &path).json(&json!({"metadata": {}})).await.is(200);
        assert_eq!(all(&server, &path).await, json!({}));
    }
}

#[apply(both_engines!)]
async fn one_key_is_shown_set_and_removed(server: TestServer) {
    for base in BASES {
        let path = described(&server, base, json!({"a": "1"})).await;
        let key = format!("{path}/b%2Fc%20d");
        let set = server.ask("PUT", &key).json(&json!({"meta": {"b/c d": "2"}})).await.is(200);
        assert_eq!(set.one("meta"), json!({"b/c d": "2"}));
        assert_eq!(server.get(&key).await.is(200).one("meta"), json!({"b/c d": "2"}));
        assert_eq!(all(&server, &path).await, json!({"a": "1", "b/c d": "2"}));

        let removed = server.delete(&key).await.is(200);

        assert_eq!(removed.text(), "");
        assert_eq!(all(&server, &path).await, json!({"a": "1"}));
        let id = path.split('/').rev().nth(1).unwrap();
        for method in ["GET", "DELETE"] {
            let message = server.ask(method, &key).await.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Volume {id} has no metadata with key b/c d.")), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn a_body_that_is_none_changes_nothing(server: TestServer) {
    let path = described(&server, "/v2/alpha", json!({"a": "1"})).await;
    let id = path.split('/').nth(4).unwrap();
    let before = server.stored_volume(id).await;
    let long = "x".repeat(256);
    for (body, says) in [
        (json!({}), "metadata"),
        (json!({"metadata": null}), "metadata"),
        (json!({"metadata": []}), "metadata"),
        (json!({"metadata": {"k": 1}}), "metadata.k is a number"),
        (json!({"metadata": {"k": null}}), "metadata.k is null"),
        (json!({"metadata": {"": "v"}}), "metadata"),
        (json!({"metadata": {"k": long}}), "metadata.k"),
        (json!({"metadata": {long.clone(): "v"}}), "metadata"),
        (json!({"metadata": {"k": "\0"}}), "metadata.k"),
        (json!({"metadata": {"k": "v"}, "more": 1}), "Unknown field `more`"),
    ] {
        for method in ["POST", "PUT"] {
            let message = server.ask(method, &path).json(&body).await.fails(400, "EVS.5400");
            assert!(message.contains(says), "{body}: {message}");
        }
    }
    for (body, says) in [
        (json!({"metadata": {"a": "2"}}), "`metadata`"),
        (json!({"meta": {}}), "Request body and URI mismatch"),
        (json!({"meta": {"b": "2"}}), "Request body and URI mismatch"),
        (json!({"meta": {"a": "2", "b": "2"}}), "Request body contains too many items"),
        (json!({"meta": {"a": 2}}), "meta.a is a number"),
    ] {
        let message = server.ask("PUT", &format!("{path}/a")).json(&body).await.fails(400, "EVS.5400");
        assert!(message.starts_with(says) || message.contains(says), "{body}: {message}");
    }
    assert_eq!(server.stored_volume(id).await, before);
}

#[apply(both_engines!)]
async fn it_is_the_volumes_own_business(server: TestServer) {
    let path = described(&server, "/v3/alpha", json!({"a": "1"})).await;
    let id = path.split('/').nth(4).unwrap();
    let unknown = path.replace(id, &new_id());
    for (path, by) in
        [(path.replace("alpha", "omega"), "mallory:omega"), (unknown, "alice:alpha"), (path.replace(id, "x"), "alice:alpha")]
    {
        for (method, path, body) in [
            ("GET", path.clone(), json!(null)),
            ("POST", path.clone(), json!({"metadata": {"a": "2"}})),
            ("PUT", path.clone(), json!({"metadata": {"a": "2"}})),
            ("GET", format!("{path}/a"), json!(null)),
            ("PUT", format!("{path}/a"), json!({"meta": {"a": "2"}})),
            ("DELETE", format!("{path}/a"), json!(null)),
        ] {
            let message = server.ask(method, &path).by(by).json(&body).await.fails(404, "EVS.5404");
            assert!(message.starts_with("Volume ") && message.contains(" could not be found."), "{method} {path}: {message}");
        }
    }
    assert_eq!(all(&server, &path).await, json!({"a": "1"}));
    // an admin may, from the admin's own project
    let of_admin = path.replace("alpha", "ops");
    server.post(&of_admin, json!({"metadata": {"b": "2"}})).by("admin:ops").await.is(200);
    assert_eq!(all(&server, &path).await, json!({"a": "1", "b": "2"}));
}

#[apply(both_engines!)]
async fn it_may_change_while_the_volume_is_on_offer_but_not_in_maintenance(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v3/alpha/volumes/{}/metadata", offered.volume_id);
    let before = server.stored_volume(&offered.volume_id).await;
    server.post(&path, json!({"metadata": {"a": "1"}})).await.is(200);
    let after = server.stored_volume(&offered.volume_id).await;
    assert!(after.updated_at > before.updated_at && after.status == before.status);

    for status in ["maintenance", "uploading"] {
        let id = server.volume_with(json!({"status": status, "metadata": {"a": "1"}})).await;
        let path = format!("/v3/alpha/volumes/{id}/metadata");
        for (method, path) in [("POST", path.clone()), ("PUT", path.clone()), ("DELETE", format!("{path}/a"))] {
            let message = server.ask(method, &path).json(&json!({"metadata": {"a": "2"}})).await.fails(400, "EVS.5400");
            let words = format!("Invalid volume: Updating volume metadata is not allowed for volumes in {status} status.");
            assert!(message.starts_with(&words), "{message}");
        }
        assert_eq!(all(&server, &path).await, json!({"a": "1"}));
    }
}

/// So many keys, each of which comes to 256 bytes of JSON.
fn keys(from: usize, to: usize) -> Value {
    (from..to).map(|n| (format!("{n:05}"), json!("x".repeat(245)))).collect()
}

#[apply(both_engines!)]
async fn what_a_record_carries_has_112_kib_at_most_whoever_adds_the_last_of_it(server: TestServer) {
    let volume = server.volume().await;
    let of_volume = format!("/v3/alpha/volumes/{volume}");
    let snapshot = server.post("/v3/alpha/snapshots", json!({"snapshot": {"volume_id": volume}})).await.is(202).json();
    let of_snapshot = format!("/v3/alpha/snapshots/{}", snapshot["snapshot"]["id"].as_str().unwrap());
    let too_much = |message: String| {
        assert!(message.contains("would come to ") && message.contains("and 114688 is the most"), "{message}");
    };
    for path in [format!("{of_volume}/metadata"), format!("{of_snapshot}/metadata")] {
        server.post(&path, json!({"metadata": keys(0, 400)})).await.is(200);
        too_much(server.post(&path, json!({"metadata": keys(400, 449)})).await.fails(400, ""));
        assert_eq!(all(&server, &path).await, keys(0, 400));
        server.post(&path, json!({"metadata": keys(400, 447)})).await.is(200);
        too_much(server.ask("PUT", &format!("{path}/b")).json(&json!({"meta": {"b": "x".repeat(255)}})).await.fails(400, ""));
        // what is there already, and less than it
        server.post(&path, json!({"metadata": keys(0, 400)})).await.is(200);
        assert_eq!(all(&server, &path).await, keys(0, 447));
    }
    let attach = json!({"os-attach": {"host_name": "h".repeat(200), "mountpoint": "/dev/vdb"}});
    too_much(server.post(&format!("{of_volume}/action"), attach.clone()).await.fails(400, ""));
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    server.delete(&format!("{of_volume}/metadata/00000")).await.is(200);
    server.delete(&format!("{of_volume}/metadata/00001")).await.is(200);
    server.post(&format!("{of_volume}/action"), attach).await.is(202);
    // nor does a copy add to what it has from its source
    let image = json!({"volume_image_metadata": {"checksum": "c".repeat(100_000)}});
    let source = with(volume_record("alpha"), image);
    server.seed(json!({"volumes": [source]})).await;
    let copied = json!({"volume": {"source_volid": source["id"], "metadata": keys(0, 200)}});
    let answer = server.post("/v3/alpha/volumes", copied.clone()).await;
    too_much(answer.fails(400, ""));
    // and who takes away is not refused, however much is there
    let pool_statement =
        format!("UPDATE volumes SET extra = '{}' WHERE id = '{volume}'", json!({"tags": {"t": "x".repeat(120_000)}}));
    alter(&server.database.url, &*pool_statement.leak()).await;
    server.delete(&format!("{of_volume}/metadata/00002")).await.is(200);
    server.ask("PUT", &of_volume).json(&json!({"volume": {"name": "renamed"}})).await.is(200);
    too_much(server.post(&format!("{of_volume}/metadata"), json!({"metadata": {"more": "1"}})).await.fails(400, ""));

    // and a document adds no more
    let desk = OperatorCli(server.database.clone());
    let before = desk.text();
    too_much(desk.refused(&json!({"volumes": [with(volume_record("alpha"), json!({"metadata": keys(0, 449)}))]})));
    let in_all = json!({"metadata": keys(0, 300), "tags": keys(300, 449)});
    too_much(desk.refused(&json!({"volumes": [with(volume_record("alpha"), in_all)]})));
    let listed = json!({"snapshots": [with(copy("available"), json!({"metadata": keys(0, 449)}))]});
    too_much(desk.refused(&json!({"volumes": [with(volume_record("alpha"), listed)]})));
    assert_eq!(desk.text(), before);
}

#[apply(both_engines!)]
async fn what_says_in_metadata_how_a_volume_is_kept_is_set_when_it_is_made(server: TestServer) {
    let told = json!({"orderID": "CS1", "__system__encrypted": "1", "policy": "nightly", "owner": "ann"});
    let body = json!({"volume": {"size": 1, "metadata": told}});
    let made = server.post("/v3/alpha/volumes", body).await.is(202).one("volume");
    let id = made["id"].as_str().unwrap();
    let offer = json!({"transfer": {"volume_id": id}});
    let refused = server.post("/v2/alpha/os-volume-transfer", offer).await.is(400);
    assert_eq!(refused.reasons(), ["prepaid", "encrypted", "backup_policy"]);
    let path = format!("/v3/alpha/volumes/{id}");
    let metadata = format!("{path}/metadata");
    for changed in [
        server.post(&metadata, json!({"metadata": {"orderID": "CS2"}})),
        server.post(&metadata, json!({"metadata": {"__system__cmkid": "k"}})),
        server.put(&metadata, json!({"metadata": {"owner": "bob"}})),
        server.put(&format!("{metadata}/policy"), json!({"meta": {"policy": ""}})),
        server.delete(&format!("{metadata}/__system__encrypted")),
        server.put(&path, json!({"volume": {"metadata": {}}})),
    ] {
        let message = changed.await.fails(400, "EVS.5400");
        assert!(message.contains("is set when the volume is made, and does not change"), "{message}");
    }
    server.post(&metadata, json!({"metadata": {"orderID": "CS1", "owner": "bob"}})).await.is(200);
    let shown = server.get(&metadata).await.is(200).one("metadata");
    assert_eq!(shown, json!({"orderID": "CS1", "__system__encrypted": "1", "policy": "nightly", "owner": "bob"}));
}
