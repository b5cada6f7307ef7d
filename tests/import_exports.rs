//! What exports of other services and files of people really hold: it is taken as it is meant, or refused by its place.

use crate::support::{OperatorCli, TestServer, Value, apply, both_engines, json, new_id, stored_usage, volume, with};

/// A record as EVS's `cloudvolumes/detail` has it.
fn evs(more: Value) -> Value {
    let record = json!({
        "id": new_id(), "name": "db-data", "os-vol-tenant-attr:tenant_id": "alpha", "service_type": "EVS",
        "status": "available", "size": 40, "metadata": {},
    });
    with(record, more)
}

async fn reasons(server: &TestServer, volume: &Value) -> Vec<String> {
    let body = json!({"transfer": {"volume_id": volume["id"]}});
    server.post("/v2/alpha/os-volume-transfer", body).await.is(400).reasons()
}

#[apply(both_engines!)]
async fn what_evs_says_of_policy_and_frozen_the_rules_see(server: TestServer) {
    let policy = evs(json!({"metadata": {"policy": new_id(), "hw:passthrough": "true"}}));
    let [iops, throughput] =
        ["iops", "throughput"].map(|key| evs(json!({key: {"frozened": true, "id": "i", "total_val": 3000}})));
    let thawed = evs(json!({"iops": {"frozened": false}}));
    server.seed(json!({"count": 4, "volumes": [policy, iops, throughput, thawed]})).await;
    assert_eq!(reasons(&server, &policy).await, ["backup_policy"]);
    assert_eq!(reasons(&server, &iops).await, ["frozen"]);
    assert_eq!(reasons(&server, &throughput).await, ["frozen"]);
    server.offer_of(thawed["id"].as_str().unwrap()).await;
    // a later export takes back what an earlier one said, and nothing else
    let [free, warm] =
        [with(policy.clone(), json!({"metadata": {}})), with(iops.clone(), json!({"iops": {"frozened": false}}))];
    server.seed(json!({"volumes": [free, warm]})).await;
    for volume in [free, warm] {
        server.offer_of(volume["id"].as_str().unwrap()).await;
    }
}

#[apply(both_engines!)]
async fn a_policy_that_our_own_document_gave_outlives_an_export_that_knows_of_none(server: TestServer) {
    let ours = with(volume("alpha"), json!({"backup_policy_id": "p", "frozen": true}));
    server.seed(json!({"volumes": [ours]})).await;
    server.seed(json!({"volumes": [evs(json!({"id": ours["id"], "iops": {"total_val": 1}}))]})).await;
    assert_eq!(reasons(&server, &ours).await, ["frozen", "backup_policy"]);
}

#[apply(both_engines!)]
async fn a_volume_whose_adoption_failed_loads_with_what_it_has_for_a_size(desk: OperatorCli) {
    let failed =
        |size: Value| evs(json!({"status": "Error", "size": size, "bootable": "True", "created_at": "", "updated_at": ""}));
    let volumes = [json!(0), Value::Null, json!("12")].map(failed);
    desk.import(&json!({"volumes": volumes}));
    for (volume, size) in volumes.iter().zip([0, 0, 12]) {
        let stored = desk.volume(&volume["id"]);
        assert_eq!(
            (&stored["size"], &stored["status"], &stored["bootable"], &stored["updated_at"]),
            (&json!(size), &json!("error"), &json!(true), &Value::Null)
        );
    }
    let again = desk.import(&json!({"volumes": volumes}));
    assert!(again.contains("volumes: 0 created, 0 updated, 3 unchanged"), "{again}");
    assert_eq!(stored_usage(&desk.0.url, "alpha").await.gigabytes, 12);
    for size in [json!(0), Value::Null, json!("12"), json!(-1), json!(1.5)] {
        let why = desk.refused(&json!({"volumes": [evs(json!({"size": size}))]}));
        assert!(why.contains("size: ") && why.contains("a whole number of GiB from 1"), "{size}: {why}");
    }
    for size in [json!("12 GiB"), json!("-1"), json!([])] {
        let why = desk.refused(&json!({"volumes": [evs(json!({"size": size, "status": "error"}))]}));
        assert!(why.contains("a whole number of GiB"), "{size}: {why}");
    }
}

