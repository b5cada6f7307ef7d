//! Creating a volume: what it is then, what it takes from its source, and what is refused.

use std::collections::BTreeSet;

use crate::support::{Answer, Engine, TestServer, Value, apply, assert_answer, both_engines, copy, json, new_id, volume, with};

const BASES: [&str; 3] = ["/v2/alpha/volumes", "/v3/alpha/volumes", "/v3/volumes"];

async fn create(server: &TestServer, fields: Value) -> Answer {
    server.post("/v3/alpha/volumes", json!({"volume": fields})).at("3.71").await
}

/// What is read of a volume that was just made.
async fn made(server: &TestServer, fields: Value) -> Value {
    let created = create(server, fields).await.is(202).one("volume");
    let path = format!("/v3/alpha/volumes/{}", created["id"].as_str().unwrap());
    server.get(&path).at("3.71").await.is(200).one("volume")
}

fn keys(volume: &Value) -> BTreeSet<String> {
    volume.as_object().unwrap().keys().cloned().collect()
}

#[apply(both_engines!)]
async fn a_new_volume_is_answered_creating_and_read_available(server: TestServer) {
    for (path, version) in [("/v2/alpha/volumes", None), ("/v3/alpha/volumes", Some("3.71"))] {
        let body = json!({"volume": {
            "size": 2, "name": " first ", "description": "the first", "metadata": {"k": "v"}, "volume_type": "SSD",
            "availability_zone": "az1", "multiattach": true,
        }});
        let answer = server.post(path, body).at_or_none(version).await.is(202);
        let created = answer.one("volume");
        let shown = server.get(&format!("{path}/{}", created["id"].as_str().unwrap())).at_or_none(version).await.is(200);
        let expected = with(created.clone(), json!({"status": "available", "os-vol-tenant-attr:tenant_id": "alpha"}));
        assert_eq!(shown.one("volume"), expected);
        let told = json!({
            "size": 2, "name": "first", "description": "the first", "metadata": {"k": "v"}, "volume_type": "SSD",
            "availability_zone": "az1", "multiattach": true, "status": "creating", "user_id": "alice", "bootable": "false",
            "encrypted": false, "updated_at": null, "snapshot_id": null, "source_volid": null, "attachments": [],
        });
        for (key, value) in told.as_object().unwrap() {
            assert_eq!(created[key], *value, "{key}");
        }
        let name = if version.is_some() { "created-volume-at-3.71" } else { "created-volume-on-v2" };
        assert_answer(name, &server, &answer);
    }
}

#[apply(both_engines!)]
async fn the_answer_has_the_keys_of_a_read_but_where_it_lies_and_whose_it_is(server: TestServer) {
    let only_read = [
        "os-vol-tenant-attr:tenant_id", "os-vol-host-attr:host", "os-vol-mig-status-attr:migstat",
        "os-vol-mig-status-attr:name_id",
    ];
    for (by, is_admin) in [("alice:alpha", false), ("admin:alpha", true)] {
        for version in ["3.0", "3.13", "3.48", "3.61", "3.63", "3.65", "3.71"] {
            let body = json!({"volume": {"size": 1}});
            let created = server.post("/v3/alpha/volumes", body).by(by).at(version).await.is(202).one("volume");
            let path = format!("/v3/alpha/volumes/{}", created["id"].as_str().unwrap());
            let body = json!({"volume": {"name": "n"}});
            let updated = server.ask("PUT", &path).json(&body).by(by).at(version).await.is(200).one("volume");
            let mut shown = keys(&server.get(&path).by(by).at(version).await.is(200).one("volume"));
            shown.retain(|key| !only_read.contains(&key.as_str()));
            assert_eq!((keys(&created), keys(&updated)), (shown.clone(), shown), "{version} by {by}");
            assert_eq!(created.get("migration_status").is_some(), is_admin);
        }
    }
}

