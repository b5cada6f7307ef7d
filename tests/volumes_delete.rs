//! Deleting a volume: whose, in which status, with its snapshots, and by force.

use handover::domain::transfer::{Ending, State};

use crate::support::{Engine, TestServer, Value, apply, both_engines, copy, json, new_id, volume, with};

const BASES: [&str; 3] = ["/v2/alpha/volumes", "/v3/alpha/volumes", "/v3/volumes"];

async fn is_gone(server: &TestServer, id: &str) {
    server.get(&format!("/v3/ops/volumes/{id}")).by("admin:ops").await.is(404);
}

#[apply(both_engines!)]
async fn a_deleted_volume_is_gone_at_once(server: TestServer) {
    for base in BASES {
        let id = server.volume().await;
        let answer = server.delete(&format!("{base}/{id}")).await.is(202);
        assert_eq!(answer.text(), "");
        for method in ["GET", "DELETE"] {
            let message = server.ask(method, &format!("{base}/{id}")).await.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Volume {id} could not be found.")), "{message}");
        }
        assert!(server.get(base).await.is(200).rows("volumes").is_empty());
    }
}

#[apply(both_engines!)]
async fn a_strangers_volume_is_not_there_and_an_admin_deletes_any(server: TestServer) {
    let id = server.volume().await;
    let unknown = new_id();
    for path in ["/v2/omega/volumes", "/v3/omega/volumes"] {
        // force is no question of policy for who has no such volume
        for query in ["", "?force=true"] {
            let ask = async |id: &str| server.delete(&format!("{path}/{id}{query}")).by("mallory:omega").await;
            let (theirs, none) = (ask(&id).await.is(404), ask(&unknown).await.is(404));
            assert_eq!(theirs.text().replace(&id, "ID"), none.text().replace(&unknown, "ID"));
        }
    }
    server.delete("/v3/alpha/volumes/a%20name").await.fails(404, "EVS.5404");
    server.delete(&format!("/v3/ops/volumes/{id}")).by("admin:ops").await.is(202);
    is_gone(&server, &id).await;
}

#[apply(both_engines!)]
async fn the_status_must_allow_it(server: TestServer) {
    for status in ["available", "error", "error_restoring", "error_extending", "error_managing"] {
        let id = server.volume_with(json!({"status": status})).await;
        server.delete(&format!("/v3/alpha/volumes/{id}")).await.is(202);
        is_gone(&server, &id).await;
    }
    for status in ["creating", "downloading", "deleting", "attaching", "reserved", "maintenance", "backing-up"] {
        let id = server.volume_with(json!({"status": status})).await;
        for (base, by) in [("/v2/alpha/volumes", "alice:alpha"), ("/v3/ops/volumes", "admin:ops")] {
            let message = server.delete(&format!("{base}/{id}")).by(by).await.fails(400, "EVS.5400");
            let words = "Invalid volume: Volume status must be available or error or error_restoring or error_extending or \
                         error_managing, and it is ";
            assert!(message.starts_with(&format!("{words}{status}.")), "{message}");
        }
        server.delete(&format!("/v3/ops/volumes/{id}?force=True")).by("admin:ops").at("3.23").await.is(202);
        is_gone(&server, &id).await;
    }
}

#[apply(both_engines!)]
async fn an_attached_volume_is_not_deleted_even_by_force(server: TestServer) {
    let attachment = json!([{"server_id": new_id()}]);
    for fields in [json!({"status": "in-use"}), json!({"status": "error", "attachments": attachment})] {
        let id = server.volume_with(fields).await;
        for query in ["", "?force=True", "?force=True&cascade=True"] {
            let answer = server.delete(&format!("/v3/alpha/volumes/{id}{query}")).by("admin:alpha").await;
            let message = answer.fails(400, "EVS.5400");
            assert!(message.starts_with("Invalid volume: Volume must not be attached."), "{message}");
        }
        server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200);
    }
}

#[apply(both_engines!)]
async fn force_is_for_admins_alone(server: TestServer) {
    let id = server.volume().await;
    let path = format!("/v3/alpha/volumes/{id}?force=True");
    let message = server.delete(&path).await.fails(403, "EVS.5403");
    assert!(message.starts_with("Policy doesn't allow volume:force_delete to be performed."), "{message}");
    server.delete(&path.replace("True", "False")).await.is(202);
    is_gone(&server, &id).await;
}

#[apply(both_engines!)]
async fn a_boolean_that_is_none_is_refused(server: TestServer) {
    let id = server.volume().await;
    for base in ["/v2/alpha", "/v3/alpha"] {
        for name in ["cascade", "force"] {
            for value in ["maybe", "2", "TRUE!", "null"] {
                let message = server.delete(&format!("{base}/volumes/{id}?{name}={value}")).await.fails(400, "EVS.5400");
                assert!(message.contains(&format!("Value `{value}` for '{name}' is not a boolean.")), "{message}");
            }
        }
    }
    for words in ["cascade=no&force=OFF", "cascade=&force="] {
        let id = server.volume().await;
        server.delete(&format!("/v3/alpha/volumes/{id}?{words}")).await.is(202);
    }
    server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200);
}