#[apply(both_engines!)]
async fn an_answer_to_one_record_is_a_document(server: TestServer) {
    let [volume, snapshot, backup, transfer] = [new_id(), new_id(), new_id(), new_id()];
    server.seed(json!({"volume": evs(json!({"id": volume, "size": 40}))})).await;
    let of = |id: &str| json!({"id": id, "volume_id": volume, "project_id": "alpha", "size": 40, "status": "available"});
    let answer = json!({
        "id": transfer, "volume_id": volume, "name": "gift", "auth_key": "9266c59563c84664", "created_at": "2026-10-01T02:00:00.000000",
        "no_snapshots": false, "source_project_id": "alpha", "destination_project_id": null, "accepted": false,
        "links": [{"rel": "self", "href": "http://cinder/v3/alpha/volume-transfers/x"}],
    });
    server.seed(json!({"transfer": answer})).await;
    let accept = json!({"accept": {"auth_key": "9266c59563c84664"}});
    server.post(&format!("/v2/beta/os-volume-transfer/{transfer}/accept"), accept).by("bob:beta").await.is(202);
    server.seed(json!({"snapshot": of(&snapshot)})).await;
    server.seed(json!({"backup": of(&backup)})).await;
    for (path, id) in [("snapshots", &snapshot), ("backups", &backup)] {
        server.get(&format!("/v3/alpha/{path}/{id}")).await.is(200);
    }
}

#[apply(both_engines!)]
async fn a_list_of_transfers_without_keys_says_where_keys_are_to_be_had(desk: OperatorCli) {
    let volume = volume("alpha");
    desk.import(&json!({"volumes": [volume]}));
    let offer =
        json!({"id": new_id(), "volume_id": volume["id"], "name": null, "links": [], "created_at": "2026-10-01T02:00:00"});
    let why = desk.refused(&json!({"transfers": [offer], "transfers_links": []}));
    assert!(why.contains("auth_key: missing") && why.contains("--orphans available"), "{why}");
    let ended = with(offer, json!({"accepted": true, "auth_key": "9266c59563c84664"}));
    let why = desk.refused(&json!({"transfers": [ended]}));
    assert!(why.contains("accepted: true given; leave out"), "{why}");
}

#[apply(both_engines!)]
async fn backups_of_cbr_are_backups_of_their_volumes(server: TestServer) {
    let volume = with(volume("alpha"), json!({"size": 40}));
    server.seed(json!({"volumes": [volume]})).await;
    let backup = |more: Value| {
        let record = json!({
            "id": new_id(), "name": "nightly", "project_id": "alpha", "resource_id": volume["id"], "resource_size": 40,
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup", "vault_id": new_id(),
            "created_at": "2026-10-01T02:00:00.000000", "updated_at": "", "expired_at": null, "children": [],
            "extend_info": {"bootable": false},
        });
        with(record, more)
    };
    let [alone, child] = [backup(json!({})), backup(json!({}))];
    let server_s = backup(json!({"resource_type": "OS::Nova::Server", "resource_id": new_id(), "children": [child]}));
    server.seed(json!({"count": 2, "offset": 0, "limit": 10, "backups": [alone, server_s]})).await;
    let stored = server.stored_backups(volume["id"].as_str().unwrap()).await;
    let mut ids: Vec<String> = stored.iter().map(|backup| backup.id.to_string()).collect();
    let mut expected = [alone, child].map(|backup| backup["id"].as_str().unwrap().to_owned());
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    assert!(stored.iter().all(|backup| backup.size == 40 && backup.updated_at.is_none()), "{stored:?}");
    assert_eq!(reasons(&server, &volume).await, ["has_backups"]);
}

