//! Reserve, attach, detach and what undoes them: what a compute service says of a volume that its servers have.

use std::future::IntoFuture;

use futures_util::future::join_all;
use handover::domain::{Id, Time, Volume};

use crate::support::{Replicas, TestServer, Value, apply, both_engines, json, new_id, with};

/// Says that a server has the volume.
fn attach(server_id: &str) -> Value {
    json!({"os-attach": {"instance_uuid": server_id, "mountpoint": "/dev/vdb"}})
}

fn detach(attachment_id: &Value) -> Value {
    json!({"os-detach": {"attachment_id": attachment_id}})
}

async fn status(server: &TestServer, volume: &str) -> String {
    server.stored_volume(volume).await.status.to_string()
}

async fn attachments(server: &TestServer, volume: &str) -> Vec<Value> {
    server.stored_volume(volume).await.attachments().to_vec()
}

/// What is said of a status that an action does not start from.
async fn refused(server: &TestServer, volume: &str, action: &Value, words: &str) {
    let before = server.stored_volume(volume).await;
    for api in ["v2", "v3"] {
        let answer = server.post(&format!("/{api}/alpha/volumes/{volume}/action"), action.clone()).await;
        let message = answer.fails(400, "EVS.5400");
        assert!(message.starts_with(&format!("Invalid volume: {words}")), "{message}");
    }
    assert_eq!(server.stored_volume(volume).await, before);
}

#[apply(both_engines!)]
async fn a_reserved_volume_is_attaching_until_it_is_unreserved(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    for (action, expected) in [("os-reserve", "attaching"), ("os-unreserve", "available")] {
        let answer = server.act(&volume, json!({action: {}})).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        let after = server.stored_volume(&volume).await;
        assert_eq!(after.status.as_str(), expected);
        assert!(after.updated_at > before.updated_at);
        assert_eq!(Volume { status: before.status.clone(), updated_at: before.updated_at, ..after }, before);
    }
}

#[apply(both_engines!)]
async fn only_an_available_volume_is_reserved(server: TestServer) {
    for (now, volume) in server.volume_in_each_status(json!({})).await {
        if now == "available" {
            server.act(&volume, json!({"os-reserve": {}})).await.is(202);
        } else {
            let words = format!("Volume status must be available to reserve, but the status is {now}.");
            refused(&server, &volume, &json!({"os-reserve": {}}), &words).await;
        }
    }
}

#[apply(both_engines!)]
async fn a_volume_for_several_servers_is_reserved_while_one_has_it(server: TestServer) {
    for (now, volume) in server.volume_in_each_status(json!({"multiattach": true})).await {
        if ["available", "in-use"].contains(&now) {
            server.act(&volume, json!({"os-reserve": {}})).await.is(202);
            assert_eq!(status(&server, &volume).await, "attaching");
        } else {
            let words = format!("Volume status must be available or in-use to reserve, but the status is {now}.");
            refused(&server, &volume, &json!({"os-reserve": {}}), &words).await;
        }
    }
}

/// As Cinder: who undoes need not know whether it was done.
#[apply(both_engines!)]
async fn what_was_not_begun_is_undone_without_a_change(server: TestServer) {
    for (action, from, to) in [("os-unreserve", "attaching", "available"), ("os-roll_detaching", "detaching", "in-use")] {
        for (now, volume) in server.volume_in_each_status(json!({})).await {
            let before = server.stored_volume(&volume).await;
            server.act(&volume, json!({action: null})).await.is(202);
            let after = server.stored_volume(&volume).await;
            if now == from {
                assert_eq!(after.status.as_str(), to);
            } else {
                assert_eq!(after, before);
            }
        }
    }
}

#[apply(both_engines!)]
async fn only_a_volume_in_use_begins_to_detach(server: TestServer) {
    for (now, volume) in server.volume_in_each_status(json!({})).await {
        if now == "in-use" {
            server.act(&volume, json!({"os-begin_detaching": {}})).await.is(202);
            assert_eq!(status(&server, &volume).await, "detaching");
        } else {
            let words =
                "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
            refused(&server, &volume, &json!({"os-begin_detaching": {}}), words).await;
        }
    }
}

#[apply(both_engines!)]
async fn an_attached_volume_is_in_use_and_says_who_has_it(server: TestServer) {
    for reserves in [true, false] {
        let volume = server.volume().await;
        let server_id = new_id();
        if reserves {
            server.act(&volume, json!({"os-reserve": {}})).await.is(202);
        }
        let answer = server.act(&volume, attach(&server_id)).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");

        let after = server.stored_volume(&volume).await;
        assert_eq!(after.status.as_str(), "in-use");
        assert_eq!(Value::from(after.metadata.clone()), json!({"readonly": "False", "attached_mode": "rw"}));
        let attachment = &after.attachments()[0];
        assert!(attachment["attachment_id"].as_str().is_some_and(|id| Id::parse(id).is_some_and(|it| it.to_string() == id)));
        assert_eq!(attachment["attached_at"].as_str().and_then(Time::parse), after.updated_at);
        let expected = json!([{
            "id": volume, "volume_id": volume, "attachment_id": attachment["attachment_id"], "server_id": server_id,
            "host_name": null, "device": "/dev/vdb", "attached_at": attachment["attached_at"],
        }]);
        assert_eq!(Value::from(after.attachments().to_vec()), expected);
    }
}

