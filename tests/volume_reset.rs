//! What admins alone do: reset a status, and delete by force. Both end what is pending on the volume, which nothing else does.

use std::future::IntoFuture;

use futures_util::future::join_all;
use handover::domain::Volume;
use handover::domain::transfer::{Ending, State};

use crate::support::{Answer, Offered, Replicas, TestServer, Value, apply, both_engines, json, new_id};

const POLICY: &str = "volume_extension:volume_admin_actions:reset_status";

fn reset(status: &str) -> Value {
    json!({"os-reset_status": {"status": status}})
}

async fn reset_to(server: &TestServer, volume: &str, status: &str) -> Answer {
    server.act(volume, reset(status)).by("admin:alpha").await
}

async fn accept(server: &TestServer, offered: &Offered) -> Answer {
    let path = format!("/v3/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await
}

#[apply(both_engines!)]
async fn only_an_admin_resets_a_status(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    for api in ["v2", "v3"] {
        let answer = server.post(&format!("/{api}/alpha/volumes/{volume}/action"), reset("error")).await;
        let message = answer.fails(403, "EVS.5403");
        assert!(message.starts_with(&format!("Policy doesn't allow {POLICY} to be performed.")), "{message}");
        let path = format!("/{api}/beta/volumes/{volume}/action");
        server.post(&path, reset("error")).by("bob:beta").await.fails(404, "EVS.5404");
    }
    assert_eq!(server.stored_volume(&volume).await, before);
}

/// From every status, in any case, to each that a volume without attachments and without a transfer may have.
#[apply(both_engines!)]
async fn a_status_is_reset_to_any_that_stands_alone(server: TestServer) {
    let volumes = server.volume_in_each_status(json!({})).await;
    for (n, (_, volume)) in volumes.iter().enumerate() {
        let before = server.stored_volume(volume).await;
        let (to, _) = volumes[(n + 1) % volumes.len()];
        let answer = reset_to(&server, volume, &to.to_uppercase()).await;
        if ["deleting", "in-use"].contains(&to) {
            assert!(answer.fails(400, "EVS.5400").starts_with(&format!("Cannot reset-state to {to}")), "{answer}");
            assert_eq!(server.stored_volume(volume).await, before);
            continue;
        }
        assert!(answer.is(202).body.is_empty());
        let after = server.stored_volume(volume).await;
        assert_eq!(after.status.as_str(), to);
        assert!(after.updated_at > before.updated_at);
        assert_eq!(Volume { status: before.status.clone(), updated_at: before.updated_at, ..after }, before);
    }
}

#[apply(both_engines!)]
async fn a_status_that_would_not_be_true_is_refused_with_the_way_there(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    let refusals = [
        ("deleting", "Cannot reset-state to deleting. Delete the volume instead"),
        (
            "in-use",
            "Cannot reset-state to in-use because volume does not have any attachments. Attach it with os-attach instead.",
        ),
        (
            "awaiting-transfer",
            "Cannot reset-state to awaiting-transfer because no transfer is pending on the volume. Create a transfer of it instead",
        ),
    ];
    for (status, words) in refusals {
        for api in ["v2", "v3"] {
            let path = format!("/{api}/alpha/volumes/{volume}/action");
            let message = server.post(&path, reset(status)).by("admin:alpha").await.fails(400, "EVS.5400");
            assert!(message.starts_with(words), "{message}");
        }
    }
    assert_eq!(server.stored_volume(&volume).await, before);
}

#[apply(both_engines!)]
async fn a_volume_that_was_being_created_waits_for_nothing_any_more(server: TestServer) {
    let volume = server.volume_with(json!({"status": "creating", "creating_until": "2999-01-01T00:00:00.000000"})).await;
    reset_to(&server, &volume, "creating").await.is(202);
    assert!(server.stored_volume(&volume).await.provisioning.is_some());
    reset_to(&server, &volume, "error").await.is(202);
    let after = server.stored_volume(&volume).await;
    assert_eq!((after.status.as_str(), after.provisioning), ("error", None));
}

#[apply(both_engines!)]
async fn reset_to_detached_takes_out_every_attachment(server: TestServer) {
    let detached = json!({"os-reset_status": {"attach_status": "Detached"}});
    for (status, expected) in [("in-use", "available"), ("detaching", "available"), ("error", "error")] {
        let fields = json!({"status": status, "attachments": [{"attachment_id": new_id()}, {"attachment_id": new_id()}],
                            "metadata": {"attached_mode": "rw", "readonly": "False"}});
        let volume = server.volume_with(fields).await;
        server.act(&volume, detached.clone()).by("admin:alpha").await.is(202);
        let after = server.stored_volume(&volume).await;
        assert_eq!((after.status.as_str(), after.attachments().len()), (expected, 0));
        assert_eq!(Value::from(after.metadata), json!({"readonly": "False"}));
    }
    // with a status beside it, that one holds
    let volume = server.volume_with(json!({"status": "in-use", "attachments": [{"attachment_id": new_id()}]})).await;
    let both = json!({"os-reset_status": {"status": "error", "attach_status": "detached"}});
    server.act(&volume, both).by("admin:alpha").await.is(202);
    let after = server.stored_volume(&volume).await;
    assert_eq!((after.status.as_str(), after.attachments().len()), ("error", 0));
}

#[apply(both_engines!)]
async fn a_volume_with_attachments_is_reset_to_in_use_and_reset_to_attached_changes_nothing(server: TestServer) {
    let volume = server.volume_with(json!({"status": "error", "attachments": [{"attachment_id": new_id()}]})).await;
    reset_to(&server, &volume, "in-use").await.is(202);
    let after = server.stored_volume(&volume).await;
    assert_eq!((after.status.as_str(), after.attachments().len()), ("in-use", 1));
    server.act(&volume, json!({"os-reset_status": {"attach_status": "attached"}})).by("admin:alpha").await.is(202);
    assert_eq!(server.stored_volume(&volume).await, after);
}

#[apply(both_engines!)]
async fn the_migration_status_is_kept_where_a_volume_body_has_it(server: TestServer) {
    let volume = server.volume().await;
    let before = server.stored_volume(&volume).await;
    let migration = |status: &str| json!({"os-reset_status": {"migration_status": status}});
    server.act(&volume, migration("Migrating")).by("admin:alpha").await.is(202);
    let after = server.stored_volume(&volume).await;
    assert_eq!(after.status, before.status);
    let expected = json!({"migration_status": "migrating", "os-vol-mig-status-attr:migstat": "migrating"});
    assert_eq!(Value::from(after.extra), expected);
    server.act(&volume, migration("none")).by("admin:alpha").await.is(202);
    assert_eq!(server.stored_volume(&volume).await.extra, before.extra);
}

#[apply(both_engines!)]
async fn a_reset_ends_what_was_pending_and_its_key_opens_nothing(server: TestServer) {
    for (status, admin) in [("available", "admin:alpha"), ("error", "admin:ops")] {
        let offered = server.offer().await;
        let path = format!("/v3/{}/volumes/{}/action", admin.split(':').nth(1).unwrap(), offered.volume_id);
        server.post(&path, reset(status)).by(admin).await.is(202);
        accept(&server, &offered).await.fails(404, "EVS.5404");
        server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.fails(404, "EVS.5404");
        let after = server.stored_volume(&offered.volume_id).await;
        assert_eq!((after.project_id.as_str(), after.status.as_str()), ("alpha", status));
        let State::Ended { how, by } = server.stored_transfer(&offered.id).await.state else { panic!("still pending") };
        assert_eq!((how, by.user_id.as_str()), (Ending::Withdrawn, "admin"));
        // the volume is free again for another offer, which the old key does not open either
        reset_to(&server, &offered.volume_id, "available").await.is(202);
        let renewed = server.offer_of(&offered.volume_id).await;
        let old = Offered { key: offered.key, ..renewed.clone() };
        accept(&server, &old).await.fails(400, "EVS.5400");
        accept(&server, &renewed).await.is(202);
    }
}

#[apply(both_engines!)]
async fn a_reset_to_what_it_is_leaves_a_pending_transfer_alone(server: TestServer) {
    let offered = server.offer().await;
    let before = server.stored_volume(&offered.volume_id).await;
    reset_to(&server, &offered.volume_id, "awaiting-transfer").await.is(202);
    let others = json!({"os-reset_status": {"attach_status": "detached", "migration_status": "none"}});
    server.act(&offered.volume_id, others).by("admin:alpha").await.is(202);
    assert_eq!(server.stored_volume(&offered.volume_id).await, before);
    accept(&server, &offered).await.is(202);
}

#[apply(both_engines!)]
async fn a_refused_reset_leaves_a_pending_transfer_alone(server: TestServer) {
    let offered = server.offer().await;
    for status in ["deleting", "in-use"] {
        reset_to(&server, &offered.volume_id, status).await.fails(400, "EVS.5400");
    }
    server.act(&offered.volume_id, reset("error")).await.fails(403, "EVS.5403");
    accept(&server, &offered).await.is(202);
}

#[apply(both_engines!)]
async fn only_an_admin_deletes_by_force(server: TestServer) {
    let volume = server.volume().await;
    for api in ["v2", "v3"] {
        let path = format!("/{api}/alpha/volumes/{volume}/action");
        let message = server.post(&path, json!({"os-force_delete": {}})).await.fails(403, "EVS.5403");
        let policy = "volume_extension:volume_admin_actions:force_delete";
        assert!(message.starts_with(&format!("Policy doesn't allow {policy} to be performed.")), "{message}");
        let path = format!("/{api}/beta/volumes/{volume}/action");
        server.post(&path, json!({"os-force_delete": {}})).by("bob:beta").await.fails(404, "EVS.5404");
    }
    server.get(&format!("/v3/alpha/volumes/{volume}")).await.is(200);
}

#[apply(both_engines!)]
async fn a_volume_is_deleted_by_force_in_any_status_that_no_server_is_behind(server: TestServer) {
    let volumes = server.volume_in_each_status(json!({})).await;
    let used = server.usage("alpha").await.volumes;
    for (status, volume) in &volumes {
        let answer = server.act(volume, json!({"os-force_delete": volume})).by("admin:alpha").await;
        if *status == "in-use" {
            assert!(answer.fails(400, "EVS.5400").starts_with("Invalid volume: Volume must not be attached."), "{answer}");
            reset_to(&server, volume, "error").await.is(202);
            server.act(volume, json!({"os-force_delete": null})).by("admin:alpha").await.is(202);
        } else {
            assert!(answer.is(202).body.is_empty());
        }
        server.get(&format!("/v3/alpha/volumes/{volume}")).await.fails(404, "EVS.5404");
    }
    assert_eq!(server.usage("alpha").await.volumes, used - i64::try_from(volumes.len()).unwrap());
}

#[apply(both_engines!)]
async fn a_forced_delete_ends_what_was_pending_and_its_key_opens_nothing(server: TestServer) {
    for admin in ["alpha", "ops"] {
        let offered = server.offer().await;
        let path = format!("/v3/{admin}/volumes/{}/action", offered.volume_id);
        server.post(&path, json!({"os-force_delete": {}})).by(&format!("admin:{admin}")).await.is(202);
        accept(&server, &offered).await.fails(404, "EVS.5404");
        server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.fails(404, "EVS.5404");
        let State::Ended { how, by } = server.stored_transfer(&offered.id).await.state else { panic!("still pending") };
        assert_eq!((how, by.user_id.as_str()), (Ending::Withdrawn, "admin"));
    }
}

#[apply(both_engines!)]
async fn nothing_else_moves_a_volume_that_is_on_offer_and_the_offer_in_the_way_is_named(server: TestServer) {
    let fields = json!({"attachments": [{"attachment_id": new_id()}]});
    let offered = server.offer_of(&server.volume_with(fields).await).await;
    let before = server.stored_volume(&offered.volume_id).await;
    let refused = [
        json!({"os-reserve": {}}),
        json!({"os-begin_detaching": {}}),
        json!({"os-attach": {"instance_uuid": new_id(), "mountpoint": "/dev/vdb"}}),
        json!({"os-detach": {}}),
        json!({"os-extend": {"new_size": 20}}),
        json!({"os-update_readonly_flag": {"readonly": true}}),
    ];
    for action in refused {
        for api in ["v2", "v3"] {
            let path = format!("/{api}/alpha/volumes/{}/action", offered.volume_id);
            let message = server.post(&path, action.clone()).await.fails(400, "EVS.5400");
            let advice = format!("Transfer {} is pending on it: delete that transfer, or have it accepted, first.", offered.id);
            assert!(message.starts_with("Invalid volume: ") && message.ends_with(&advice), "{message}");
        }
    }
    for undone in ["os-unreserve", "os-roll_detaching"] {
        server.act(&offered.volume_id, json!({undone: {}})).await.is(202);
    }
    assert_eq!(server.stored_volume(&offered.volume_id).await, before);
    server.act(&offered.volume_id, json!({"os-set_bootable": {"bootable": true}})).await.is(200);
    accept(&server, &offered).await.is(202);
}

#[apply(both_engines!)]
async fn of_a_reset_and_many_accepts_the_first_decides_whose_the_volume_is(replicas: Replicas) {
    for (round, volume) in replicas.nth(0).volumes("alpha", 8).await.iter().enumerate() {
        let offered = replicas.nth(0).offer_of(volume).await;
        let one = |n: usize| {
            let server = replicas.nth(n);
            if n == round {
                return server.post(&format!("/v3/ops/volumes/{volume}/action"), reset("error")).by("admin:ops").into_future();
            }
            let path = format!("/v3/p{n}/os-volume-transfer/{}/accept", offered.id);
            server.post(&path, json!({"accept": {"auth_key": offered.key}})).by(&format!("bob:p{n}")).into_future()
        };
        let answers = join_all((0..8).map(one)).await;
        answers[round].clone().is(202);
        let accepts = answers.iter().enumerate().filter(|(n, _)| *n != round);
        let winners: Vec<usize> = accepts.filter(|(_, answer)| answer.status == 202).map(|(n, _)| n).collect();
        let lost = answers.iter().filter(|answer| answer.status == 404).count();
        assert_eq!(winners.len() + lost, 7);
        let owner = winners.first().map_or("alpha".to_owned(), |n| format!("p{n}"));
        let after = replicas.nth(0).stored_volume(volume).await;
        assert_eq!((winners.len() <= 1, after.project_id.as_str(), after.status.as_str()), (true, &*owner, "error"));
    }
}