#[apply(both_engines!)]
async fn a_number_where_a_text_belongs_is_refused_and_every_fault_is_told_at_once(desk: OperatorCli) {
    let [a, b, c] = [volume("alpha"), volume("alpha"), volume("alpha")];
    let id = |volume: &Value| volume["id"].as_str().unwrap().to_owned();
    let text = format!(
        "volumes:\n  - {{id: {}, project_id: p, metadata: {{version: 1.10}}}}\n  - {{id: {}, project_id: p, tags: {{build: 7}}}}\n  \
         - {{id: {}, project_id: p, enterprise_project_id: 0, sise: 1}}\n  - {{id: 7, project_id: p}}\n",
        id(&a),
        id(&b),
        id(&c)
    );
    let before = desk.text();
    let ran = desk.run(&["import", "-"], &text);
    assert_eq!((ran.status, desk.text()), (Some(1), before), "{}", ran.err);
    for said in [
        "4 faults:".to_owned(),
        format!(
            "volumes[0] (id {}): metadata: version: a number that is not in plain digits given, a text (put it in quotes) expected",
            id(&a)
        ),
        format!("volumes[1] (id {}): tags: build: 7 given, a text (put it in quotes) expected", id(&b)),
        format!("volumes[2] (id {}): ", id(&c)),
        "volumes[3]: id: 7 given, a UUID expected".to_owned(),
        "Nothing was loaded".to_owned(),
    ] {
        assert!(ran.err.contains(&said), "{said}: {}", ran.err);
    }
    for wrong in [
        json!({"attachments": {}}),
        json!({"attachments": [{"device": 7}]}),
        json!({"attachments": ["x"]}),
        json!({"iops": 7}),
        json!({"serial_number": 7}),
        json!({"os-vol-host-attr:host": 7}),
        json!({"shareable": "perhaps"}),
        json!({"wwn": true}),
        json!({"volume_image_metadata": {"size": 7}}),
        json!({"tags": ["a"]}),
        json!({"consumes_quota": 7}),
    ] {
        let key = wrong.as_object().unwrap().keys().next().unwrap().clone();
        let why = desk.refused(&json!({"volumes": [with(volume("alpha"), wrong)]}));
        assert!(why.contains(&format!("{key}: ")) && why.contains("expected"), "{why}");
    }
    let many: Vec<Value> = (0..150).map(|_| with(volume("alpha"), json!({"size": 0}))).collect();
    let why = desk.refused(&json!({"volumes": many}));
    assert!(why.contains("the first 100 faults:") && why.contains("volumes[99]") && !why.contains("volumes[100]"), "{why}");
}

#[apply(both_engines!)]
async fn a_slip_of_yaml_is_told_in_words_for_who_wrote_the_file(desk: OperatorCli) {
    for (text, said) in [
        ("volumes:\n  - {id: a, id: b}\n", "duplicate mapping key `id`"),
        ("volumes: [", "line 1"),
        ("volumes: *nowhere\n", "line 1"),
    ] {
        let ran = desk.run(&["import", "-"], text);
        assert!(ran.status == Some(1) && ran.err.contains(said), "{text}: {}", ran.err);
        for word in ["Policy", "Options", "serde", "::"] {
            assert!(!ran.err.contains(word), "{text}: {}", ran.err);
        }
    }
}

