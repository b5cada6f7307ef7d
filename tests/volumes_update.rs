//! Updating a volume: its name, its description, its metadata, and nothing else.

use crate::support::{TestServer, Value, apply, assert_answer, both_engines, json, new_id, with};

async fn put(server: &TestServer, path: &str, fields: Value) -> Value {
    server.ask("PUT", path).json(&json!({"volume": fields})).await.is(200).one("volume")
}

#[apply(both_engines!)]
async fn what_is_told_changes_and_the_rest_stays(server: TestServer) {
    for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
        let id = server.volume_with(json!({"name": "old", "description": "old words", "metadata": {"a": "1"}})).await;
        let path = format!("{base}/volumes/{id}");
        let before = server.get(&path).await.is(200).one("volume");
        let mut expected = before.clone();
        for (fields, changes) in [
            (json!({"name": "new"}), json!({"name": "new"})),
            (json!({"description": "new words"}), json!({"description": "new words"})),
            (json!({"metadata": {"b": "2"}}), json!({"metadata": {"b": "2"}})),
            (json!({"metadata": null}), json!({})),
            (json!({"name": "both", "display_name": "lost"}), json!({"name": "both"})),
            (json!({"display_name": "legacy", "display_description": null}), json!({"name": "legacy", "description": null})),
            (json!({"name": null}), json!({"name": null})),
            (json!({}), json!({})),
        ] {
            let updated = put(&server, &path, fields.clone()).await;
            expected = with(expected, changes);
            let shown = server.get(&path).await.is(200).one("volume");
            assert_eq!(with(shown.clone(), json!({"updated_at": null})), expected, "{fields}");
            assert_eq!(with(updated, json!({"os-vol-tenant-attr:tenant_id": "alpha"})), shown, "{fields}");
            assert!(shown["updated_at"].is_string());
        }
    }
}

#[apply(both_engines!)]
async fn a_change_that_is_none_does_not_move_updated_at(server: TestServer) {
    let id = server.volume_with(json!({"name": "n"})).await;
    put(&server, &format!("/v3/alpha/volumes/{id}"), json!({"name": "n"})).await;
    assert_eq!(server.stored_volume(&id).await.updated_at, None);
}

#[apply(both_engines!)]
async fn an_empty_update_is_taken_before_3_53_only(server: TestServer) {
    let path = format!("/v3/alpha/volumes/{}", server.volume().await);
    let empty = json!({"volume": {}});
    server.ask("PUT", &path).json(&empty).at("3.52").await.is(200);
    let message = server.ask("PUT", &path).json(&empty).at("3.53").await.fails(400, "EVS.5400");
    assert!(message.contains("`volume` is empty"), "{message}");
    server.ask("PUT", &path).json(&json!({"volume": {"description": null}})).at("3.53").await.is(200);
}

#[apply(both_engines!)]
async fn anything_else_is_refused_by_name(server: TestServer) {
    let id = server.volume().await;
    let before = server.stored_volume(&id).await;
    for (body, says) in [
        (json!({"volume": {"size": 2}}), "Unknown field `volume.size`"),
        (json!({"volume": {"name": "n", "status": null}}), "Unknown field `volume.status`"),
        (json!({"volume": {"name": ["n"]}}), "name is a list"),
        (json!({"volume": {"metadata": {"k": 1}}}), "metadata.k is a number"),
        (json!({"volume": null}), "`volume` is null"),
        (json!({"name": "n"}), "Unknown field `name`"),
    ] {
        let message = server.ask("PUT", &format!("/v2/alpha/volumes/{id}")).json(&body).await.fails(400, "EVS.5400");
        assert!(message.contains(says), "{body}: {message}");
    }
    assert_eq!(server.stored_volume(&id).await, before);
}

#[apply(both_engines!)]
async fn a_volume_on_offer_may_be_renamed_and_stays_on_offer(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v2/alpha/volumes/{}", offered.volume_id);
    let updated = put(&server, &path, json!({"name": "renamed"})).await;
    assert_eq!((&updated["name"], &updated["status"]), (&json!("renamed"), &json!("awaiting-transfer")));
    let accept = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&accept, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.is(202);
    assert_eq!(server.stored_volume(&offered.volume_id).await.name.as_deref(), Some("renamed"));
}

#[apply(both_engines!)]
async fn in_maintenance_nothing_changes(server: TestServer) {
    let path = format!("/v3/alpha/volumes/{}", server.volume_with(json!({"status": "maintenance"})).await);
    let answer = server.ask("PUT", &path).json(&json!({"volume": {"name": "n"}})).await;
    let message = answer.fails(400, "EVS.5400");
    assert!(message.starts_with("Invalid volume: The volume cannot be updated during maintenance."), "{message}");
}

#[apply(both_engines!)]
async fn a_strangers_volume_is_not_there_and_an_admins_update_reaches_any(server: TestServer) {
    let (id, unknown) = (server.volume().await, new_id());
    for id in [&*id, &*unknown, "a-name"] {
        let path = format!("/v2/omega/volumes/{id}");
        let answer = server.ask("PUT", &path).by("mallory:omega").json(&json!({"volume": {"name": "n"}})).await;
        let message = answer.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Volume {id} could not be found.")), "{message}");
    }
    let path = format!("/v3/ops/volumes/{id}");
    let answer = server.ask("PUT", &path).by("admin:ops").at("3.71").json(&json!({"volume": {"name": "n"}})).await.is(200);
    assert_answer("updated-volume-for-an-admin-at-3.71", &server, &answer);
    let stored = server.stored_volume(&id).await;
    assert_eq!((stored.name.as_deref(), stored.project_id.as_str()), (Some("n"), "alpha"));
}
