//! Showing a volume: exactly the keys of its microversion and its caller, at every version at which one more is shown.

use std::collections::BTreeSet;

use crate::support::{TestServer, Value, apply, assert_answer, both_engines, json, new_id, volume, with};

/// At 3.0, and on `/v2`.
const FIRST: [&str; 21] = [
    "id", "status", "size", "availability_zone", "created_at", "updated_at", "name", "description", "volume_type",
    "snapshot_id", "source_volid", "metadata", "links", "user_id", "bootable", "encrypted", "replication_status",
    "consistencygroup_id", "multiattach", "attachments", "os-vol-tenant-attr:tenant_id",
];

const FOR_ADMINS: [&str; 4] =
    ["os-vol-host-attr:host", "os-vol-mig-status-attr:migstat", "os-vol-mig-status-attr:name_id", "migration_status"];

/// What comes when: for everybody, and for admins alone.
const LATER: [(u16, &[&str], &[&str]); 6] = [
    (13, &["group_id"], &[]),
    (48, &["shared_targets", "service_uuid"], &[]),
    (61, &[], &["cluster_name"]),
    (63, &["volume_type_id"], &[]),
    (64, &["encryption_key_id"], &[]),
    (65, &["consumes_quota"], &[]),
];

fn expected(minor: u16, is_admin: bool, is_encrypted: bool) -> BTreeSet<&'static str> {
    let mut keys = BTreeSet::from(FIRST);
    keys.extend(FOR_ADMINS.into_iter().filter(|_| is_admin));
    for (since, all, admins) in LATER.iter().filter(|(since, _, _)| *since <= minor) {
        keys.extend(all.iter().filter(|_| *since != 64 || is_encrypted));
        keys.extend(admins.iter().filter(|_| is_admin));
    }
    keys
}

fn keys(volume: &Value) -> BTreeSet<&str> {
    volume.as_object().unwrap().keys().map(String::as_str).collect()
}

#[apply(both_engines!)]
async fn each_version_has_its_keys_for_members_and_for_admins(server: TestServer) {
    let plain = server.volume().await;
    let encrypted = server.volume_with(json!({"encrypted": true})).await;
    let boundaries = LATER.iter().flat_map(|(since, _, _)| [since - 1, *since]).chain([0, 69, 70, 71]);
    for minor in boundaries {
        for (by, is_admin, project) in [("alice:alpha", false, "alpha"), ("admin:ops", true, "ops")] {
            for (id, is_encrypted) in [(&plain, false), (&encrypted, true)] {
                let at = format!("3.{minor}");
                let shown = server.get(&format!("/v3/{project}/volumes/{id}")).by(by).at(&at).await.is(200).one("volume");
                assert_eq!(keys(&shown), expected(minor, is_admin, is_encrypted), "{at} by {by}");
                let all = format!("/v3/{project}/volumes/detail?all_tenants=1&id={id}");
                let row = server.get(&all).by(by).at(&at).await.is(200).rows("volumes").remove(0);
                let with_the_same_links = with(row, json!({"links": shown["links"]}));
                assert_eq!(with_the_same_links, shown, "{at} by {by}");
            }
        }
    }
    for path in ["/v2/alpha/volumes", "/v3/volumes"] {
        let shown = server.get(&format!("{path}/{encrypted}")).await.is(200).one("volume");
        assert_eq!(keys(&shown), expected(0, false, true), "{path}");
    }
}

#[apply(both_engines!)]
async fn a_volume_is_shown_whole_in_each_version(server: TestServer) {
    let id = server.volume_with(json!({"created_at": "2026-01-01T00:00:00", "volume_type": "SSD"})).await;
    assert_answer("volume-on-v2", &server, &server.get(&format!("/v2/alpha/volumes/{id}")).await);
    assert_answer("volume-at-3.71", &server, &server.get(&format!("/v3/alpha/volumes/{id}")).at("3.71").await);
    let all = server.get(&format!("/v3/ops/volumes/{id}")).by("admin:ops").at("3.71").await;
    assert_answer("volume-for-an-admin-at-3.71", &server, &all);
}