#[apply(both_engines!)]
async fn what_is_left_out_or_null_comes_from_the_catalogue(server: TestServer) {
    let nulls = json!({
        "size": "3", "name": null, "description": null, "metadata": null, "volume_type": null, "availability_zone": null,
        "snapshot_id": null, "source_volid": null, "imageRef": null, "multiattach": null, "consistencygroup_id": null,
        "group_id": null, "backup_id": null, "source_replica": null, "user_id": null, "project_id": null, "status": null,
        "attach_status": null, "nobody knows": null,
    });
    let old = json!({"size": 3, "status": "creating", "attach_status": "detached", "volume_type": "", "snapshot_id": ""});
    for fields in [nulls, old, json!({"size": 3})] {
        for base in BASES {
            let volume = server.post(base, json!({"volume": fields})).await.is(202).one("volume");
            let expected = json!({
                "size": 3, "name": null, "description": null, "metadata": {}, "volume_type": "__DEFAULT__",
                "availability_zone": "nova", "multiattach": false, "consistencygroup_id": null,
            });
            for (key, value) in expected.as_object().unwrap() {
                assert_eq!(volume[key], *value, "{key}");
            }
        }
    }
    let hints = json!({"volume": {"size": 1}, "OS-SCH-HNT:scheduler_hints": {"same_host": [new_id()]}});
    server.post(BASES[0], hints).await.is(202);
    let named = json!({"display_name": "old", "display_description": "words", "size": 1});
    let volume = made(&server, named).await;
    assert_eq!((&volume["name"], &volume["description"]), (&json!("old"), &json!("words")));
}

#[apply(both_engines!)]
async fn a_type_is_given_by_name_or_by_id(server: TestServer) {
    let by_name = made(&server, json!({"size": 1, "volume_type": "SSD"})).await;
    let by_id = made(&server, json!({"size": 1, "volume_type": by_name["volume_type_id"]})).await;
    assert_eq!((&by_id["volume_type"], &by_id["volume_type_id"]), (&json!("SSD"), &by_name["volume_type_id"]));
    for (unknown, words) in [("gold".to_owned(), "Volume type with name gold could not be found."), (new_id(), "Volume type ")]
    {
        let message = create(&server, json!({"size": 1, "volume_type": unknown})).await.fails(404, "EVS.5404");
        assert!(message.starts_with(words) && message.contains("GET types"), "{message}");
    }
}

#[apply(both_engines!)]
async fn where_zones_are_named_no_other_is_taken(engine: Engine) {
    let server = TestServer::with(engine, &["--availability-zones=az1,az2", "--volume-types=SAS,SSD"]).await;
    let volume = made(&server, json!({"size": 1})).await;
    assert_eq!((&volume["availability_zone"], &volume["volume_type"]), (&json!("az1"), &json!("SAS")));
    let volume = made(&server, json!({"size": 1, "availability_zone": "az2"})).await;
    assert_eq!(volume["availability_zone"], "az2");
    for base in BASES {
        let body = json!({"volume": {"size": 1, "availability_zone": "nova"}});
        let message = server.post(base, body).await.fails(400, "EVS.5400");
        assert_eq!(message, "Availability zone 'nova' is invalid. Give one of az1, az2.");
    }
}

