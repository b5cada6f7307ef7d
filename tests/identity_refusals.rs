//! Sign-ins that are refused: with Keystone's statuses and words, the same for all that tells who there is.

use std::time::Duration;

use crate::support::identity::{
    ADMINS_PASSWORD, BuiltIn, Cast, PASSWORD, TOKENS, by_credential, by_password, by_token, named, of_project, refusal,
    token_of,
};
use crate::support::{Answer, Value, apply, both_engines, json, new_id};

const REFUSED: &str = "The request you have made requires authentication.";
const OTHERWISE: &str = "The server could not comply with the request since it is either malformed or otherwise incorrect. \
                         The client is assumed to be in error.";

#[apply(both_engines!)]
async fn all_that_is_wrong_with_a_sign_in_is_told_in_one_message(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let (admin, alice) = (&cast.admin, json!({"id": cast.alice}));
    let beta = server.make(admin, "project", json!({"name": "beta"})).await;
    let off = server.make(admin, "project", json!({"name": "off", "enabled": false})).await;
    let path = crate::support::identity::grant(&off, &cast.alice, &cast.member);
    server.ask("PUT", &path).by(admin).await.is(204);
    server.make(admin, "user", json!({"name": "nobody"})).await;
    server.make(admin, "user", json!({"name": "off", "enabled": false, "password": PASSWORD})).await;
    let alpha = || of_project(&cast.alpha);
    let elsewhere = |name: &str| json!({"name": name, "domain": {"name": "default"}});
    for (why, auth) in [
        ("wrong password", by_password(alice.clone(), "wrong", alpha())),
        ("unknown name", by_password(named("mallory"), PASSWORD, alpha())),
        ("unknown id", by_password(json!({"id": new_id()}), PASSWORD, None)),
        ("another case", by_password(named("Alice"), PASSWORD, alpha())),
        ("another domain", by_password(elsewhere("alice"), PASSWORD, alpha())),
        ("no password", by_password(named("nobody"), "", None)),
        ("disabled", by_password(named("off"), PASSWORD, None)),
        ("unknown project", by_password(alice.clone(), PASSWORD, of_project("gone"))),
        ("a project elsewhere", by_password(alice.clone(), PASSWORD, Some(json!({"project": elsewhere("alpha")})))),
        ("no role", by_password(alice.clone(), PASSWORD, of_project(&beta))),
        ("disabled project", by_password(alice.clone(), PASSWORD, of_project(&off))),
        ("system", by_password(named("admin"), ADMINS_PASSWORD, Some(json!({"system": {"all": true}})))),
        ("domain", by_password(named("admin"), ADMINS_PASSWORD, Some(json!({"domain": {"name": "Default"}})))),
        ("no method", json!({"auth": {"identity": {"methods": []}}})),
    ] {
        let answer = server.sign_in(auth).await;
        assert_eq!(refusal(&answer, 401), REFUSED, "{why}");
        assert!(answer.header("x-subject-token").is_none(), "{why}");
    }
}

#[apply(both_engines!)]
async fn an_unknown_method_is_called_so(server: BuiltIn) {
    for methods in [json!(["oauth1"]), json!(["saml2"]), json!(["totp", "password"])] {
        let user = json!({"name": "admin", "password": "x", "domain": {"id": "default"}});
        let answer = server.sign_in(json!({"auth": {"identity": {"methods": methods, "password": {"user": user}}}})).await;
        assert_eq!(refusal(&answer, 401), "Attempted to authenticate with an unsupported method.");
    }
}