#[apply(both_engines!)]
async fn what_consumes_no_quota_is_shown_so_and_not_counted(server: TestServer) {
    let free = with(volume("alpha"), json!({"size": 10, "consumes_quota": false}));
    let id = free["id"].as_str().unwrap().to_owned();
    let snapshot = json!({"id": new_id(), "size": 10, "consumes_quota": false});
    let counted = json!({"id": new_id(), "size": 10});
    let volume = with(free.clone(), json!({"snapshots": [snapshot, counted]}));
    server.seed(json!({"volumes": [volume]})).await;
    let shown = |answer: crate::support::Answer, name: &str| answer.one(name)["consumes_quota"].clone();
    assert_eq!(shown(server.get(&format!("/v3/alpha/volumes/{id}")).at("3.65").await.is(200), "volume"), json!(false));
    for (record, expected) in [(&snapshot, false), (&counted, true)] {
        let path = format!("/v3/alpha/snapshots/{}", record["id"].as_str().unwrap());
        assert_eq!(shown(server.get(&path).at("3.65").await.is(200), "snapshot"), json!(expected));
    }
    let usage = server.usage("alpha").await;
    assert_eq!((usage.volumes, usage.snapshots, usage.gigabytes), (0, 1, 10));
    // whatever is done to it
    let extend = json!({"os-extend": {"new_size": 50}});
    server.post(&format!("/v3/alpha/volumes/{id}/action"), extend).await.is(202);
    assert_eq!(server.usage("alpha").await, usage);
    for snapshot in [snapshot, counted] {
        server.delete(&format!("/v3/alpha/snapshots/{}", snapshot["id"].as_str().unwrap())).await.is(202);
    }
    let offered = server.offer_of(&id).await;
    server.accept_by("beta", &offered).await.is(202);
    for project in ["alpha", "beta"] {
        let usage = server.usage(project).await;
        assert_eq!((usage.volumes, usage.snapshots, usage.gigabytes), (0, 0, 0), "{project}");
    }
    server.seed(json!({"volumes": [{"id": id, "project_id": "beta", "consumes_quota": true}]})).await;
    assert_eq!(server.usage("beta").await.gigabytes, 50);
    server.delete(&format!("/v3/beta/volumes/{id}")).by("bob:beta").await.is(202);
    assert_eq!(server.usage("beta").await.gigabytes, 0);
}

#[apply(both_engines!)]
async fn what_no_quota_counts_is_counted_in_lists_and_sums(server: TestServer) {
    let free = with(volume("alpha"), json!({"size": 5, "consumes_quota": false}));
    let free = with(free, json!({"snapshots": [{"id": new_id(), "consumes_quota": false}]}));
    server.seed(json!({"volumes": [free, with(volume("alpha"), json!({"size": 2})), volume("beta")]})).await;
    for (path, count) in [
        ("/v3/alpha/volumes?with_count=true", 2),
        ("/v3/alpha/snapshots?with_count=true", 1),
        ("/v3/alpha/volumes?with_count=true&all_tenants=1", 3),
        ("/v2/alpha/cloudvolumes/detail?limit=1", 2),
        ("/v2/alpha/cloudsnapshots/detail", 1),
        ("/v3/alpha/volumes?with_count=true&status=available", 2),
    ] {
        let answer = server.get(path).by("admin:alpha").at("3.60").await.is(200);
        assert_eq!(answer.json()["count"], count, "{path}");
    }
    let sum = server.get("/v3/alpha/volumes/summary").at("3.12").await.is(200).one("volume-summary");
    assert_eq!((&sum["total_count"], &sum["total_size"]), (&json!(2), &json!(7)));
}

#[apply(both_engines!)]
async fn what_is_said_in_an_exports_way_our_own_document_need_not_say_again(server: TestServer) {
    let told = json!({"orderID": "CS1", "__system__encrypted": "1", "policy": "x"});
    let keys = json!({"replication_status": "enabled", "dedicated_storage_id": "d", "iops": {"frozened": true}});
    let silent = with(with(volume("alpha"), json!({"metadata": told})), keys.clone());
    let said = json!({"dedicated_storage": "none", "replication_enabled": false, "frozen": false});
    let said = with(with(volume("alpha"), said), keys);
    server.seed(json!({"volumes": [silent, said]})).await;
    let all = ["backup_policy", "dss", "encrypted", "frozen", "prepaid", "replication"];
    let mut found = reasons(&server, &silent).await;
    found.sort();
    assert_eq!(found, all);
    server.offer_of(said["id"].as_str().unwrap()).await;
}

