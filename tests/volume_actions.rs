//! What can be done to a volume: the body names one action, each action has its fields and no other, and whose volume it is
//! and who asks comes after that. What each action does, its own file tests: `volume_attach`, `volume_extend`, `volume_reset`.

use handover::domain::Volume;

use crate::support::{TestServer, Value, apply, both_engines, json, new_id};

const KNOWN: &str = "one of os-attach, os-begin_detaching, os-detach, os-extend, os-force_delete, os-reserve, os-reset_status, os-retype, \
    os-roll_detaching, os-set_bootable, os-set_image_metadata, os-show_image_metadata, os-unreserve, os-unset_image_metadata, \
    os-update_readonly_flag.";

/// Every action with a body that nothing is wrong with.
fn every_action() -> Vec<Value> {
    vec![
        json!({"os-attach": {"instance_uuid": new_id(), "mountpoint": "/dev/vdb"}}),
        json!({"os-begin_detaching": null}),
        json!({"os-detach": {}}),
        json!({"os-extend": {"new_size": 20}}),
        json!({"os-force_delete": null}),
        json!({"os-reserve": null}),
        json!({"os-reset_status": {"status": "error"}}),
        json!({"os-roll_detaching": null}),
        json!({"os-set_bootable": {"bootable": true}}),
        json!({"os-unreserve": null}),
        json!({"os-update_readonly_flag": {"readonly": true}}),
    ]
}

#[apply(both_engines!)]
async fn every_path_acts(server: TestServer) {
    for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
        let volume = server.volume().await;
        let path = format!("{base}/volumes/{volume}/action");
        let answer = server.post(&path, json!({"os-reserve": {}})).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        assert_eq!(server.stored_volume(&volume).await.status.as_str(), "attaching");
    }
}

#[apply(both_engines!)]
async fn any_form_of_the_volumes_id_is_found(server: TestServer) {
    let volume = server.volume().await;
    for form in [volume.to_uppercase(), volume.replace('-', ""), format!("%7B{volume}%7D")] {
        server.act(&form, json!({"os-set_bootable": {"bootable": true}})).await.is(200);
    }
}

#[apply(both_engines!)]
async fn an_action_that_nobody_knows_is_refused_with_those_that_are_known(server: TestServer) {
    let volume = server.volume().await;
    for api in ["v2", "v3"] {
        let path = format!("/{api}/alpha/volumes/{volume}/action");
        let message = server.post(&path, json!({"os-explode": {}})).await.fails(400, "EVS.5400");
        let expected = "There is no such action: `os-explode`. Send an object with one key, the action's name:";
        assert_eq!(message, format!("{expected} {KNOWN}"));
    }
}

#[apply(both_engines!)]
async fn the_body_names_exactly_one_action(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    let bodies = [
        (json!({}), "The body names no action."),
        (json!([]), "The body is a list."),
        (json!(null), "The body is null."),
        (json!("os-reserve"), "The body is a string."),
        (json!({"os-reserve": {}, "os-unreserve": {}}), "The body has `os-unreserve` beside `os-reserve`: too many body keys."),
        (json!({"os-reserve": {}, "colour": "blue"}), "too many body keys."),
    ];
    for (body, words) in bodies {
        let message = server.act(&volume, body).await.fails(400, "EVS.5400");
        assert!(message.contains(words) && message.ends_with(KNOWN), "{message}");
    }
    assert_eq!(server.stored_volume(&volume).await, before);
}