#[apply(both_engines!)]
async fn a_body_that_is_none_is_told_what_is_missing(server: BuiltIn) {
    let post = |text: &'static str| server.post_text(TOKENS, text).by_nobody();
    let user = |user: Value| json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
    let method = |name: &str| json!({"auth": {"identity": {"methods": [name]}}});
    let scoped = by_password(named("admin"), ADMINS_PASSWORD, Some(json!({"project": {"name": "admin"}})));
    for (body, what) in [
        (json!({}), "auth in request body"),
        (json!({"auth": {}}), "identity in auth"),
        (json!({"auth": {"identity": {}}}), "methods in identity"),
        (method("password"), "password in identity"),
        (method("token"), "token in identity"),
        (method("application_credential"), "application_credential in identity"),
        (json!({"auth": {"identity": {"methods": ["password"], "password": {}}}}), "user in password"),
        (user(json!({"name": "admin", "domain": {"id": "default"}})), "password in user"),
        (user(json!({"name": "admin", "password": "x"})), "domain in user"),
        (user(json!({"password": "x"})), "id or name in user"),
        (scoped, "domain in project"),
    ] {
        let said = refusal(&server.sign_in(body.clone()).await, 400);
        assert_eq!(said, format!("Expecting to find {what}. {OTHERWISE}"), "{body}");
    }
    for text in ["", "{", "nonsense", "{\"auth\": {}, \"auth\": {}}"] {
        let said = refusal(&post(text).await, 400);
        assert!(said.starts_with(&format!("Expecting to find valid JSON in request body. {OTHERWISE}")), "{text}: {said}");
    }
    for text in ["[]", "\"auth\"", "null", "{\"auth\": []}", "{\"auth\": {\"identity\": {\"methods\": \"password\"}}}"] {
        refusal(&post(text).await, 400);
    }
    let form = server.ask("POST", TOKENS).by_nobody().header("Content-Type", "application/x-www-form-urlencoded");
    let said = refusal(&form.body("auth=x").await, 400);
    assert!(said.starts_with("Expecting to find application/json in Content-Type header. "), "{said}");
}

#[apply(both_engines!)]
async fn a_token_or_a_credential_that_is_gone_is_404_and_a_wrong_secret_401(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    server.ask("DELETE", TOKENS).by(&token).header("X-Subject-Token", &token).await.is(204);
    for gone in [&*token, "garbage", ""] {
        let said = refusal(&server.sign_in(by_token(gone, of_project(&cast.alpha))).await, 404);
        assert!(said.starts_with("Could not find token: ") && (gone.is_empty() || !said.contains(gone)), "{said}");
    }
    let token = cast.enter(&server).await;
    let made = cast.credential(&server, &token, json!({"name": "ci", "secret": "my own"})).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["secret"], "my own");
    for form in [json!({"id": id, "secret": "not it"}), json!({"name": "ci", "secret": "x", "user": named("alice")})] {
        assert_eq!(refusal(&server.sign_in(by_credential(&form)).await, 401), REFUSED);
    }
    let mut scoped = by_credential(&json!({"id": id, "secret": "my own"}));
    scoped["auth"]["scope"] = of_project(&cast.alpha).unwrap();
    let said = refusal(&server.sign_in(scoped).await, 401);
    assert!(said.ends_with("Application credentials cannot request a scope."), "{said}");
    server.delete(&format!("{}/{id}", cast.credentials())).by(&token).await.is(204);
    let unknown = server.sign_in(by_credential(&json!({"id": id, "secret": "my own"}))).await;
    assert_eq!(refusal(&unknown, 404), format!("Could not find Application Credential: {id}."));
    let named = json!({"name": "ci", "secret": "my own", "user": named("alice")});
    assert_eq!(refusal(&server.sign_in(by_credential(&named)).await, 404), "Could not find Application Credential: ci.");
    let nobodys = json!({"name": "ci", "secret": "my own"});
    refusal(&server.sign_in(by_credential(&nobodys)).await, 400);
}

/// The value of a series of the metrics.
async fn sign_ins(server: &BuiltIn, outcome: &str) -> u64 {
    let metrics = server.get("/metrics").by_nobody().await.is(200);
    let series = format!("handover_sign_ins_total{{outcome=\"{outcome}\"}} ");
    metrics.text().lines().find_map(|line| line.strip_prefix(&*series)?.parse().ok()).unwrap_or_default()
}

