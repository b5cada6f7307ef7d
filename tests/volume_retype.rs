//! A volume becomes one of another type.

use crate::support::{ADMIN, Answer, TestServer, Value, apply, both_engines, json, new_id};

async fn retype(server: &TestServer, id: &str, to: Value) -> Answer {
    server.post(&format!("/v3/alpha/volumes/{id}/action"), json!({"os-retype": to})).await
}

async fn shown(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/v3/alpha/volumes/{id}")).at("3.71").await.is(200).one("volume")
}

async fn a_type(server: &TestServer, name: &str) -> String {
    let made = server.post("/v3/alpha/types", json!({"volume_type": {"name": name}})).by(ADMIN).await.is(200);
    made.one("volume_type")["id"].as_str().unwrap().to_owned()
}

#[apply(both_engines!)]
async fn a_volume_becomes_one_of_another_type_by_name_or_id(server: TestServer) {
    let id = server.volume_with(json!({"volume_type": "SSD"})).await;
    let gold = a_type(&server, "gold").await;
    retype(&server, &id, json!({"new_type": gold, "migration_policy": "on-demand"})).await.is(202);
    let volume = shown(&server, &id).await;
    assert_eq!((&volume["volume_type"], &volume["volume_type_id"]), (&json!("gold"), &json!(gold)));
    retype(&server, &id, json!({"new_type": "SAS"})).await.is(202);
    assert_eq!(shown(&server, &id).await["volume_type"], "SAS");
    server.delete(&format!("/v3/alpha/types/{gold}")).by(ADMIN).await.is(202);
    let attach = json!({"os-attach": {"instance_uuid": new_id(), "mountpoint": "/dev/vdb"}});
    server.act(&id, attach).await.is(202);
    retype(&server, &id, json!({"new_type": "SSD"})).await.is(202);
    assert_eq!(shown(&server, &id).await["volume_type"], "SSD");
}

#[apply(both_engines!)]
async fn a_type_that_is_none_or_the_same_and_a_busy_volume_are_refused(server: TestServer) {
    let id = server.volume_with(json!({"volume_type": "SSD"})).await;
    let before = server.stored_volume(&id).await;
    for (to, words) in [
        (json!({"new_type": "SSD"}), "same as original"),
        (json!({"new_type": ""}), "could not be found"),
        (json!({"new_type": "none"}), "could not be found"),
        (json!({"new_type": new_id()}), "could not be found"),
        (json!({"new_type": 7}), "new_type"),
        (json!({}), "new_type"),
        (json!({"new_type": "SAS", "migration_policy": "always"}), "migration_policy"),
    ] {
        let answer = retype(&server, &id, to).await;
        let message = answer.message();
        assert!([400, 404].contains(&answer.status) && message.contains(words), "{words}: {answer}");
    }
    assert_eq!(server.stored_volume(&id).await, before);
    for status in ["awaiting-transfer", "error", "uploading"] {
        let busy = match status {
            "awaiting-transfer" => {
                let id = server.volume().await;
                server.offer_of(&id).await;
                id
            }
            status => server.volume_with(json!({"status": status})).await,
        };
        let message = retype(&server, &busy, json!({"new_type": "SAS"})).await.fails(400, "EVS.5400");
        assert!(message.contains("must be available or in-use to retype"), "{message}");
    }
    retype(&server, &new_id(), json!({"new_type": "SAS"})).await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn its_encryption_is_that_of_the_new_type(server: TestServer) {
    let vault = a_type(&server, "vault").await;
    let how = json!({"encryption": {"provider": "luks", "control_location": "front-end"}});
    server.post(&format!("/v3/alpha/types/{vault}/encryption"), how).by(ADMIN).await.is(200);
    let id = server.volume_with(json!({"volume_type": "SSD"})).await;
    retype(&server, &id, json!({"new_type": "vault"})).await.is(202);
    let volume = shown(&server, &id).await;
    assert!(volume["encrypted"] == true && volume["encryption_key_id"].is_string(), "{volume}");
    let offer = server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": id}})).await;
    assert_eq!(offer.is(400).reasons(), ["encrypted"]);
    server.act(&id, json!({"os-attach": {"instance_uuid": new_id(), "mountpoint": "/dev/vdb"}})).await.is(202);
    let message = retype(&server, &id, json!({"new_type": "SSD"})).await.fails(400, "EVS.5400");
    assert!(message.contains("encryption requirements for an in-use volume"), "{message}");
    server.act(&id, json!({"os-detach": null})).await.is(202);
    retype(&server, &id, json!({"new_type": "SSD"})).await.is(202);
    let volume = shown(&server, &id).await;
    assert!(volume["encrypted"] == false && volume.get("encryption_key_id").is_none(), "{volume}");
    server.offer_of(&id).await;
}

#[apply(both_engines!)]
async fn a_volume_that_was_otherwise_than_its_type_is_as_its_new_type_is(server: TestServer) {
    let vault = a_type(&server, "vault").await;
    let how = json!({"encryption": {"provider": "luks", "control_location": "front-end", "key_size": "256"}});
    server.post(&format!("/v3/alpha/types/{vault}/encryption"), how).by(ADMIN).await.is(200);
    for (before, of, to, after) in
        [(false, Value::Null, "vault", true), (true, json!("SSD"), "SAS", false), (false, json!("vault"), "SAS", false)]
    {
        let id = server.volume_with(json!({"encrypted": before, "volume_type": of})).await;
        retype(&server, &id, json!({"new_type": to})).await.is(202);
        assert_eq!(shown(&server, &id).await["encrypted"], after, "{of} to {to}");
    }
    for wrong in [json!({"provider": "luks"}), json!({"provider": "luks", "control_location": "middle"}), json!({})] {
        let silver = a_type(&server, &format!("silver {wrong}")).await;
        let path = format!("/v3/alpha/types/{silver}/encryption");
        let message = server.post(&path, json!({"encryption": wrong})).by(ADMIN).await.fails(400, "EVS.5400");
        assert!(!message.contains("missing field") && !message.contains("variant"), "{message}");
    }
}