#[apply(both_engines!)]
async fn each_field_of_an_action_is_read_strictly(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    let server_id = new_id();
    let attach = |mountpoint: Value, mode: Value| json!({"os-attach": {"instance_uuid": server_id, "mountpoint": mountpoint, "mode": mode}});
    let long = "x".repeat(256);
    let bodies = [
        (json!({"os-extend": null}), "`os-extend` is null."),
        (json!({"os-extend": {}}), "`os-extend.new_size` is missing"),
        (json!({"os-extend": {"new_size": 2, "force": true}}), "Unknown field `os-extend.force`"),
        (json!({"os-extend": {"new_size": 0}}), "new_size is 0;"),
        (json!({"os-extend": {"new_size": -2}}), "new_size is -2;"),
        (json!({"os-extend": {"new_size": 2.5}}), "new_size is a number that is not in plain digits;"),
        (json!({"os-extend": {"new_size": "abc"}}), "new_size is \"abc\";"),
        (json!({"os-extend": {"new_size": "+2"}}), "new_size is \"+2\";"),
        (json!({"os-extend": {"new_size": null}}), "new_size is null;"),
        (json!({"os-extend": {"new_size": 2_147_483_648_u64}}), "new_size is 2147483648;"),
        (json!({"os-set_bootable": {}}), "`os-set_bootable.bootable` is missing"),
        (json!({"os-set_bootable": {"bootable": 1}}), "bootable is a number;"),
        (json!({"os-set_bootable": {"bootable": "maybe"}}), "bootable is a string;"),
        (json!({"os-set_bootable": {"bootable": true, "a": 1, "b": 2}}), "`os-set_bootable.a`"),
        (json!({"os-update_readonly_flag": {}}), "`os-update_readonly_flag.readonly` is missing"),
        (json!({"os-update_readonly_flag": {"readonly": null}}), "readonly is null;"),
        (json!({"os-attach": {"mountpoint": "/dev/vdb"}}), "Neither instance_uuid nor host_name"),
        (json!({"os-attach": {"instance_uuid": null, "mountpoint": "/dev/vdb"}}), "Neither instance_uuid nor host_name"),
        (json!({"os-attach": {"instance_uuid": "one", "mountpoint": "/dev/vdb"}}), "instance_uuid is `one`;"),
        (json!({"os-attach": {"host_name": "..", "mountpoint": "/dev/vdb"}}), "host_name has no letter or digit;"),
        (json!({"os-attach": {"host_name": 7, "mountpoint": "/dev/vdb"}}), "host_name is a number;"),
        (json!({"os-attach": {"host_name": "a"}}), "`os-attach.mountpoint` is missing"),
        (attach(json!(" "), json!("rw")), "mountpoint is empty;"),
        (attach(json!(null), json!("rw")), "mountpoint is null; give a string."),
        (attach(json!(long), json!("rw")), "mountpoint has 256 characters;"),
        (attach(json!("a\0b"), json!("rw")), "mountpoint holds a NUL"),
        (attach(json!("/dev/vdb"), json!("RW")), "mode must be one of rw, ro."),
        (attach(json!("/dev/vdb"), json!(null)), "mode must be one of rw, ro."),
        (json!({"os-detach": []}), "`os-detach` is a list."),
        (json!({"os-detach": {"attachment_id": "one"}}), "attachment_id is `one`;"),
        (json!({"os-detach": {"connector": {}}}), "Unknown field `os-detach.connector`"),
        (json!({"os-reset_status": {}}), "Must specify 'status', 'attach_status' or 'migration_status' for update."),
        (json!({"os-reset_status": {"status": null, "attach_status": ""}}), "Must specify 'status'"),
        (
            json!({"os-reset_status": {"status": "lost"}}),
            "Volume status: lost is invalid, valid statuses are: creating, available,",
        ),
        (json!({"os-reset_status": {"status": 7}}), "status is a number;"),
        (
            json!({"os-reset_status": {"attach_status": "reserved"}}),
            "Volume attach status: reserved is invalid, valid statuses are: attached, detached.",
        ),
        (
            json!({"os-reset_status": {"migration_status": "flying"}}),
            "Volume migration status: flying is invalid, valid statuses are: migrating, error, success, completing, none, starting.",
        ),
        (json!({"os-reset_status": {"status": "error", "force": true}}), "Unknown field `os-reset_status.force`"),
    ];
    for (body, words) in bodies {
        let answer = server.act(&volume, body.clone()).by("admin:alpha").await;
        assert!(answer.fails(400, "EVS.5400").contains(words), "{body}: {answer}");
    }
    assert_eq!(server.stored_volume(&volume).await, before);
}

#[apply(both_engines!)]
async fn what_stands_under_an_action_without_fields_says_nothing(server: TestServer) {
    let volume = server.volume().await;
    for content in [json!(null), json!({}), json!(volume), json!({"force": true}), json!([1])] {
        server.act(&volume, json!({"os-reserve": content})).await.is(202);
        assert_eq!(server.stored_volume(&volume).await.status.as_str(), "attaching");
        server.act(&volume, json!({"os-unreserve": content})).await.is(202);
        assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    }
}

#[apply(both_engines!)]
async fn a_volume_that_is_not_the_callers_is_not_found_whatever_the_action(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    for action in every_action() {
        for id in [volume.as_str(), &new_id(), "xxx"] {
            let path = format!("/v3/beta/volumes/{id}/action");
            let message = server.post(&path, action.clone()).by("bob:beta").await.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Volume {id} could not be found.")), "{message}");
        }
        server.post(&format!("/v2/alpha/volumes/{}/action", new_id()), action).by("admin:alpha").await.fails(404, "EVS.5404");
    }
    assert_eq!(server.stored_volume(&volume).await, before);
}