#[apply(both_engines!)]
async fn what_an_import_carried_is_shown_back(server: TestServer) {
    let (id, other) = (new_id(), new_id());
    let carried = json!({
        "snapshot_id": other, "source_volid": other, "replication_status": "disabled", "group_id": other,
        "attachments": [{
            "id": id, "attachment_id": other, "volume_id": id, "server_id": other, "host_name": null, "device": "/dev/vdb",
            "attached_at": "2026-01-01T00:00:00.000000",
        }],
        "shared_targets": false, "service_uuid": other, "volume_type_id": other, "encryption_key_id": other,
        "consumes_quota": false, "migration_status": "success", "cluster_name": "c1", "os-vol-host-attr:host": "a@b#c",
        "os-vol-mig-status-attr:migstat": "success", "os-vol-mig-status-attr:name_id": other,
    });
    let known = json!({
        "name": "first", "description": "the first", "size": 40, "status": "in-use", "availability_zone": "az1",
        "volume_type": "SSD", "bootable": true, "encrypted": true, "multiattach": true, "metadata": {"k": "v"},
        "created_at": "2026-01-01T00:00:00.000001", "updated_at": "2026-01-02T00:00:00.000000", "user_id": "carol",
    });
    let seeded =
        with(with(with(volume("alpha"), json!({"id": id, "consistency_group_id": other})), known.clone()), carried.clone());
    server.seed(json!({"volumes": [seeded]})).await;

    let shown = server.get(&format!("/v3/ops/volumes/{id}")).by("admin:ops").at("3.71").await.is(200).one("volume");

    let base = format!("{}/v3/ops/volumes/{id}", server.base);
    let links = json!([{"rel": "self", "href": base}, {"rel": "bookmark", "href": base.replace("/v3/", "/")}]);
    let renamed = json!({
        "id": id, "bootable": "true", "consistencygroup_id": other, "os-vol-tenant-attr:tenant_id": "alpha", "links": links,
    });
    assert_eq!(shown, with(with(known, carried), renamed));
}

#[apply(both_engines!)]
async fn what_nobody_carried_has_the_defaults_of_its_version(server: TestServer) {
    let id = server.volume_with(json!({"volume_type": "SSD", "replication_enabled": true})).await;
    let known = server.volume_with(json!({"volume_type": "of another cloud"})).await;
    let shown = async |id: &str, at: &str| server.get(&format!("/v3/alpha/volumes/{id}")).at(at).await.is(200).one("volume");
    assert_eq!(shown(&id, "3.68").await["shared_targets"], true);
    let latest = shown(&id, "3.71").await;
    assert_eq!(latest["shared_targets"], Value::Null);
    assert_eq!(latest["consumes_quota"], true);
    assert_eq!(latest["replication_status"], "enabled");
    assert_eq!(latest["attachments"], json!([]));
    assert!(latest["volume_type_id"].as_str().is_some_and(|id| id.len() == 36), "{latest}");
    let of_another = shown(&known, "3.71").await;
    assert_eq!((&of_another["volume_type"], &of_another["volume_type_id"]), (&json!("of another cloud"), &Value::Null));
}

#[apply(both_engines!)]
async fn words_of_managing_are_shown_as_others(server: TestServer) {
    for (stored, shown) in [
        ("managing", "creating"),
        ("error_managing", "error"),
        ("error_managing_deleting", "deleting"),
        ("backing-up", "backing-up"),
    ] {
        let id = server.volume_with(json!({"status": stored})).await;
        assert_eq!(server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200).one("volume")["status"], shown);
    }
}

#[apply(both_engines!)]
async fn to_strangers_there_is_no_such_volume(server: TestServer) {
    let id = server.volume().await;
    for path in ["/v2/omega/volumes", "/v3/omega/volumes", "/v3/volumes"] {
        let ask = async |id: &str| server.get(&format!("{path}/{id}")).by("mallory:omega").await;
        let unknown = new_id();
        let (theirs, none) = (ask(&id).await, ask(&unknown).await);
        let words = |id: &str| format!("Volume {id} could not be found.");
        assert!(theirs.fails(404, "EVS.5404").starts_with(&words(&id)), "{theirs}");
        assert_eq!(theirs.text().replace(&id, "ID"), none.text().replace(&unknown, "ID"));
        assert!(ask("a%20name").await.fails(404, "EVS.5404").starts_with(&words("a name")));
    }
    let any_form = id.to_uppercase();
    assert_eq!(server.get(&format!("/v3/alpha/volumes/{any_form}")).await.is(200).one("volume")["id"], *id);
}
