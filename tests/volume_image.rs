//! What is known of the image that a volume was made of: shown with the volume, and changed by its own actions.

use crate::support::{Answer, TestServer, Value, apply, both_engines, json, new_id, volume, with};

const BASES: [&str; 3] = ["/v2/alpha", "/v3/alpha", "/v3"];

async fn act(server: &TestServer, base: &str, id: &str, body: Value) -> Answer {
    server.post(&format!("{base}/volumes/{id}/action"), body).await
}

#[apply(both_engines!)]
async fn a_volume_made_of_an_image_shows_it_and_another_does_not(server: TestServer) {
    let image = new_id();
    let body = json!({"volume": {"size": 1, "imageRef": image}});
    let made = server.post("/v3/alpha/volumes", body).await.is(202).one("volume");
    let plain = server.volume().await;
    for base in BASES {
        for version in ["3.0", "3.71"] {
            let ask = |path: &str| server.get(&format!("{base}{path}")).at_or_none(base.starts_with("/v3").then_some(version));
            let one = ask(&format!("/volumes/{}", made["id"].as_str().unwrap())).await.is(200).one("volume");
            assert_eq!(one["volume_image_metadata"], json!({"image_id": image}), "{base}");
            let other = ask(&format!("/volumes/{plain}")).await.is(200).one("volume");
            assert_eq!(other.get("volume_image_metadata"), None, "{base}");
            let rows = ask("/volumes/detail").await.is(200).rows("volumes");
            let shown = rows.iter().filter(|row| row.get("volume_image_metadata").is_some()).count();
            assert_eq!((rows.len(), shown), (2, 1), "{base}");
        }
    }
}

#[apply(both_engines!)]
async fn image_metadata_is_set_shown_and_unset_by_actions(server: TestServer) {
    let id = server.volume().await;
    for base in BASES {
        let shown = act(&server, base, &id, json!({"os-show_image_metadata": null})).await.is(200).json();
        assert_eq!(shown, json!({"metadata": {}}), "{base}");
        let set =
            act(&server, base, &id, json!({"os-set_image_metadata": {"metadata": {"image_name": "x", "os": "linux"}}})).await;
        assert_eq!(set.is(200).json(), json!({"metadata": {"image_name": "x", "os": "linux"}}));
        let set = act(&server, base, &id, json!({"os-set_image_metadata": {"metadata": {"os": "bsd"}}})).await;
        assert_eq!(set.is(200).json(), json!({"metadata": {"image_name": "x", "os": "bsd"}}));
        for key in ["image_name", "os"] {
            let unset = act(&server, base, &id, json!({"os-unset_image_metadata": {"key": key}})).await.is(200);
            assert_eq!(unset.body.len(), 0);
        }
        let message = act(&server, base, &id, json!({"os-unset_image_metadata": {"key": "os"}})).await.fails(404, "EVS.5404");
        assert!(message.contains("no metadata with key os"), "{message}");
        let shown = act(&server, base, &id, json!({"os-show_image_metadata": {}})).await.is(200).json();
        assert_eq!(shown, json!({"metadata": {}}));
    }
}

#[apply(both_engines!)]
async fn what_is_no_image_metadata_is_refused_and_changes_nothing(server: TestServer) {
    let id = server.volume().await;
    for body in [
        json!({"os-set_image_metadata": {}}),
        json!({"os-set_image_metadata": {"metadata": {"a": 7}}}),
        json!({"os-set_image_metadata": {"metadata": {"": "x"}}}),
        json!({"os-set_image_metadata": null}),
        json!({"os-unset_image_metadata": {}}),
        json!({"os-unset_image_metadata": {"key": 7}}),
        json!({"os-set_image_metadata": {"metadata": {}, "more": 1}}),
    ] {
        act(&server, "/v3/alpha", &id, body).await.fails(400, "EVS.5400");
    }
    let busy = server.volume_with(json!({"status": "uploading"})).await;
    let set = json!({"os-set_image_metadata": {"metadata": {"a": "b"}}});
    let message = act(&server, "/v3/alpha", &busy, set.clone()).await.fails(400, "EVS.5400");
    assert!(
        message.contains("not allowed for volumes in uploading status") && message.contains("os-reset_status"),
        "{message}"
    );
    for id in [new_id(), "nope".to_owned()] {
        act(&server, "/v3/alpha", &id, set.clone()).await.fails(404, "EVS.5404");
        act(&server, "/v3/alpha", &id, json!({"os-show_image_metadata": null})).await.fails(404, "EVS.5404");
    }
    server.seed(json!({"volumes": [with(volume("beta"), json!({"id": id.replace(&id[..8], "11111111")}))]})).await;
    let foreign = id.replace(&id[..8], "11111111");
    act(&server, "/v3/alpha", &foreign, set).await.fails(404, "EVS.5404");
}
