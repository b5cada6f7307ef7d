//! A backup's life: made of a volume or a snapshot, shown, listed, renamed, deleted; and it outlives its volume.

use std::collections::BTreeSet;

use crate::support::{Answer, Engine, TestServer, Value, apply, both_engines, copy, json, new_id, with};

const BASES: [&str; 3] = ["/v2/alpha/backups", "/v3/alpha/backups", "/v3/backups"];

/// At 3.0, and on `/v2`.
const FIRST: [&str; 17] = [
    "id", "status", "size", "object_count", "availability_zone", "container", "created_at", "updated_at", "name",
    "description", "fail_reason", "volume_id", "links", "is_incremental", "has_dependent_backups", "snapshot_id",
    "data_timestamp",
];

/// What comes when, and whether for admins alone.
const LATER: [(u16, &str, bool); 4] = [
    (18, "os-backup-project-attr:project_id", true),
    (43, "metadata", false),
    (56, "user_id", true),
    (64, "encryption_key_id", false),
];

async fn create(server: &TestServer, fields: Value) -> Answer {
    server.post("/v3/alpha/backups", json!({"backup": fields})).await
}

async fn show(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/v3/alpha/backups/{id}")).await.is(200).one("backup")
}

fn id(backup: &Value) -> String {
    backup["id"].as_str().unwrap().to_owned()
}

#[apply(both_engines!)]
async fn a_backup_is_made_shown_listed_and_deleted(server: TestServer) {
    for base in BASES {
        let volume = server.volume_with(json!({"size": 7})).await;
        let fields =
            json!({"volume_id": volume, "name": " first ", "description": "d", "container": "c", "incremental": false});
        let made = server.post(base, json!({"backup": fields})).await.is(202).one("backup");
        let one = format!("{base}/{}", id(&made));
        let href = format!("{}{one}", server.base);
        let bookmark = href.replace("/v2/", "/").replace("/v3/", "/");
        let links = json!([{"rel": "self", "href": href}, {"rel": "bookmark", "href": bookmark}]);
        let summary = json!({"id": made["id"], "name": "first", "links": links});
        assert_eq!(made, summary);

        let shown = server.get(&one).by("carol:alpha").await.is(200).one("backup");
        let expected = json!({
            "status": "available", "size": 7, "object_count": 0, "availability_zone": null, "container": "c",
            "created_at": shown["created_at"], "updated_at": null, "description": "d", "fail_reason": null,
            "volume_id": volume, "is_incremental": false, "has_dependent_backups": false, "snapshot_id": null,
            "data_timestamp": shown["created_at"],
        });
        assert_eq!(shown, with(summary.clone(), expected));
        let query = format!("?volume_id={volume}&name=first&status=available");
        assert_eq!(server.get(&format!("{base}{query}")).await.is(200).rows("backups"), [summary]);
        assert_eq!(server.get(&format!("{base}/detail{query}")).await.is(200).rows("backups"), [shown]);

        let answer = server.delete(&one).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        server.get(&one).await.fails(404, "EVS.5404");
        assert_eq!(server.get(base).await.is(200).rows("backups"), [] as [Value; 0]);
    }
}

#[apply(both_engines!)]
async fn each_version_has_its_keys_for_members_and_for_admins(server: TestServer) {
    let seeded = with(copy("available"), json!({"encryption_key_id": new_id()}));
    server.volume_with(json!({"backups": [seeded]})).await;
    let plain = server.backup(&server.volume().await).await;
    let boundaries = LATER.iter().flat_map(|(since, _, _)| [since - 1, *since]).chain([0, 71]);
    for minor in boundaries {
        for (by, project, is_admin) in [("alice:alpha", "alpha", false), ("admin:ops", "ops", true)] {
            for (id, is_encrypted) in [(id(&seeded), true), (plain.clone(), false)] {
                let at = format!("3.{minor}");
                let later = LATER.iter().filter(|(since, key, for_admins)| {
                    *since <= minor && (is_admin || !for_admins) && (is_encrypted || *key != "encryption_key_id")
                });
                let expected: BTreeSet<&str> = FIRST.into_iter().chain(later.map(|(_, key, _)| *key)).collect();
                let shown = server.get(&format!("/v3/{project}/backups/{id}")).by(by).at(&at).await.is(200).one("backup");
                let keys: BTreeSet<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(keys, expected, "{at} by {by}");
                let path = format!("/v3/{project}/backups/detail?all_tenants=1&id={id}");
                assert_eq!(server.get(&path).by(by).at(&at).await.is(200).rows("backups"), [shown], "{at} by {by}");
            }
        }
    }
}

