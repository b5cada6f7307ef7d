//! What users sign in with is in no log, no metric, no answer but the one, no export, and not in the database as it is.

use crate::logs_and_secrets::{holds, stored};
use crate::support::identity::{
    ADMINS_PASSWORD, Cast, PASSWORD, TOKENS, by_credential, by_password, by_token, named, of_project, serve, token_of,
};
use crate::support::{Answer, Database, Engine, apply, binary, both_engines, json};

/// Planted where something else is expected.
const MISPLACED: &str = "hush-hush-hush";

#[apply(both_engines!)]
async fn no_password_no_token_and_no_secret_is_where_others_can_read_it(engine: Engine) {
    let database = Database::fresh(engine);
    let mut server = serve(&database.url, "trace");
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let own = "my own secret of an application";
    let made = cast.credential(&server, &token, json!({"name": "own", "secret": own})).await;
    let drawn = cast.credential(&server, &token, json!({"name": "drawn"})).await;
    let key = server.post("/identity/v3/OS-CREDENTIAL/credentials", json!({"credential": {}})).by(&token).await.is(201);
    let key = key.one("credential");
    let by_own = token_of(&server.sign_in(by_credential(&json!({"id": made["id"], "secret": own}))).await);
    let again = token_of(&server.sign_in(by_token(&token, of_project(&cast.alpha))).await);

    let path = format!("/identity/v3/users/{}/password", cast.alice);
    let user = |fields| json!({ "user": fields });
    let auth = |identity| json!({"auth": {"identity": identity}});
    let mut refused: Vec<Answer> = Vec::new();
    for body in [
        by_password(named(MISPLACED), MISPLACED, None),
        by_password(json!({"id": MISPLACED}), MISPLACED, of_project(MISPLACED)),
        by_token(MISPLACED, None),
        json!(MISPLACED),
        json!({"auth": MISPLACED}),
        json!({"auth": {"identity": MISPLACED}}),
        auth(json!({"methods": MISPLACED})),
        auth(json!({"methods": [MISPLACED]})),
        auth(json!({"methods": ["password"], "password": MISPLACED})),
        auth(json!({"methods": ["password"], "password": {"user": MISPLACED}})),
        auth(json!({"methods": ["password"], "password": {"user": {"name": "a", "password": [MISPLACED]}}})),
        auth(json!({"methods": ["password"], "password": {"user": {"name": "a", "domain": MISPLACED, "password": MISPLACED}}})),
        auth(json!({"methods": ["token"], "token": MISPLACED})),
        by_credential(&json!({"id": made["id"], "secret": MISPLACED})),
        by_credential(&json!(MISPLACED)),
        by_password(named("alice"), PASSWORD, Some(json!({"project": MISPLACED}))),
    ] {
        refused.push(server.sign_in(body).await);
    }
    let post = async |path: &str, body| server.post(path, body).by(&cast.admin).await;
    for fields in [
        json!({"name": "bob", "enabled": MISPLACED}),
        json!({"name": "bob", "password": {"is": MISPLACED}}),
        json!({"name": [MISPLACED], "password": PASSWORD}),
        json!({"name": "alice", "password": MISPLACED}),
        json!({"name": "bob", "password": MISPLACED.repeat(10)}),
    ] {
        refused.push(post("/identity/v3/users", user(fields)).await);
    }
    refused.push(post(&path, user(json!({"original_password": MISPLACED, "password": MISPLACED}))).await);
    refused.push(server.post_text(TOKENS, format!("{{\"auth\": \"{MISPLACED}")).by_nobody().await);
    for wrong in [MISPLACED, &*again] {
        refused.push(server.validate(wrong, wrong).await);
        server.delete(TOKENS).by(&cast.admin).header("X-Subject-Token", &again).await;
        refused.push(server.validate(&cast.admin, wrong).await);
        refused.push(server.get(&format!("/v3/{}/volumes", cast.alpha)).by(MISPLACED).await);
    }
    let change = user(json!({"original_password": PASSWORD, "password": "an entirely new password"}));
    server.post(&path, change).by(&token).await.is(204);
    let metrics = server.get("/metrics").by_nobody().await.is(200).text().to_owned();
    assert_eq!(server.stop().code(), Some(0));
    let log = server.output();
    assert!(log.contains("signed in") && log.contains("a sign-in is refused"), "{log:.2000}");

    let export = binary::run(&["export", "--database-url", &database.url], "");
    let acts = binary::run(&["acts", "--database-url", &database.url], "");
    let printed = String::from_utf8([export.stdout, acts.stdout].concat()).unwrap();
    let stored = stored(&database).await;
    assert!(holds(&stored, b"$argon2id$") && holds(&stored, cast.alice.as_bytes()), "hashes are kept");
    let secrets = [made["secret"].as_str().unwrap(), drawn["secret"].as_str().unwrap(), key["secret"].as_str().unwrap()];
    let all = [ADMINS_PASSWORD, PASSWORD, "an entirely new password", MISPLACED, &*token, &*cast.admin, &*by_own, &*again];
    for secret in all.into_iter().chain(secrets) {
        for (place, text) in [("the log", &log), ("the metrics", &metrics), ("what is printed", &printed)] {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
        assert!(!holds(&stored, secret.as_bytes()), "{secret} is in the database");
        for answer in &refused {
            assert!(answer.status >= 400, "{answer}");
            assert!(!answer.text().contains(secret), "{secret} is in {answer}");
        }
    }
    // nor is a token as the bytes that it is written from
    assert!(!holds(&stored, &bytes(&token)) && !holds(&stored, &bytes(secrets[2])));
    assert!(!log.contains("argon2id$"), "a hash is no secret, but nobody's to read");
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