#[apply(both_engines!)]
async fn a_host_has_a_volume_under_its_name_as_cinder_keeps_it(server: TestServer) {
    let volume = server.volume().await;
    let server_id = new_id();
    let body = json!({"os-attach": {
        "host_name": "Compute_1.Example", "mountpoint": " /mnt ", "mode": "ro", "instance_uuid": server_id.to_uppercase(),
    }});
    server.act(&volume, body).await.is(202);
    let attachment = attachments(&server, &volume).await.remove(0);
    let shown = [&attachment["host_name"], &attachment["device"], &attachment["server_id"]];
    assert_eq!(shown, [&json!("compute-1.example"), &json!("/mnt"), &json!(server_id)]);
    assert_eq!(server.stored_volume(&volume).await.metadata["attached_mode"], "ro");

    let shown = async |caller: &str| {
        let volume = server.get(&format!("/v3/alpha/volumes/{volume}")).by(caller).await.is(200).json();
        volume["volume"]["attachments"].clone()
    };
    assert_eq!(shown("admin:alpha").await, json!([attachment]));
    assert_eq!(
        shown("alice:alpha").await,
        json!([with(attachment, json!({"host_name": null}))]),
        "the host is no user's business"
    );
}

#[apply(both_engines!)]
async fn the_same_server_once_more_is_as_once(server: TestServer) {
    for body in [attach(&new_id()), json!({"os-attach": {"host_name": "compute", "mountpoint": "/mnt"}})] {
        let volume = server.volume().await;
        server.act(&volume, body.clone()).await.is(202);
        let once = server.stored_volume(&volume).await;
        server.act(&volume, body).await.is(202);
        assert_eq!(server.stored_volume(&volume).await, once);
    }
}

#[apply(both_engines!)]
async fn one_server_has_a_volume_unless_it_is_for_several(server: TestServer) {
    let volume = server.volume().await;
    server.act(&volume, attach(&new_id())).await.is(202);
    let words = "volume is already attached and multiple attachments are not enabled.";
    refused(&server, &volume, &attach(&new_id()), words).await;

    let shared = server.volume_with(json!({"multiattach": true})).await;
    let servers = [new_id(), new_id(), new_id()];
    for server_id in &servers {
        server.act(&shared, attach(server_id)).await.is(202);
    }
    let all = attachments(&server, &shared).await;
    assert_eq!(all.iter().map(|one| one["server_id"].as_str().unwrap()).collect::<Vec<_>>(), servers);
    assert_eq!(status(&server, &shared).await, "in-use");
}

#[apply(both_engines!)]
async fn a_volume_is_attached_when_it_is_available_or_reserved_for_it(server: TestServer) {
    for (now, volume) in server.volume_in_each_status(json!({})).await {
        let words = match now {
            "available" | "attaching" => {
                server.act(&volume, attach(&new_id())).await.is(202);
                continue;
            }
            "in-use" => "volume is already attached and multiple attachments are not enabled.".to_owned(),
            "maintenance" => "The volume cannot be attached in maintenance mode.".to_owned(),
            now => format!("Volume status must be available or attaching to attach, but the status is {now}."),
        };
        refused(&server, &volume, &attach(&new_id()), &words).await;
    }
}

#[apply(both_engines!)]
async fn a_readonly_volume_is_attached_for_reading_only(server: TestServer) {
    let volume = server.volume().await;
    server.act(&volume, json!({"os-update_readonly_flag": {"readonly": true}})).await.is(202);
    for api in ["v2", "v3"] {
        let answer = server.post(&format!("/{api}/alpha/volumes/{volume}/action"), attach(&new_id())).await;
        let message = answer.fails(400, "EVS.5400");
        assert!(message.starts_with(&format!("Invalid attaching mode 'rw' for volume {volume}. ")), "{message}");
    }
    assert_eq!(status(&server, &volume).await, "available");
    let readonly = json!({"os-attach": {"instance_uuid": new_id(), "mountpoint": "/dev/vdb", "mode": "ro"}});
    server.act(&volume, readonly).await.is(202);
    let metadata = server.stored_volume(&volume).await.metadata;
    assert_eq!(Value::from(metadata), json!({"readonly": "True", "attached_mode": "ro"}));
}