#[apply(both_engines!)]
async fn each_version_takes_its_fields(server: TestServer) {
    let volume = server.volume().await;
    for (version, field, value, is_known) in [
        (None, "metadata", json!({"k": "v"}), false),
        (Some("3.42"), "metadata", json!({"k": "v"}), false),
        (Some("3.43"), "metadata", json!({"k": "v"}), true),
        (Some("3.50"), "availability_zone", json!("az1"), false),
        (Some("3.51"), "availability_zone", json!("az1"), true),
    ] {
        let body = json!({"backup": {"volume_id": volume, field: value}});
        let answer = server.post("/v3/alpha/backups", body).at_or_none(version).await;
        if is_known {
            let made = answer.is(202).one("backup");
            let shown = server.get(&format!("/v3/alpha/backups/{}", id(&made))).at("3.71").await.is(200).one("backup");
            assert_eq!(shown[field], value);
        } else {
            let message = answer.fails(400, "EVS.5400");
            assert!(message.contains(&format!("`backup.{field}`")), "{message}");
        }
    }
    for (fields, named) in [
        (json!({}), "volume_id"),
        (json!({"volume_id": volume, "colour": "red"}), "`backup.colour`"),
        (json!({"volume_id": volume, "force": 1}), "force"),
        (json!({"volume_id": volume, "incremental": "maybe"}), "incremental"),
        (json!({"volume_id": volume, "snapshot_id": "nope"}), "snapshot_id"),
        (json!({"volume_id": volume, "container": 7}), "container"),
    ] {
        for base in BASES {
            let message = server.post(base, json!({"backup": fields})).await.fails(400, "EVS.5400");
            assert!(message.contains(named), "{fields}: {message}");
        }
    }
}

