//! The rule of a transfer's name: trimmed of Unicode's white space, then 1 to 255 bytes of UTF-8 without NUL.

use crate::support::{TestServer, Value, apply, both_engines, json};

const CREATE: &str = "/v2/alpha/os-volume-transfer";

#[apply(both_engines!)]
async fn a_name_is_kept_trimmed_and_shown_everywhere(server: TestServer) {
    let cases = [
        ("a", "a"),
        (" a ", "a"),
        ("\t\n a b \r", "a b"),
        ("\u{3000}\u{a0}a\u{2003}b\u{2028}", "a\u{2003}b"),
        ("\u{85}\u{1680}x\u{2029}\u{205f}", "x"),
        ("'; drop table transfers; --", "'; drop table transfers; --"),
        ("\\ \" / \u{7f} \u{1}", "\\ \" / \u{7f} \u{1}"),
        ("😀", "😀"),
        // neither is white space to Unicode
        ("\u{200b}", "\u{200b}"),
        ("\u{feff}", "\u{feff}"),
    ];
    for ((sent, kept), volume) in cases.iter().zip(server.volumes("alpha", cases.len()).await) {
        let transfer = named(&server, &volume, json!(sent)).await.is(202).transfer();
        assert_eq!(transfer["name"], *kept, "sent {sent:?}");
        let id = transfer["id"].as_str().unwrap();
        assert_eq!(server.get(&format!("{CREATE}/{id}")).await.is(200).transfer()["name"], *kept);
        assert_eq!(server.get(&format!("{CREATE}?id={id}")).await.is(200).transfers()[0]["name"], *kept);
        assert_eq!(server.get(&format!("{CREATE}/detail?id={id}")).await.is(200).transfers()[0]["name"], *kept);
        let accept = format!("/v2/beta/os-volume-transfer/{id}/accept");
        let accepted = server.post(&accept, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").await;
        assert_eq!(accepted.is(202).transfer()["name"], *kept);
    }
}

#[apply(both_engines!)]
async fn no_name_and_a_null_name_are_null(server: TestServer) {
    let volumes = server.volumes("alpha", 2).await;
    let absent = server.post(CREATE, json!({"transfer": {"volume_id": volumes[0]}})).await.is(202).transfer();
    let null = named(&server, &volumes[1], Value::Null).await.is(202).transfer();
    assert_eq!((&absent["name"], &null["name"]), (&Value::Null, &Value::Null));
}

#[apply(both_engines!)]
async fn two_hundred_and_fifty_five_bytes_are_the_most(server: TestServer) {
    let fitting =
        ["a".repeat(255), "盘".repeat(85), "é".repeat(127) + "a", format!("  {}  ", "a".repeat(255)), "😀".repeat(63)];
    for (name, volume) in fitting.iter().zip(server.volumes("alpha", fitting.len()).await) {
        assert_eq!(named(&server, &volume, json!(name)).await.is(202).transfer()["name"], name.trim());
    }
    let volume = server.volume().await;
    for name in ["a".repeat(256), "盘".repeat(86), "é".repeat(128), "😀".repeat(64)] {
        let message = named(&server, &volume, json!(name)).await.fails(400, "EVS.5400");
        assert!(message.contains("name") && message.contains("255"), "{message}");
    }
}

#[apply(both_engines!)]
async fn an_empty_a_blank_and_an_unstorable_name_are_refused(server: TestServer) {
    let volume = server.volume().await;
    let refused = ["", " ", "\t\n", "\u{3000}\u{a0}", "a\0b", "\0"].map(|name| json!(name)).into_iter();
    for name in refused.chain([json!(7), json!([]), json!({}), json!(true), json!(1.5)]) {
        let message = named(&server, &volume, name.clone()).await.fails(400, "EVS.5400");
        assert!(message.contains("name"), "{name}: {message}");
    }
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
}

async fn named(server: &TestServer, volume: &str, name: Value) -> crate::support::Answer {
    server.post(CREATE, json!({"transfer": {"volume_id": volume, "name": name}})).await
}