#[apply(both_engines!)]
async fn a_volume_on_offer_stays_and_the_message_says_the_way_out(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("volumes/{}", offered.volume_id);
    for (base, by) in [("/v2/alpha", "alice:alpha"), ("/v3/alpha", "alice:alpha"), ("/v3/ops", "admin:ops")] {
        for query in ["", "?cascade=True"] {
            let message = server.delete(&format!("{base}/{path}{query}")).by(by).await.fails(400, "EVS.5400");
            let expected =
                format!("Invalid volume: Volume must not be awaiting a transfer. Transfer {} offers it: ", offered.id);
            assert!(message.starts_with(&expected), "{message}");
            assert!(message.contains("delete that transfer first") && message.contains("admin"), "{message}");
        }
    }
    assert!(server.stored_transfer(&offered.id).await.pending_hash().is_some());

    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(202);
    server.delete(&format!("/v2/alpha/{path}")).await.is(202);
    is_gone(&server, &offered.volume_id).await;
}

#[apply(both_engines!)]
async fn an_admins_forced_delete_ends_the_offer_and_its_key_opens_nothing_ever(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v3/ops/volumes/{}?force=True", offered.volume_id);

    server.delete(&path).by("admin:ops").await.is(202);

    is_gone(&server, &offered.volume_id).await;
    let ended = server.stored_transfer(&offered.id).await;
    let State::Ended { how: Ending::Withdrawn, by } = ended.state else { panic!("{ended:?}") };
    assert_eq!((by.user_id.as_str(), by.project_id.as_str()), ("admin", "ops"));
    let show = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
    server.get(&show).await.fails(404, "EVS.5404");
    let claim = async || {
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
        server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await
    };
    claim().await.fails(404, "EVS.5404");
    // not even when a volume of that id comes back and is offered again
    server.seed(json!({"volumes": [with(volume("alpha"), json!({"id": offered.volume_id}))]})).await;
    claim().await.fails(404, "EVS.5404");
    let renewed = server.offer_of(&offered.volume_id).await;
    claim().await.fails(404, "EVS.5404");
    let old_key_on_new_offer = format!("/v2/beta/os-volume-transfer/{}/accept", renewed.id);
    let body = json!({"accept": {"auth_key": offered.key}});
    server.post(&old_key_on_new_offer, body).by("bob:beta").await.fails(400, "EVS.5400");
    assert_eq!(server.stored_volume(&offered.volume_id).await.project_id.as_str(), "alpha");
}

#[apply(both_engines!)]
async fn snapshots_keep_their_volume_unless_they_go_with_it(server: TestServer) {
    let id = server.volume_with(json!({"snapshots": [copy("available"), copy("error")]})).await;
    for query in ["", "?cascade=False", "?force=True"] {
        let answer = server.delete(&format!("/v3/alpha/volumes/{id}{query}")).by("admin:alpha").await;
        let message = answer.fails(400, "EVS.5400");
        assert!(message.starts_with("Invalid volume: Volume must not have snapshots, and it has 2."), "{message}");
        assert!(message.contains("cascade"), "{message}");
    }
    server.delete(&format!("/v3/alpha/volumes/{id}?cascade=True")).await.is(202);
    is_gone(&server, &id).await;
}

#[apply(both_engines!)]
async fn a_busy_snapshot_keeps_its_volume_but_from_an_admin_with_force(server: TestServer) {
    let busy = copy("creating");
    let id = server.volume_with(json!({"snapshots": [copy("available"), busy]})).await;
    let path = format!("/v2/alpha/volumes/{id}?cascade=True");
    for by in ["alice:alpha", "admin:alpha"] {
        let message = server.delete(&path).by(by).await.fails(400, "EVS.5400");
        let expected = format!("and {} is creating.", busy["id"].as_str().unwrap());
        assert!(message.starts_with("Invalid volume: ") && message.contains(&expected), "{message}");
    }
    server.delete(&format!("{path}&force=True")).by("admin:alpha").await.is(202);
    is_gone(&server, &id).await;
}

#[apply(both_engines!)]
async fn snapshots_that_stayed_behind_with_the_donor_keep_the_recipients_volume(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let id = server.volume_with(json!({"snapshots": [copy("available")]})).await;
    let body = json!({"transfer": {"volume_id": id, "no_snapshots": true}});
    let transfer = server.post("/v3/alpha/volume-transfers", body).at("3.55").await.is(202).transfer();
    let accept = format!("/v3/beta/volume-transfers/{}/accept", transfer["id"].as_str().unwrap());
    let key = json!({"accept": {"auth_key": transfer["auth_key"]}});
    server.post(&accept, key).by("bob:beta").at("3.55").await.is(202);

    let path = format!("/v3/beta/volumes/{id}?cascade=True");
    // without cascade too it is no use to tell them to delete what they do not see
    for path in [&path, path.trim_end_matches("?cascade=True")] {
        let message = server.delete(path).by("bob:beta").await.fails(400, "EVS.5400");
        assert!(message.contains("1 of its snapshots are another project's, such as the one that handed it over"), "{message}");
    }

    server.delete(&path.replace("beta", "ops")).by("admin:ops").await.is(202);
    is_gone(&server, &id).await;
}

#[apply(both_engines!)]
async fn backups_outlive_their_volume(server: TestServer) {
    let backup = copy("available");
    let id = server.volume_with(json!({"backups": [backup]})).await;
    server.delete(&format!("/v3/alpha/volumes/{id}")).await.is(202);
    is_gone(&server, &id).await;
    let kept: Vec<Value> = server.stored_backups(&id).await.iter().map(|copy| json!(copy.id)).collect();
    assert_eq!(kept, [backup["id"].clone()]);
}