#[apply(both_engines!)]
async fn a_field_that_is_none_is_refused_by_name(server: TestServer) {
    let long = "x".repeat(256);
    for (fields, says) in [
        (json!({}), "`volume.size` is missing"),
        (json!({"size": null}), "`volume.size` is missing"),
        (json!({"size": 0}), "size is 0"),
        (json!({"size": "0"}), "size is \"0\""),
        (json!({"size": -1}), "size is -1"),
        (json!({"size": "-1"}), "size is \"-1\""),
        (json!({"size": ""}), "size is \"\""),
        (json!({"size": "#$%"}), "size is \"#$%\""),
        (json!({"size": 1.5}), "size is a number that is not in plain digits"),
        (json!({"size": 1e2}), "size is a number that is not in plain digits"),
        (json!({"size": true}), "size is true"),
        (json!({"size": 2_147_483_648_u64}), "size is 2147483648"),
        (json!({"size": 1, "name": 5}), "name is a number"),
        (json!({"size": 1, "name": long}), "name has 256 characters"),
        (json!({"size": 1, "description": {}}), "description is an object"),
        (json!({"size": 1, "metadata": {"k": 1}}), "metadata.k is a number"),
        (json!({"size": 1, "multiattach": "maybe"}), "multiattach is a string"),
        (json!({"size": 1, "volume_type": []}), "volume_type is a list"),
        (json!({"size": 1, "availability_zone": 1}), "availability_zone is a number"),
        (json!({"size": 1, "snapshot_id": "x"}), "snapshot_id is `x`"),
        (json!({"size": 1, "source_volid": 7}), "source_volid is a number"),
        (json!({"size": 1, "imageRef": ""}), "Invalid image identifier"),
        (json!({"size": 1, "source_replica": new_id()}), "Unknown field `volume.source_replica`"),
        (json!({"size": 1, "status": "available"}), "Unknown field `volume.status`"),
        (json!({"size": 1, "project_id": "beta"}), "Unknown field `volume.project_id`"),
        (json!({"size": 1, "encrypted": true, "a": 1}), "Unknown field `volume.encrypted`, `volume.a`"),
    ] {
        for base in BASES {
            let message = server.post(base, json!({"volume": fields})).await.fails(400, "EVS.5400");
            assert!(message.contains(says), "{fields}: {message}");
        }
    }
    for (body, says) in [
        (json!({"volume": {"size": 1}, "more": {}}), "Unknown field `more`"),
        (json!({"volume": {"size": 1}, "OS-SCH-HNT:scheduler_hints": []}), "Unknown field `OS-SCH-HNT:scheduler_hints`"),
        (json!({"OS-SCH-HNT:scheduler_hints": {}}), "`volume` is missing"),
    ] {
        let message = server.post(BASES[0], body).await.fails(400, "EVS.5400");
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(server.get(BASES[0]).await.is(200).rows("volumes"), [Value::Null; 0]);
    assert_eq!(server.usage("alpha").await.volumes, 0);
}

#[apply(both_engines!)]
async fn fields_of_later_versions_are_unknown_before(server: TestServer) {
    let backup = copy("available");
    server.volume_with(json!({"backups": [backup]})).await;
    for (field, value, minor) in [("group_id", json!(new_id()), 13), ("backup_id", backup["id"].clone(), 47)] {
        let body = json!({"volume": {"size": 1, field: value}});
        let message = server.post(BASES[1], body.clone()).at(&format!("3.{}", minor - 1)).await.fails(400, "EVS.5400");
        assert!(message.contains(&format!("Unknown field `volume.{field}`")), "{message}");
        server.post(BASES[0], body.clone()).await.fails(400, "EVS.5400");
        server.post(BASES[1], body).at(&format!("3.{minor}")).await.is(202);
    }
    let groups = json!({"size": 1, "group_id": new_id(), "consistencygroup_id": new_id()});
    let volume = made(&server, groups.clone()).await;
    assert_eq!((&volume["group_id"], &volume["consistencygroup_id"]), (&groups["group_id"], &groups["consistencygroup_id"]));
}

#[apply(both_engines!)]
async fn a_copy_takes_from_its_source_what_it_is_not_told(server: TestServer) {
    let (snapshot, backup) = (copy("available"), copy("available"));
    let (snapshot, backup) = (with(snapshot, json!({"size": 3})), with(backup, json!({"size": 2})));
    let source = server
        .volume_with(json!({
            "size": 4, "volume_type": "of old", "availability_zone": "az7", "bootable": true, "encrypted": true,
            "metadata": {"k": "v"}, "name": "source", "status": "in-use", "snapshots": [snapshot], "backups": [backup],
        }))
        .await;
    for (field, id, size) in [("source_volid", json!(source), 4), ("snapshot_id", snapshot["id"].clone(), 3)] {
        let volume = made(&server, json!({field: id})).await;
        let expected = json!({
            "size": size, "volume_type": "of old", "availability_zone": "az7", "bootable": "true", "encrypted": true,
            "metadata": {}, "name": null, field: id,
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(volume[key], *value, "{field}: {key}");
        }
        let key = volume["encryption_key_id"].as_str().unwrap();
        assert_eq!(key.len(), 36, "it has a key of its own");
        let told = made(&server, json!({field: id, "size": 9, "volume_type": "SSD", "availability_zone": "az7"})).await;
        assert_eq!((&told["size"], &told["volume_type"]), (&json!(9), &json!("SSD")));
    }
    let volume = made(&server, json!({"backup_id": backup["id"]})).await;
    assert_eq!(
        (&volume["size"], &volume["availability_zone"], &volume["encrypted"]),
        (&json!(2), &json!("nova"), &json!(false))
    );
}

#[apply(both_engines!)]
async fn a_source_that_is_not_there_is_not_found(server: TestServer) {
    let theirs = with(volume("beta"), json!({"snapshots": [copy("available")], "backups": [copy("available")]}));
    server.seed(json!({"volumes": [theirs]})).await;
    let of = |list: &str| theirs[list][0]["id"].as_str().unwrap().to_owned();
    for (field, record_kind, id) in [
        ("source_volid", "Volume", theirs["id"].as_str().unwrap().to_owned()),
        ("snapshot_id", "Snapshot", of("snapshots")),
        ("backup_id", "Backup", of("backups")),
    ] {
        let ask = async |id: &str| create(&server, json!({"size": 5, field: id})).await;
        let unknown = new_id();
        let (theirs, none) = (ask(&id).await, ask(&unknown).await);
        assert!(theirs.fails(404, "EVS.5404").starts_with(&format!("{record_kind} {id} could not be found.")), "{theirs}");
        assert_eq!(theirs.text().replace(&id, "ID"), none.text().replace(&unknown, "ID"));
    }
    assert_eq!(server.usage("alpha").await.volumes, 0);
}

#[apply(both_engines!)]
async fn a_source_must_be_ready_no_larger_and_in_the_same_zone(server: TestServer) {
    let (busy, large) = (copy("creating"), with(copy("available"), json!({"size": 5})));
    let fields = json!({
        "size": 5, "status": "error", "availability_zone": "az1", "snapshots": [busy, large],
        "backups": [with(copy("error"), json!({"size": 5})), large],
    });
    let bad = server.volume_with(fields.clone()).await;
    let good = server.volume_with(json!({"size": 5, "availability_zone": "az1"})).await;
    let before = server.usage("alpha").await;
    let backups = server.stored_backups(&bad).await;
    let backup = |status: &str| backups.iter().find(|backup| backup.status.as_str() == status).unwrap().id.to_string();
    for (field, words) in [
        (
            json!({"source_volid": bad}),
            "Invalid volume: Originating source volume status must be one of 'available, in-use' values",
        ),
        (json!({"snapshot_id": busy["id"]}), "Invalid snapshot: Originating snapshot status must be one of 'available' values"),
        (json!({"backup_id": backup("error")}), "Invalid backup: Originating backup status must be one of 'available' values"),
        (
            json!({"source_volid": good, "size": 4}),
            "Invalid input received: Volume size '4'GB cannot be smaller than the original volume size 5GB.",
        ),
        (
            json!({"snapshot_id": large["id"], "size": 4}),
            "Invalid input received: Volume size '4'GB cannot be smaller than the snapshot size 5GB.",
        ),
        (
            json!({"backup_id": backup("available"), "size": 4}),
            "Invalid input received: Volume size '4'GB cannot be smaller than the backup size 5GB.",
        ),
        (
            json!({"source_volid": good, "availability_zone": "az2"}),
            "Invalid input received: Volume must be in the same availability zone as the source volume",
        ),
        (
            json!({"snapshot_id": large["id"], "availability_zone": "az2"}),
            "Invalid input received: Volume must be in the same availability zone as the snapshot",
        ),
        (json!({"snapshot_id": large["id"], "source_volid": good}), "Invalid input received: May specify only one of"),
        (json!({"imageRef": new_id(), "source_volid": good, "size": 5}), "Invalid input received: May specify only one of"),
    ] {
        let message = create(&server, field.clone()).await.fails(400, "EVS.5400");
        assert!(message.starts_with(words), "{field}: {message}");
    }
    assert_eq!(server.usage("alpha").await, before);
}

#[apply(both_engines!)]
async fn a_volume_from_an_image_can_be_booted_and_so_can_its_copies(server: TestServer) {
    let image = new_id();
    for (fields, known) in [
        (json!({"imageRef": image}), json!({"image_id": image})),
        (json!({"image_id": format!("http://images.example.org/v2/images/{image}")}), json!({"image_id": image})),
        (json!({"imageRef": "cirros"}), json!({"image_name": "cirros"})),
    ] {
        let volume = made(&server, with(json!({"size": 1}), fields)).await;
        assert_eq!(volume["bootable"], "true");
        let stored = server.stored_volume(volume["id"].as_str().unwrap()).await;
        assert_eq!(stored.extra["volume_image_metadata"], known);
        assert!(!stored.system_disk, "a boot flag makes no system disk");
        let copied = made(&server, json!({"source_volid": volume["id"]})).await;
        assert_eq!(copied["bootable"], "true");
    }
}

#[apply(both_engines!)]
async fn metadata_of_evs_makes_it_encrypted_so_that_it_cannot_be_offered(server: TestServer) {
    let metadata = json!({"__system__encrypted": "1", "__system__cmkid": new_id()});
    let volume = made(&server, json!({"size": 1, "metadata": metadata})).await;
    assert_eq!(volume["encrypted"], true);
    let body = json!({"transfer": {"volume_id": volume["id"]}});
    let refused = server.post("/v2/alpha/os-volume-transfer", body).await;
    refused.fails(400, "EVS.5400");
    assert_eq!(refused.reasons(), ["encrypted"]);
}

#[apply(both_engines!)]
async fn a_new_volume_can_be_handed_over_at_once(server: TestServer) {
    let volume = create(&server, json!({"size": 1, "name": "gift"})).await.is(202).one("volume");
    let offered = server.offer_of(volume["id"].as_str().unwrap()).await;
    let accept = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&accept, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.is(202);
    let shown = server.get(&format!("/v2/beta/volumes/{}", offered.volume_id)).by("bob:beta").await.is(200).one("volume");
    assert_eq!(
        (&shown["status"], &shown["os-vol-tenant-attr:tenant_id"], &shown["user_id"]),
        (&json!("available"), &json!("beta"), &json!("bob"))
    );
}

#[apply(both_engines!)]
async fn usage_moves_with_volumes_and_no_limit_is_passed(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=volumes=2,gigabytes=10,per_volume_gigabytes=8"]).await;
    let body = |size: i64| json!({"volume": {"size": size}});
    let usage = async || {
        let usage = server.usage("alpha").await;
        (usage.volumes, usage.gigabytes)
    };
    for base in BASES {
        assert!(server.post(base, body(9)).await.fails(413, "EVS.5413").starts_with("VolumeSizeExceedsLimit"));
    }
    let first = server.post(BASES[0], body(8)).await.is(202).one("volume");
    assert!(server.post(BASES[1], body(3)).await.fails(413, "EVS.5413").starts_with("VolumeSizeExceedsAvailableQuota"));
    assert_eq!(usage().await, (1, 8));
    server.post(BASES[1], body(1)).await.is(202);
    let message = server.post(BASES[1], body(1)).await.fails(413, "EVS.5413");
    assert!(
        message.starts_with("VolumeLimitExceeded: Maximum number of volumes allowed (2) exceeded for quota 'volumes'."),
        "{message}"
    );
    assert_eq!((usage().await, server.get(BASES[0]).await.rows("volumes").len()), ((2, 9), 2));
    server.delete(&format!("/v2/alpha/volumes/{}", first["id"].as_str().unwrap())).await.is(202);
    assert_eq!(usage().await, (1, 1));
    server.post(BASES[1], body(8)).await.is(202);
    assert_eq!(usage().await, (2, 9));
}

#[apply(both_engines!)]
async fn a_copy_is_made_in_its_sources_zone_whether_or_not_that_is_one_of_ours(engine: Engine) {
    let server = TestServer::with(engine, &["--availability-zones=az1,az2"]).await;
    let source = server.volume_with(json!({"availability_zone": "eu-de-01"})).await;
    for named in [json!({}), json!({"availability_zone": "eu-de-01"})] {
        let copy = made(&server, with(json!({"source_volid": source}), named)).await;
        assert_eq!(copy["availability_zone"], "eu-de-01");
    }
    let message = create(&server, json!({"source_volid": source, "availability_zone": "az1"})).await.fails(400, "EVS.5400");
    assert!(message.contains("which is eu-de-01"), "{message}");
    let message = create(&server, json!({"size": 1, "availability_zone": "eu-de-01"})).await.fails(400, "EVS.5400");
    assert!(message.contains("Give one of az1, az2"), "{message}");
    let without = server.volume_with(json!({"availability_zone": null})).await;
    create(&server, json!({"source_volid": without, "availability_zone": "eu-de-01"})).await.fails(400, "EVS.5400");
    create(&server, json!({"source_volid": without, "availability_zone": "az2"})).await.is(202);
}

#[apply(both_engines!)]
async fn iops_and_throughput_are_taken_and_shown(server: TestServer) {
    let asked = json!({"size": 10, "volume_type": "GPSSD2", "iops": 3000, "throughput": "125"});
    let body = json!({"volume": asked});
    let volume = server.post("/v2/alpha/volumes", body).await.is(202).one("volume");
    let id = volume["id"].as_str().unwrap();
    for path in ["cloudvolumes", "os-vendor-volumes"] {
        for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
            let one = server.get(&format!("{base}/{path}/{id}")).await.is(200).one("volume");
            let shown = |total: i64| json!({"frozened": false, "id": id, "total_val": total, "volume_id": id});
            assert_eq!((&one["iops"], &one["throughput"]), (&shown(3000), &shown(125)), "{base}/{path}");
            let rows = server.get(&format!("{base}/{path}/detail")).await.is(200).rows("volumes");
            assert_eq!(rows, [one]);
        }
    }
    server.offer_of(id).await;
    for wrong in [json!(0), json!(-1), json!("many"), json!(1.5), json!({})] {
        let message = create(&server, json!({"size": 1, "iops": wrong})).await.fails(400, "EVS.5400");
        assert!(message.contains("iops") && !message.contains("GiB"), "{message}");
    }
}
