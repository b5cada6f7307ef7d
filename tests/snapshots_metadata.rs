//! The metadata of a snapshot, all of it and key by key. What bodies are none is in `volumes_metadata`, which is the same code.

use crate::support::{TestServer, Value, apply, both_engines, json};

const BASES: [&str; 3] = ["/v2/alpha", "/v3/alpha", "/v3"];

async fn all(server: &TestServer, path: &str) -> Value {
    server.get(path).await.is(200).one("metadata")
}

#[apply(both_engines!)]
async fn keys_are_added_replaced_shown_set_and_removed(server: TestServer) {
    for base in BASES {
        let id = server.snapshot(&server.volume().await).await;
        let path = format!("{base}/snapshots/{id}/metadata");
        assert_eq!(all(&server, &path).await, json!({}));

        let added = server.post(&path, json!({"metadata": {"a": "1", "b": "2"}})).await.is(200);
        assert_eq!(added.one("metadata"), json!({"a": "1", "b": "2"}));
        let added = server.post(&path, json!({"metadata": {"b": "3"}})).await.is(200);
        assert_eq!(added.one("metadata"), json!({"a": "1", "b": "3"}));
        let replaced = server.ask("PUT", &path).json(&json!({"metadata": {"c": "4"}})).await.is(200);
        assert_eq!((replaced.one("metadata"), all(&server, &path).await), (json!({"c": "4"}), json!({"c": "4"})));

        let key = format!("{path}/d%20e");
        let set = server.ask("PUT", &key).json(&json!({"meta": {"d e": "5"}})).await.is(200);
        assert_eq!(set.one("meta"), json!({"d e": "5"}));
        assert_eq!(server.get(&key).await.is(200).one("meta"), json!({"d e": "5"}));
        let shown = server.get(&format!("{base}/snapshots/{id}")).await.is(200).one("snapshot");
        assert_eq!(shown["metadata"], json!({"c": "4", "d e": "5"}));
        assert!(shown["updated_at"].is_string(), "{shown}");

        assert_eq!(server.delete(&key).await.is(200).text(), "");
        assert_eq!(all(&server, &path).await, json!({"c": "4"}));
        for method in ["GET", "DELETE"] {
            let message = server.ask(method, &key).await.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Snapshot {id} has no metadata with key d e.")), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn it_is_the_snapshots_own_business(server: TestServer) {
    let id = server.snapshot(&server.volume().await).await;
    let path = format!("/v3/omega/snapshots/{id}/metadata");
    for (method, path, body) in [
        ("GET", path.clone(), json!(null)),
        ("POST", path.clone(), json!({"metadata": {"a": "2"}})),
        ("PUT", format!("{path}/a"), json!({"meta": {"a": "2"}})),
        ("DELETE", format!("{path}/a"), json!(null)),
    ] {
        let message = server.ask(method, &path).by("mallory:omega").json(&body).await.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Snapshot {id} could not be found.")), "{method} {path}: {message}");
    }
    let of_admin = path.replace("omega", "ops");
    server.post(&of_admin, json!({"metadata": {"b": "2"}})).by("admin:ops").await.is(200);
    assert_eq!(all(&server, &path.replace("omega", "alpha")).await, json!({"b": "2"}));
}