#[apply(both_engines!)]
async fn a_backup_is_renamed_from_3_9(server: TestServer) {
    let made = server.backup(&server.volume().await).await;
    let one = format!("/v3/alpha/backups/{made}");
    let body = json!({"backup": {"name": "second", "description": "later"}});
    let message = server.ask("PUT", &one).json(&body).at("3.8").await.fails(404, "EVS.5404");
    assert!(message.starts_with("API version 3.8 is not supported on this method."), "{message}");
    let answer = server.ask("PUT", &one).json(&body).at("3.9").await.is(200).one("backup");
    let shown = show(&server, &made).await;
    assert_eq!(answer, json!({"id": made, "name": "second", "links": shown["links"]}));
    assert_eq!((&shown["name"], &shown["description"]), (&json!("second"), &json!("later")));
    assert!(shown["updated_at"].is_string(), "{shown}");

    let body = json!({"backup": {"metadata": {"k": "v"}}});
    let message = server.ask("PUT", &one).json(&body).at("3.42").await.fails(400, "EVS.5400");
    assert!(message.contains("`backup.metadata`"), "{message}");
    server.ask("PUT", &one).json(&body).at("3.43").await.is(200);
    assert_eq!(server.get(&one).at("3.43").await.is(200).one("backup")["metadata"], json!({"k": "v"}));
    server.ask("PUT", &format!("/v3/alpha/backups/{}", new_id())).json(&body).at("3.43").await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_volumes_status_says_whether_it_can_be_backed_up(server: TestServer) {
    for (status, force, refused) in [
        ("available", false, None),
        ("in-use", true, None),
        ("in-use", false, Some("Invalid volume: Backing up an in-use volume must use the force flag.")),
        (
            "error",
            true,
            Some("Invalid volume: Volume to be backed up must be available or in-use, but the current status is \"error\"."),
        ),
    ] {
        let volume = server.volume_with(json!({"status": status})).await;
        for base in BASES {
            let answer = server.post(base, json!({"backup": {"volume_id": volume, "force": force}})).await;
            match refused {
                None => drop(answer.is(202)),
                Some(words) => {
                    let message = answer.fails(400, "EVS.5400");
                    assert!(message.starts_with(words), "{message}");
                }
            }
        }
    }
}

#[apply(both_engines!)]
async fn a_snapshot_is_backed_up_whatever_its_volumes_status(server: TestServer) {
    let snapshot = with(copy("available"), json!({"created_at": "2026-01-01T00:00:00.000001"}));
    let volume = server.volume_with(json!({"status": "attaching", "snapshots": [snapshot]})).await;
    let fields = json!({"volume_id": volume, "snapshot_id": snapshot["id"]});
    let made = create(&server, fields.clone()).await.is(202).one("backup");
    let shown = show(&server, &id(&made)).await;
    assert_eq!((&shown["snapshot_id"], &shown["data_timestamp"]), (&snapshot["id"], &snapshot["created_at"]));

    let other = server.volume().await;
    let message = create(&server, with(fields.clone(), json!({"volume_id": other}))).await.fails(400, "EVS.5400");
    let words = format!("Invalid volume: Volume {other} does not match with snapshot.volume_id {volume}.");
    assert!(message.starts_with(&words), "{message}");

    server.reset(&format!("/v3/ops/snapshots/{}", id(&snapshot)), "error").await.is(202);
    let message = create(&server, fields).await.fails(400, "EVS.5400");
    let words = "Invalid snapshot: Snapshot to be backed up must be available, but the current status is \"error\".";
    assert!(message.starts_with(words), "{message}");

    let theirs = copy("available");
    server.seed(json!({"volumes": [with(crate::support::volume("beta"), json!({"snapshots": [theirs]}))]})).await;
    for unknown in [id(&theirs), new_id()] {
        let message = create(&server, json!({"volume_id": other, "snapshot_id": unknown})).await.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Snapshot {unknown} could not be found.")), "{message}");
    }
}

#[apply(both_engines!)]
async fn an_incremental_backup_builds_on_the_latest_and_holds_it(server: TestServer) {
    let volume = server.volume().await;
    let incremental = json!({"volume_id": volume, "incremental": true});
    let message = create(&server, incremental.clone()).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Invalid backup: No backups available to do an incremental backup."), "{message}");

    let full = server.backup(&volume).await;
    let first = id(&create(&server, incremental.clone()).await.is(202).one("backup"));
    let second = id(&create(&server, incremental.clone()).await.is(202).one("backup"));
    let chain = async |of: &str| {
        let shown = show(&server, of).await;
        (shown["is_incremental"].as_bool().unwrap(), shown["has_dependent_backups"].as_bool().unwrap())
    };
    assert_eq!([chain(&full).await, chain(&first).await, chain(&second).await], [(false, true), (true, true), (true, false)]);
    for (held, action) in [(&full, "delete"), (&first, "delete"), (&full, "os-force_delete")] {
        let answer = match action {
            "delete" => server.delete(&format!("/v2/alpha/backups/{held}")).await,
            _ => server.post(&format!("/v3/ops/backups/{held}/action"), json!({action: {}})).by("admin:ops").await,
        };
        let message = answer.fails(400, "EVS.5400");
        assert!(message.starts_with("Invalid backup: Incremental backups exist for this backup."), "{message}");
    }
    for free in [&second, &first, &full] {
        server.delete(&format!("/v3/alpha/backups/{free}")).await.is(202);
    }

    // what shows the volume later than a snapshot, or is in error, is nothing to build on
    let snapshot = server.snapshot(&volume).await;
    let later = server.backup(&volume).await;
    let of_snapshot = with(incremental.clone(), json!({"snapshot_id": snapshot}));
    create(&server, of_snapshot).await.fails(400, "EVS.5400");
    server.reset(&format!("/v3/ops/backups/{later}"), "error").await.is(202);
    create(&server, incremental).await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn to_strangers_there_is_no_such_backup(server: TestServer) {
    let made = server.backup(&server.volume().await).await;
    for base in BASES.map(|base| base.replace("alpha", "omega")) {
        for method in ["GET", "DELETE"] {
            for id in [&*made, &*new_id(), "a%20name"] {
                let answer = server.ask(method, &format!("{base}/{id}")).by("mallory:omega").await;
                let words = format!("Backup {} could not be found.", id.replace("%20", " "));
                assert!(answer.fails(404, "EVS.5404").starts_with(&words), "{answer}");
            }
        }
    }
    server.delete(&format!("/v3/ops/backups/{made}")).by("admin:ops").await.is(202);
}

#[apply(both_engines!)]
async fn a_backup_is_deleted_when_it_is_available_or_in_error_and_by_an_admin_always(server: TestServer) {
    let restoring = with(copy("restoring"), json!({}));
    let volume = server.volume_with(json!({"backups": [restoring]})).await;
    let before = server.usage("alpha").await;
    let one = format!("/v3/alpha/backups/{}", id(&restoring));
    let message = server.delete(&one).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Invalid backup: Backup status must be available or error."), "{message}");
    let message = server.post(&format!("{one}/action"), json!({"os-force_delete": {}})).await.fails(403, "EVS.5403");
    let words = "Policy doesn't allow volume_extension:backup_admin_actions:force_delete to be performed.";
    assert!(message.starts_with(words), "{message}");
    let by_admin = format!("{}/action", one.replace("alpha", "ops"));
    server.post(&by_admin, json!({"os-force_delete": {}})).by("admin:ops").await.is(202);
    server.get(&one).await.fails(404, "EVS.5404");

    let made = server.backup(&volume).await;
    assert_eq!(server.usage("alpha").await, before);
    server.reset(&format!("/v3/ops/backups/{made}"), "error").await.is(202);
    assert_eq!(show(&server, &made).await["status"], "error");
    server.delete(&format!("/v3/alpha/backups/{made}")).await.is(202);
}

#[apply(both_engines!)]
async fn more_backups_than_the_quota_allows_are_refused_and_count_for_nothing(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=backups=2,backup_gigabytes=10"]).await;
    let (small, large) = (server.volume().await, server.volume_with(json!({"size": 10})).await);
    let first = server.backup(&small).await;
    let before = server.usage("alpha").await;
    assert_eq!((before.backups, before.backup_gigabytes), (1, 1));

    let message = create(&server, json!({"volume_id": large})).await.fails(413, "EVS.5413");
    let words = "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. \
                 Requested 10G, quota is 10G and 1G has been consumed.";
    assert!(message.starts_with(words), "{message}");
    assert_eq!(server.usage("alpha").await, before);
    server.backup(&small).await;
    for base in BASES {
        let message = server.post(base, json!({"backup": {"volume_id": small}})).await.fails(413, "EVS.5413");
        assert!(message.starts_with("BackupLimitExceeded: Maximum number of backups allowed (2) exceeded"), "{message}");
    }
    server.delete(&format!("/v3/alpha/backups/{first}")).await.is(202);
    assert_eq!(server.usage("alpha").await, before);
    server.backup(&small).await;
}

#[apply(both_engines!)]
async fn lists_of_backups_sort_page_and_count(server: TestServer) {
    let volume = server.volume().await;
    let made = [server.backup(&volume).await, server.backup(&volume).await, server.backup(&volume).await];
    let answer = server.get("/v3/alpha/backups?limit=2&with_count=true").at("3.45").await.is(200);
    let ids = |answer: &Answer| answer.rows("backups").iter().map(id).collect::<Vec<_>>();
    assert_eq!(ids(&answer), [&*made[2], &*made[1]], "newest first");
    assert_eq!(answer.json()["count"], 3);
    let next = answer.json()["backups_links"][0]["href"].as_str().unwrap().replace(&server.base, "");
    assert_eq!(ids(&server.get(&next).await.is(200)), [&*made[0]]);
    let answer = server.get("/v2/alpha/backups/detail?sort=created_at:asc&offset=1").await.is(200);
    assert_eq!(ids(&answer), [&*made[1], &*made[2]]);
    let all = server.get("/v3/ops/backups?all_tenants=1").by("admin:ops").await.is(200);
    assert_eq!(ids(&all).len(), 3);
}