#[apply(both_engines!)]
async fn the_fields_are_judged_before_the_volume_is_looked_for(server: TestServer) {
    server.act("xxx", json!({"os-extend": {"new_size": "abc"}})).await.fails(400, "EVS.5400");
    server.act(&new_id(), json!({"os-explode": {}})).await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn an_admin_acts_on_the_volume_of_any_project(server: TestServer) {
    for action in every_action() {
        let status = if action.get("os-begin_detaching").is_some() { "in-use" } else { "available" };
        let volume = server.volume_with(json!({"status": status})).await;
        let path = format!("/v3/ops/volumes/{volume}/action");
        let expected = if action.get("os-set_bootable").is_some() { 200 } else { 202 };
        server.post(&path, action.clone()).by("admin:ops").await.is(expected);
        if action.get("os-force_delete").is_some() {
            server.get(&format!("/v3/alpha/volumes/{volume}")).await.fails(404, "EVS.5404");
            continue;
        }
        let after = server.stored_volume(&volume).await;
        assert_eq!((after.project_id.as_str(), after.user_id.as_deref()), ("alpha", Some("alice")));
    }
}

#[apply(both_engines!)]
async fn the_boot_flag_is_set_and_nothing_else(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    let values = [(json!(true), true), (json!(false), false), (json!("True"), true), (json!("0"), false)];
    for (value, expected) in values {
        let answer = server.act(&volume, json!({"os-set_bootable": {"bootable": value}})).await.is(200);
        assert!(answer.body.is_empty(), "{answer}");
        let after = server.stored_volume(&volume).await;
        assert!(after.updated_at > before.updated_at, "a change moves updated_at");
        assert_eq!(after, Volume { bootable: expected, updated_at: after.updated_at, ..before.clone() });
    }
}

#[apply(both_engines!)]
async fn an_action_that_changes_nothing_leaves_the_volume_as_it_was(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    server.act(&volume, json!({"os-set_bootable": {"bootable": false}})).await.is(200);
    assert_eq!(server.stored_volume(&volume).await, before);
}

#[apply(both_engines!)]
async fn the_boot_flag_is_not_set_in_maintenance(server: TestServer) {
    let volume = server.volume_with(json!({"status": "maintenance"})).await;
    let answer = server.act(&volume, json!({"os-set_bootable": {"bootable": true}})).await;
    let message = answer.fails(400, "EVS.5400");
    assert_eq!(
        message,
        "Invalid volume: The volume cannot be updated during maintenance. Have an admin reset its status (os-reset_status)."
    );
    assert!(!server.stored_volume(&volume).await.bootable);
}

#[apply(both_engines!)]
async fn the_readonly_flag_stands_in_the_metadata_as_cinder_shows_it(server: TestServer) {
    let volume = server.volume_with(json!({"metadata": {"colour": "blue"}})).await;
    for (value, shown) in [(json!(true), "True"), (json!("false"), "False"), (json!("1"), "True")] {
        let answer = server.act(&volume, json!({"os-update_readonly_flag": {"readonly": value}})).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        let after = server.stored_volume(&volume).await;
        assert_eq!(Value::from(after.metadata), json!({"colour": "blue", "readonly": shown}));
    }
}

#[apply(both_engines!)]
async fn the_readonly_flag_is_set_on_an_available_volume_only(server: TestServer) {
    for (status, volume) in server.volume_in_each_status(json!({})).await {
        let answer = server.act(&volume, json!({"os-update_readonly_flag": {"readonly": true}})).await;
        if status == "available" {
            answer.is(202);
            continue;
        }
        let words = format!("Invalid volume: Volume {volume} status must be available to update readonly flag, but current");
        let message = answer.fails(400, "EVS.5400");
        assert!(message.starts_with(&format!("{words} status is: {status}. ")), "{message}");
        assert_eq!(Value::from(server.stored_volume(&volume).await.metadata), json!({}));
    }
}

#[apply(both_engines!)]
async fn a_new_volume_is_acted_on_when_what_it_waits_for_is_over(server: TestServer) {
    let waiting = |until: &str| json!({"status": "creating", "created_at": "2026-01-01T00:00:00", "creating_until": until});
    let volume = server.volume_with(waiting("2026-01-01T00:00:05")).await;
    server.act(&volume, json!({"os-reserve": {}})).await.is(202);
    let after = server.stored_volume(&volume).await;
    assert_eq!((after.status.as_str(), after.provisioning), ("attaching", None));

    let volume = server.volume_with(waiting("2999-01-01T00:00:00")).await;
    let message = server.act(&volume, json!({"os-reserve": {}})).await.fails(400, "EVS.5400");
    let words = "Invalid volume: Volume status must be available to reserve, but the status is creating.";
    assert_eq!(
        message,
        format!(
            "{words} Once it is available it can be done; where it stays so, have an admin reset its status (os-reset_status)."
        )
    );
}