#[apply(both_engines!)]
async fn who_fails_too_often_from_an_address_waits_a_minute_and_nobody_else_does(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let wrong = |n: usize| {
        // however the user is called
        let user = if n.is_multiple_of(2) { named("alice") } else { json!({"id": cast.alice}) };
        server.sign_in(by_password(user, "wrong", None))
    };
    for n in 0..10 {
        refusal(&wrong(n).await, 401);
    }
    let late = |answer: &Answer| {
        refusal(answer, 429);
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{answer}");
    };
    late(&wrong(0).await);
    late(&cast.try_to_enter(&server).await);
    let scope = Some(json!({"project": named("alpha")}));
    late(&server.sign_in(by_password(named("alice"), PASSWORD, scope)).await);
    for other in ["mallory", "alicia"] {
        refusal(&server.sign_in(by_password(named(other), "wrong", None)).await, 401);
    }
    server.admin().await;
    assert_eq!(sign_ins(&server, "too_many").await, 3);
    assert_eq!((sign_ins(&server, "wrong_secret").await, sign_ins(&server, "unknown").await), (10, 2));
    server.clock.advance(Duration::from_secs(61));
    cast.enter(&server).await;
    // one that succeeds makes all forgotten
    for _ in 0..2 {
        for n in 0..9 {
            refusal(&wrong(n).await, 401);
        }
        cast.enter(&server).await;
    }
}

#[apply(both_engines!)]
async fn a_secret_that_is_guessed_too_often_is_not_tried_any_more(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let made = cast.credential(&server, &token, json!({"name": "ci", "secret": "my own"})).await;
    for _ in 0..10 {
        refusal(&server.sign_in(by_credential(&json!({"id": made["id"], "secret": "guess"}))).await, 401);
    }
    refusal(&server.sign_in(by_credential(&json!({"id": made["id"], "secret": "my own"}))).await, 429);
    let by_name = json!({"name": "ci", "secret": "my own", "user": named("alice")});
    refusal(&server.sign_in(by_credential(&by_name)).await, 429);
    cast.enter(&server).await;
    // nor is one's own password, where it is asked for again
    let change = json!({"user": {"original_password": "guess", "password": "another password"}});
    let path = format!("/identity/v3/users/{}/password", cast.alice);
    for _ in 0..10 {
        refusal(&server.post(&path, change.clone()).by(&token).await, 401);
    }
    refusal(&server.post(&path, change).by(&token).await, 429);
}

#[apply(both_engines!)]
async fn only_a_token_is_asked_for_elsewhere_and_who_has_none_learns_where_to_get_one(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    for path in ["users", "auth/projects", "auth/tokens", "nothing/here"] {
        let path = format!("/identity/v3/{path}");
        for answer in [server.get(&path).by_nobody().await, server.get(&path).by("alice:alpha").await] {
            refusal(&answer, 401);
        }
    }
    assert_eq!(server.seen(&token, "nothing/here").await.status, 404);
    for headers in
        [[("X-User-Id", "admin"), ("X-Roles", "admin")], [("X_User_Id", "admin"), ("X-Identity-Status", "Confirmed")]]
    {
        let [first, second] = headers;
        let path = format!("/v3/{}/volumes", cast.alpha);
        let answer = server.get(&path).by_nobody().header(first.0, first.1).header(second.0, second.1).await;
        assert_eq!(answer.status, 401, "{answer}");
        let looked = server.get("/identity/v3/users").by(&token).header(first.0, first.1).header(second.0, second.1).await;
        assert_eq!(looked.status, 403, "{looked}");
    }
    assert!(
        server.sign_in(by_token(&token, None)).await.status == 201 && !token_of(&cast.try_to_enter(&server).await).is_empty()
    );
}
