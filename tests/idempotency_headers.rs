//! The two headers by which a request names itself: what they may hold, when they are looked at, and where they are ignored.

use crate::support::idempotency::{CLIENT_TOKEN, IDEMPOTENCY_KEY, assert_same};
use crate::support::{TestServer, apply, both_engines, count, json, new_id};

/// A create whose every other part is fine.
macro_rules! create {
    ($server:ident, $volume:expr) => {
        $server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": $volume}}))
    };
}

#[apply(both_engines!)]
async fn a_client_token_is_a_uuid_and_nothing_else(server: TestServer) {
    let (volume, id) = (server.volume().await, new_id());
    for value in ["", "nope", "1234", &id[..35], &format!("{id}0"), &format!("{id},{id}"), &format!("\"{id}\""), "{}"] {
        let answer = create!(server, volume).header(CLIENT_TOKEN, value).await;
        let message = answer.fails(400, "EVS.2218");
        assert!(message.contains(CLIENT_TOKEN) && message.contains("UUID"), "{answer}");
        assert!(value.len() < 4 || !answer.text().contains(value), "a value is never repeated: {answer}");
    }
    let answer = create!(server, volume).header(CLIENT_TOKEN, &id).header(CLIENT_TOKEN, &id).await;
    assert!(answer.fails(400, "EVS.2218").contains("Send one"), "{answer}");
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
}

#[apply(both_engines!)]
async fn an_idempotency_key_is_1_to_255_visible_ascii_characters(server: TestServer) {
    let volume = server.volume().await;
    for value in ["", "a b", &"x".repeat(256), "a\tb"] {
        let answer = create!(server, volume).header(IDEMPOTENCY_KEY, value).await;
        assert!(answer.fails(400, "EVS.5400").contains(IDEMPOTENCY_KEY), "{answer}");
        assert!(value.len() < 3 || !answer.text().contains(value), "a value is never repeated: {answer}");
    }
    let line = "POST /v2/alpha/os-volume-transfer HTTP/1.1";
    let body = json!({"transfer": {"volume_id": volume}}).to_string();
    let length = format!("Content-Length: {}", body.len());
    let answer = server.raw(line, &[&length, "Idempotency-Key: schl\u{fc}ssel"], body.as_bytes()).await;
    assert!(answer.fails(400, "EVS.5400").contains(IDEMPOTENCY_KEY), "{answer}");
    let answer = create!(server, volume).header(IDEMPOTENCY_KEY, "a").header(IDEMPOTENCY_KEY, "a").await;
    assert!(answer.fails(400, "EVS.5400").contains("Send one"), "{answer}");
    let answer = create!(server, volume).header(IDEMPOTENCY_KEY, "a").header(CLIENT_TOKEN, &new_id()).await;
    assert!(answer.fails(400, "EVS.5400").contains("Send one"), "{answer}");
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");

    // white space around a header's value is no part of it
    let visible: String = ('!'..='~').collect();
    let (first, same) = (create!(server, volume).header(IDEMPOTENCY_KEY, "x").await, create!(server, volume));
    assert_same(&first.is(202), &same.header(IDEMPOTENCY_KEY, " x ").await);
    for value in [&"x".repeat(255), &visible, "\"quoted\""] {
        create!(server, server.volume().await).header(IDEMPOTENCY_KEY, value).await.is(202);
    }
    assert_eq!(count(&server.database.url, "SELECT count(*) AS n FROM idempotency_keys").await, 4);
}

#[apply(both_engines!)]
async fn the_name_is_looked_at_after_the_paths_project_and_before_the_fields(server: TestServer) {
    let offered = server.offer().await;
    for (api, (header, code)) in
        ["v2", "v3"].into_iter().flat_map(|api| [(CLIENT_TOKEN, "EVS.2218"), (IDEMPOTENCY_KEY, "EVS.5400")].map(|of| (api, of)))
    {
        let path = |project: &str| format!("/{api}/{project}/os-volume-transfer");
        // the JSON and the project before it
        let answer = server.post_text(&path("alpha"), "{").header(header, "a b").await;
        assert!(answer.fails(400, "EVS.5400").contains("column"), "{answer}");
        let answer = server.post(&path("beta"), json!({})).header(header, "a b").await;
        answer.fails(400, "EVS.5400");
        assert!(answer.message().starts_with("Malformed request url. The project"), "{answer}");
        // the fields and the record after it
        let nothing = format!("{}/nope", path("alpha"));
        for answer in [
            server.post(&path("alpha"), json!({})).header(header, "a b").await,
            server.post(&format!("{nothing}/accept"), json!({})).header(header, "a b").await,
            server.delete(&nothing).header(header, "a b").await,
            server.delete(&format!("{}/{}", path("alpha"), offered.id)).header(header, "a b").await,
        ] {
            assert!(answer.fails(400, code).contains(header), "{answer}");
        }
        // a name that is fine changes nothing of what comes after it
        server.post(&path("alpha"), json!({})).header(header, &new_id()).await.fails(400, "EVS.5400");
        server.delete(&nothing).header(header, &new_id()).await.fails(404, "EVS.5404");
    }
    server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
}

#[apply(both_engines!)]
async fn the_headers_are_ignored_where_nothing_is_done(server: TestServer) {
    let offered = server.offer().await;
    for path in ["os-volume-transfer", "os-volume-transfer/detail", &format!("os-volume-transfer/{}", offered.id)] {
        for api in ["v2", "v3"] {
            let ask = || server.get(&format!("/{api}/alpha/{path}"));
            ask().header(CLIENT_TOKEN, "nope").header(IDEMPOTENCY_KEY, "a b").await.is(200);
        }
    }
    server.get("/health/live").header(CLIENT_TOKEN, "nope").await.is(200);
    server.ask("OPTIONS", "/v2/alpha/os-volume-transfer").header(CLIENT_TOKEN, "nope").await.is(204);
}