#[apply(both_engines!)]
async fn a_record_does_not_say_otherwise_than_its_metadata(desk: OperatorCli) {
    for (metadata, key, value) in [
        (json!({"orderID": "CS1"}), "billing", json!("postpaid")),
        (json!({"__system__encrypted": "1"}), "encrypted", json!(false)),
        (json!({"policy": "x"}), "backup_policy_id", Value::Null),
    ] {
        let told = with(volume("alpha"), json!({"metadata": metadata, key: value}));
        let why = desk.refused(&json!({"volumes": [told]}));
        assert!(why.contains(&format!("{key}: says otherwise than `metadata`")), "{why}");
        // nor by two documents
        let first = with(volume("alpha"), json!({"metadata": metadata}));
        desk.import(&json!({"volumes": [first]}));
        let why = desk.refused(&json!({"volumes": [{"id": first["id"], "project_id": "alpha", key: value}]}));
        assert!(why.contains(&format!("{key}: says otherwise than `metadata`")), "{why}");
    }
    // in a Cinder export a policy says nothing, and our own export says what there is
    let told = json!({"id": new_id(), "os-vol-tenant-attr:tenant_id": "alpha", "metadata": {"policy": "x"}});
    desk.import(&json!({"volumes": [told]}));
    let exported = desk.text();
    assert!(desk.run(&["import", "-"], &exported).out.contains("volumes: 0 created, 0 updated, 4 unchanged"));
    desk.import(&json!({"volumes": [{"id": told["id"], "project_id": "alpha", "frozen": true}]}));
}

#[apply(both_engines!)]
async fn an_empty_text_in_an_export_is_nothing_and_each_wrong_text_of_a_record_is_told(desk: OperatorCli) {
    let empty = evs(json!({"name": "", "snapshot_id": "", "source_volid": "", "multiattach": "", "replication_status": ""}));
    desk.import(&json!({"volumes": [empty]}));
    let stored = desk.volume(&empty["id"]);
    for key in ["name", "snapshot_id", "source_volid", "replication_status"] {
        assert_eq!(stored[key], Value::Null, "{key}");
    }
    let wrong = json!({"metadata": {"version": 1, "phone": 2}});
    let why = desk.refused(&json!({"volumes": [evs(wrong), evs(json!({"tags": {"a": 1}, "enterprise_project_id": 0}))]}));
    for said in ["version: 1 given", "phone: 2 given", "tags: a: 1 given", "enterprise_project_id: 0 given"] {
        assert!(why.contains(said), "{said}: {why}");
    }
}

#[apply(both_engines!)]
async fn a_volume_without_a_size_is_copied_with_one_and_its_limit_is_asked(engine: crate::support::Engine) {
    let server = TestServer::with(engine, &["--quotas=per_volume_gigabytes=20"]).await;
    let adopted = evs(json!({"status": "error", "size": 0}));
    let free = with(volume("alpha"), json!({"size": 10, "consumes_quota": false}));
    server.seed(json!({"volumes": [adopted, free]})).await;
    let id = adopted["id"].as_str().unwrap();
    server
        .post(&format!("/v3/alpha/volumes/{id}/action"), json!({"os-reset_status": {"status": "available"}}))
        .by("admin:alpha")
        .await
        .is(202);
    let copy = |more: Value| server.post("/v3/alpha/volumes", json!({"volume": with(json!({"source_volid": id}), more)}));
    let message = copy(json!({})).await.fails(400, "EVS.5400");
    assert!(message.contains("Give the size"), "{message}");
    copy(json!({"size": 1})).await.is(202);
    let path = format!("/v3/alpha/volumes/{}/action", free["id"].as_str().unwrap());
    server.post(&path, json!({"os-extend": {"new_size": 21}})).await.fails(413, "EVS.5413");
    server.post(&path, json!({"os-extend": {"new_size": 20}})).await.is(202);
}