#[apply(both_engines!)]
async fn a_detached_volume_is_available_and_nobody_has_it(server: TestServer) {
    for begins in [true, false] {
        for names in [true, false] {
            let volume = server.volume().await;
            let before = server.stored_volume(&volume).await;
            server.act(&volume, attach(&new_id())).await.is(202);
            let id = attachments(&server, &volume).await[0]["attachment_id"].clone();
            if begins {
                server.act(&volume, json!({"os-begin_detaching": null})).await.is(202);
            }
            let body = if names { detach(&id) } else { json!({"os-detach": null}) };
            let answer = server.act(&volume, body).await.is(202);
            assert!(answer.body.is_empty(), "{answer}");
            let after = server.stored_volume(&volume).await;
            assert_eq!(Value::from(after.metadata.clone()), json!({"readonly": "False"}));
            assert_eq!(Volume { metadata: before.metadata.clone(), updated_at: before.updated_at, ..after }, before);
        }
    }
}

#[apply(both_engines!)]
async fn a_volume_is_in_use_until_the_last_server_gives_it_up(server: TestServer) {
    let volume = server.volume_with(json!({"multiattach": true})).await;
    for _ in 0..2 {
        server.act(&volume, attach(&new_id())).await.is(202);
    }
    let ids: Vec<Value> = attachments(&server, &volume).await.iter().map(|one| one["attachment_id"].clone()).collect();
    let choice = format!("Give one of {}, {}.", ids[0].as_str().unwrap(), ids[1].as_str().unwrap());
    let words = "Detach volume failed: More than one attachment, but no attachment_id provided.";
    refused(&server, &volume, &json!({"os-detach": {}}), &format!("{words} {choice}")).await;
    let other = new_id();
    let words = format!("Volume attachment could not be found with filter: attachment_id = {other}.");
    refused(&server, &volume, &detach(&json!(other)), &format!("{words} {choice}")).await;

    server.act(&volume, detach(&ids[0])).await.is(202);
    assert_eq!(attachments(&server, &volume).await.iter().map(|one| &one["attachment_id"]).collect::<Vec<_>>(), [&ids[1]]);
    assert_eq!(status(&server, &volume).await, "in-use");
    server.act(&volume, json!({"os-reserve": {}})).await.is(202);
    server.act(&volume, json!({"os-unreserve": {}})).await.is(202);
    assert_eq!(status(&server, &volume).await, "in-use", "a server still has it");

    server.act(&volume, detach(&ids[1])).await.is(202);
    assert_eq!((status(&server, &volume).await, attachments(&server, &volume).await), ("available".to_owned(), vec![]));
    server.act(&volume, detach(&ids[1])).await.is(202); // its first answer may have been lost
}

#[apply(both_engines!)]
async fn a_volume_that_nobody_has_is_detached_only_from_what_attaching_makes_of_it(server: TestServer) {
    for (now, volume) in server.volume_in_each_status(json!({})).await {
        let words = match now {
            "available" | "in-use" | "attaching" | "detaching" => {
                server.act(&volume, json!({"os-detach": {}})).await.is(202);
                assert_eq!(status(&server, &volume).await, "available");
                continue;
            }
            "maintenance" => "The volume cannot be detached in maintenance mode.".to_owned(),
            now => format!("Volume status must be in-use or detaching to detach, but the status is {now}."),
        };
        refused(&server, &volume, &json!({"os-detach": {}}), &words).await;
    }
}

#[apply(both_engines!)]
async fn attachments_of_an_import_are_detached_like_ours(server: TestServer) {
    let (id, other) = (new_id(), new_id());
    let attached = json!([
        {"attachment_id": id, "server_id": new_id(), "device": "/dev/vdb", "id": "", "volume_id": "", "host_name": null},
        {"attachment_id": other, "server_id": new_id(), "device": "/dev/vdb", "id": "", "volume_id": "", "host_name": null},
        {"server_id": null},
    ]);
    let fields = json!({"status": "error", "multiattach": true, "attachments": attached});
    let volume = server.volume_with(fields).await;
    server.act(&volume, detach(&json!(id))).await.is(202);
    server.act(&volume, detach(&json!(other.to_uppercase()))).await.is(202);
    assert_eq!(attachments(&server, &volume).await, [json!({"server_id": null})]);
    assert_eq!(status(&server, &volume).await, "in-use");
    server.act(&volume, detach(&json!(null))).await.is(202);
    assert_eq!((status(&server, &volume).await, attachments(&server, &volume).await), ("available".to_owned(), vec![]));
}

#[apply(both_engines!)]
async fn of_many_servers_that_attach_at_once_one_has_the_volume(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", 6).await {
        let servers: Vec<String> = (0..8).map(|_| new_id()).collect();
        let ask = |(n, server_id): (usize, &String)| replicas.nth(n).act(&volume, attach(server_id)).into_future();
        let answers = join_all(servers.iter().enumerate().map(ask)).await;
        let won: Vec<&String> =
            answers.iter().zip(&servers).filter(|(answer, _)| answer.status == 202).map(|(_, id)| id).collect();
        for lost in answers.iter().filter(|answer| answer.status != 202) {
            lost.fails(400, "EVS.5400");
        }
        let all = attachments(replicas.nth(0), &volume).await;
        assert_eq!(all.iter().map(|one| one["server_id"].as_str().unwrap()).collect::<Vec<_>>(), won);
        assert_eq!(won.len(), 1);
    }
}
