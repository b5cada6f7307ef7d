//! Signing in at the built-in identity, in every form that real clients send (`keystone-requests.md`), and what a token says.

use futures_util::future::join_all;
use handover::domain::Time;

use crate::support::identity::{
    ADMINS_PASSWORD, BuiltIn, Cast, PASSWORD, TOKENS, by_credential, by_password, by_token, named, of_project, token_of,
};
use crate::support::{Answer, Value, apply, both_engines, json};

/// The keys of an object, sorted.
fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<String> = object.as_object().unwrap_or_else(|| panic!("{object}")).keys().cloned().collect();
    keys.sort_unstable();
    keys
}

/// What a successful sign-in says.
fn said(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{answer}");
    assert!(answer.header("x-subject-token").is_some_and(|token| token.len() == 64), "{answer}");
    answer.one("token")
}

fn names(roles: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[apply(both_engines!)]
async fn a_user_and_a_project_are_named_as_every_client_names_them(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let (alice, alpha) = (&cast.alice, &cast.alpha);
    let (by_id, by_name) = (json!({"id": "default"}), json!({"name": "Default"}));
    let user = |user: Value| (user, json!({"project": {"id": alpha}}));
    let scope = |project: Value| (json!({"id": alice}), json!({ "project": project }));
    for (user, scope) in [
        user(json!({"name": "alice", "domain": by_name})),
        user(json!({"name": "alice", "domain": by_id})),
        user(json!({"id": alice})),
        user(json!({"id": alice, "domain": by_id})),
        user(json!({"id": alice, "name": null, "domain": null})),
        scope(json!({"name": "alpha", "domain": by_name})),
        scope(json!({"name": "alpha", "domain": by_id})),
        scope(json!({"id": alpha, "domain": by_id})),
    ] {
        let answer = server.sign_in(by_password(user.clone(), PASSWORD, Some(scope.clone()))).await;
        let token = said(&answer);
        assert_eq!((&token["user"]["id"], &token["project"]["id"]), (&json!(alice), &json!(alpha)), "{user} {scope}");
        cast.volumes(&server, &token_of(&answer)).await.is(200);
    }
}

#[apply(both_engines!)]
async fn a_token_says_all_that_clients_read_of_it(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let auth = by_password(json!({"id": cast.alice}), PASSWORD, of_project(&cast.alpha));
    let answer = server.sign_in(auth.clone()).await;
    let token = said(&answer);
    let all = ["audit_ids", "catalog", "expires_at", "is_domain", "issued_at", "methods", "project", "roles", "user"]
        .map(str::to_owned);
    assert_eq!(keys(&token), all);
    let domain = json!({"id": "default", "name": "Default"});
    let user = json!({"id": cast.alice, "name": "alice", "domain": domain, "password_expires_at": null});
    assert_eq!(token["user"], user);
    assert_eq!(token["project"], json!({"id": cast.alpha, "name": "alpha", "domain": domain}));
    assert_eq!((&token["is_domain"], &token["methods"]), (&json!(false), &json!(["password"])));
    assert_eq!(names(&token["roles"]), ["member", "reader"], "what a role implies is among them");
    assert!(token["roles"].as_array().unwrap().iter().all(|role| keys(role) == ["id", "name"]), "{token}");
    let audit = token["audit_ids"].as_array().unwrap();
    assert!(audit.len() == 1 && audit[0].as_str().unwrap().len() == 22, "{token}");
    let time = |key: &str| {
        let text = token[key].as_str().unwrap();
        assert!(text.len() == "2026-11-25T22:11:11.000000Z".len() && text.ends_with('Z'), "{text}");
        Time::parse(text).unwrap().micros()
    };
    assert_eq!(time("expires_at") - time("issued_at"), 3_600_000_000, "one hour");

    let shown = server.validate(&cast.admin, &token_of(&answer)).await.is(200);
    assert_eq!(shown.one("token"), token, "whoever validates reads the same");
    assert_eq!(shown.header("x-subject-token"), answer.header("x-subject-token"));
    let own = token_of(&answer);
    server.validate(&own, &own).await.is(200);
    server.ask("HEAD", TOKENS).by(&cast.admin).header("X-Subject-Token", &own).await.is(200);
    for query in ["?nocatalog", "?nocatalog=1"] {
        let path = format!("{TOKENS}{query}");
        let short = server.get(&path).by(&own).header("X-Subject-Token", &own).await.is(200).one("token");
        let posted = said(&server.post(&path, auth.clone()).by_nobody().await);
        for token in [short, posted] {
            assert!(token.get("catalog").is_none() && token["roles"].is_array(), "{token}");
        }
    }
}

#[apply(both_engines!)]
async fn the_catalogue_is_this_services_own_address(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let catalog = server.validate(&token, &token).await.one("token")["catalog"].clone();
    let (base, alpha) = (&server.base, &cast.alpha);
    let expected = [
        ("identity", format!("{base}/identity/v3")),
        ("block-storage", format!("{base}/v3/{alpha}")),
        ("volumev3", format!("{base}/v3/{alpha}")),
        ("volumev2", format!("{base}/v2/{alpha}")),
        ("evs", format!("{base}/v2/{alpha}")),
    ];
    assert_eq!(catalog.as_array().unwrap().len(), expected.len());
    for (kind, url) in expected {
        let service = catalog.as_array().unwrap().iter().find(|service| service["type"] == kind).unwrap();
        assert_eq!(keys(service), ["endpoints", "id", "name", "type"]);
        for interface in ["public", "internal", "admin"] {
            let endpoints = service["endpoints"].as_array().unwrap();
            let endpoint = endpoints.iter().find(|endpoint| endpoint["interface"] == interface).unwrap();
            assert_eq!(keys(endpoint), ["id", "interface", "region", "region_id", "url"]);
            let regions = (&endpoint["region"], &endpoint["region_id"]);
            assert_eq!((&endpoint["url"], regions), (&json!(url), (&json!("RegionOne"), &json!("RegionOne"))));
        }
    }
    let shown = server.seen(&token, "auth/catalog").await.is(200).rows("catalog");
    assert_eq!(json!(shown), catalog);
    let nowhere = token_of(&server.sign_in(by_token(&token, Some(json!("unscoped")))).await);
    server.seen(&nowhere, "auth/catalog").await.is(403);
}

#[apply(both_engines!)]
async fn without_a_scope_a_user_is_at_home_or_nowhere(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let sign_in = |scope| server.sign_in(by_password(json!({"id": cast.alice}), PASSWORD, scope));
    let nowhere = ["audit_ids", "expires_at", "issued_at", "methods", "user"].map(str::to_owned);
    for scope in [None, Some(json!("unscoped")), Some(json!({"unscoped": {}})), Some(Value::Null)] {
        let answer = sign_in(scope).await;
        assert_eq!(keys(&said(&answer)), nowhere);
        let token = token_of(&answer);
        let own = server.seen(&token, "auth/projects").await.is(200).rows("projects");
        assert_eq!((own.len(), &own[0]["id"]), (1, &json!(cast.alpha)));
        server.seen(&token, &format!("users/{}/projects", cast.alice)).await.is(200);
        let volumes = cast.volumes(&server, &token).await;
        assert_eq!(volumes.status, 401, "a project is needed there: {volumes}");
    }
    server.patch(&cast.admin, "user", &cast.alice, json!({"default_project_id": cast.alpha})).await.is(200);
    assert_eq!(said(&sign_in(None).await)["project"]["id"], cast.alpha);
    assert_eq!(keys(&said(&sign_in(Some(json!("unscoped"))).await)), nowhere, "said so");
    // a default that opens nothing is none
    for other in ["gone", server.make(&cast.admin, "project", json!({"name": "beta"})).await.as_str()] {
        server.patch(&cast.admin, "user", &cast.alice, json!({"default_project_id": other})).await.is(200);
        assert_eq!(keys(&said(&sign_in(None).await)), nowhere, "{other}");
    }
}

#[apply(both_engines!)]
async fn a_token_is_exchanged_for_one_of_another_scope_that_ends_no_later(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let beta = server.make(&cast.admin, "project", json!({"name": "beta"})).await;
    let first = cast.enter(&server).await;
    let shown = server.validate(&first, &first).await.one("token");
    let foreign = server.sign_in(by_token(&first, of_project(&beta))).await;
    assert_eq!(foreign.status, 401, "{foreign}");
    let path = crate::support::identity::grant(&beta, &cast.alice, &cast.member);
    server.ask("PUT", &path).by(&cast.admin).await.is(204);
    let second = server.sign_in(by_token(&first, of_project(&beta))).await;
    let third = server.sign_in(by_token(&token_of(&second), Some(json!("unscoped")))).await;
    let (second, third) = (said(&second), said(&third));
    assert_eq!(second["methods"], json!(["token", "password"]));
    assert_eq!(third["methods"], json!(["token", "password"]), "each way once");
    assert_eq!((&second["project"]["id"], &second["expires_at"]), (&json!(beta), &shown["expires_at"]));
    assert_eq!((third.get("project"), &third["expires_at"]), (None, &shown["expires_at"]));
    for later in [&second, &third] {
        let ids = later["audit_ids"].as_array().unwrap();
        assert_eq!((ids.len(), &ids[1]), (2, &shown["audit_ids"][0]), "its own, and the first one's");
        assert_ne!(ids[0], ids[1]);
    }
    cast.volumes(&server, &first).await.is(200);
}

#[apply(both_engines!)]
async fn an_application_credential_signs_in_for_its_project_with_its_roles(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let made = cast.credential(&server, &token, json!({"name": "ci", "roles": [{"name": "reader"}]})).await;
    let (id, secret) = (&made["id"], &made["secret"]);
    assert_eq!(secret.as_str().unwrap().len(), 86);
    for form in [
        json!({"id": id, "secret": secret}),
        json!({"name": "ci", "secret": secret, "user": named("alice")}),
        json!({"name": "ci", "secret": secret, "user": {"id": cast.alice}}),
    ] {
        let answer = server.sign_in(by_credential(&form)).await;
        let token = said(&answer);
        assert_eq!(token["application_credential"], json!({"id": id, "name": "ci", "restricted": true}));
        assert_eq!((&token["project"]["id"], names(&token["roles"])), (&json!(cast.alpha), vec!["reader"]));
        assert_eq!(token["methods"], json!(["application_credential"]));
        cast.volumes(&server, &token_of(&answer)).await.is(200);
        let path = format!("/v3/{}/volumes", cast.alpha);
        server.post(&path, json!({"volume": {"size": 1}})).by(&token_of(&answer)).await.is(403);
    }
    // no way from it to more
    let reader = token_of(&server.sign_in(by_credential(&json!({"id": id, "secret": secret}))).await);
    let again = server.sign_in(by_token(&reader, of_project(&cast.alpha))).await;
    assert_eq!(names(&said(&again)["roles"]), ["reader"]);
    server.sign_in(by_token(&reader, Some(json!("unscoped")))).await.is(401);
    let keys = json!({"credential": {"description": "more"}});
    server.post("/identity/v3/OS-CREDENTIAL/credentials", keys).by(&reader).await.is(403);
}

#[apply(both_engines!)]
async fn many_sign_ins_of_one_user_at_once_are_no_failures(server: BuiltIn) {
    let scope = json!({"project": named("admin")});
    let auth = by_password(named("admin"), ADMINS_PASSWORD, Some(scope));
    let all = join_all((0..16).map(|_| server.sign_in(auth.clone()))).await;
    let statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201; 16]);
}

#[apply(both_engines!)]
async fn the_version_is_told_to_anybody_at_the_address_that_was_asked(server: BuiltIn) {
    for path in ["/identity/v3", "/identity/v3/"] {
        let version = server.get(path).by_nobody().await.is(200).one("version");
        assert_eq!((&version["id"], &version["status"]), (&json!("v3.14"), &json!("stable")));
        let link = version["links"][0]["href"].as_str().unwrap();
        assert_eq!(link, format!("{}/identity/v3/", server.base));
    }
    for path in ["/identity", "/identity/"] {
        let all = server.get(path).by_nobody().await.is(300);
        assert_eq!(all.header("location"), Some(&*format!("{}/identity/v3/", server.base)));
        assert_eq!(all.one("versions")["values"][0]["id"], "v3.14");
    }
    server.get("/identity/v2.0").by_nobody().await.is(401);
}
