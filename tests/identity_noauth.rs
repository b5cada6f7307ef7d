//! `/identity/v3` where everybody is believed: any client of OpenStack signs in on an empty database, and nothing is stored.

use handover::domain::identity::id_of;

use crate::support::identity::{BuiltIn, TOKENS, by_credential, by_password, by_token, named, token_of};
use crate::support::{TestServer, Value, apply, both_engines, count, json};

/// How many rows the four tables hold together.
const ROWS: &str = "SELECT (SELECT count(*) FROM identity_entities) + (SELECT count(*) FROM identity_grants)
    + (SELECT count(*) FROM identity_credentials) + (SELECT count(*) FROM identity_sessions) AS n";

fn roles(token: &Value) -> Vec<&str> {
    token["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect()
}

#[apply(both_engines!)]
async fn whoever_signs_in_is_believed_and_has_volumes(server: TestServer) {
    let long = "x".repeat(200);
    for (user, project) in [
        ("alice", "alpha"),
        ("Алиса", "проект"),
        ("a b:c", "p/q"),
        ("admin", "ops"),
        ("=", ":"),
        (&*long, &*long),
        ("\u{1f980}", "alpha"),
    ] {
        let auth = by_password(named(user), "any password", Some(json!({"project": named(project)})));
        let answer = server.sign_in(auth).await;
        let (token, said) = (token_of(&answer), answer.one("token"));
        assert_eq!((&said["user"]["name"], &said["user"]["id"]), (&json!(user), &json!(id_of(user))));
        assert_eq!((&said["project"]["name"], &said["project"]["id"]), (&json!(project), &json!(id_of(project))));
        let expected = if user == "admin" { &["admin", "manager", "member", "reader"][..] } else { &["member", "reader"] };
        assert_eq!(roles(&said), expected, "{user}");
        // where the catalogue says
        let services = said["catalog"].as_array().unwrap();
        let volumes = services.iter().find(|service| service["type"] == "block-storage").unwrap();
        let url = volumes["endpoints"][0]["url"].as_str().unwrap().strip_prefix(&server.base).unwrap();
        let made =
            server.post(&format!("{url}/volumes"), json!({"volume": {"size": 1}})).by(&token).await.is(202).one("volume");
        // and without a project in the path
        let path = format!("/v3/volumes/{}", made["id"].as_str().unwrap());
        let shown = server.get(&path).by(&token).await.is(200).one("volume");
        let owner = (&shown["user_id"], &shown["os-vol-tenant-attr:tenant_id"]);
        assert_eq!(owner, (&json!(id_of(user)), &json!(id_of(project))));
        server.get("/v3/somebody-elses/volumes").by(&token).await.fails(400, "EVS.5400");
        let shown = server.validate(&token, &token).await.is(200).one("token");
        assert_eq!((&shown["user"], &shown["project"]), (&said["user"], &said["project"]));
        assert_eq!(roles(&shown), expected);
    }
    assert_eq!(count(&server.database.url, ROWS).await, 0, "nothing is stored");
}

#[apply(both_engines!)]
async fn every_form_of_a_sign_in_is_believed(server: TestServer) {
    let elsewhere = json!({"name": "alice", "domain": {"name": "Anywhere"}});
    for (auth, user, project) in [
        (by_password(json!({"id": "u1"}), "x", Some(json!({"project": {"id": "p1"}}))), "u1", Some("p1")),
        (by_password(json!({"name": "alice"}), "x", Some(json!({"project": {"name": "alpha"}}))), "alice", Some("alpha")),
        (by_password(elsewhere, "x", Some(json!({"project": {"name": "a", "domain": {"id": "d"}}}))), "alice", Some("a")),
        (by_password(named("alice"), "", None), "alice", Some("alice")),
        (by_password(named("alice"), "x", Some(json!("unscoped"))), "alice", None),
        (by_credential(&json!({"name": "ci", "secret": "x", "user": named("alice")})), "alice", Some("alice")),
        (by_credential(&json!({"id": "abc", "secret": "x"})), "abc", Some("abc")),
    ] {
        let answer = server.sign_in(auth.clone()).await;
        let said = answer.one("token");
        token_of(&answer);
        assert_eq!((said["user"]["id"].as_str(), said["project"]["id"].as_str()), (Some(user), project), "{auth}");
    }
    let token = token_of(&server.sign_in(by_password(named("alice"), "x", Some(json!({"project": {"id": "alpha"}})))).await);
    let again = server.post(TOKENS, by_token(&token, Some(json!({"project": {"id": "beta"}})))).by(&token).await;
    let said = again.one("token");
    assert_eq!((&said["user"]["id"], &said["project"]["id"]), (&json!("alice"), &json!("beta")), "{again}");
    // by the token that is shown, whoever sends it
    let again = server.sign_in(by_token(&token, Some(json!({"project": {"id": "gamma"}})))).await;
    assert_eq!(again.one("token")["user"]["id"], "alice", "{again}");
}

#[apply(both_engines!)]
async fn what_is_looked_for_is_found_what_is_made_is_echoed_and_nothing_is_stored(server: TestServer) {
    for (kind, name) in [("user", "bob"), ("project", "проект"), ("role", "vault")] {
        let id = id_of(name);
        let path = format!("/identity/v3/{kind}s");
        let found = server.get(&path).by("admin:ops").await.is(200);
        assert_eq!(found.rows(&format!("{kind}s")).len(), if kind == "role" { 4 } else { 0 });
        let query = format!("{kind}s?name={}", percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC));
        let rows = server.seen("alice:alpha", &query).await.is(200).rows(&format!("{kind}s"));
        assert_eq!((rows.len(), &rows[0]["id"], &rows[0]["name"]), (1, &json!(id), &json!(name)));
        let fields = json!({"name": name, "description": "d", "enabled": true, "password": "x"});
        let made = server.post(&path, json!({ kind: fields })).by("alice:alpha").await.is(201).one(kind);
        assert_eq!((&made["id"], &made["name"], &made["description"]), (&json!(id), &json!(name), &json!("d")));
        assert!(made.get("password").is_none(), "{made}");
        server.post(&path, json!({ kind: fields })).by("alice:alpha").await.is(201);
        let path = format!("{path}/{id}");
        server.get(&path).await.is(200);
        server.delete(&path).await.is(204);
        server.get(&path).await.is(200);
    }
    let path = crate::support::identity::grant("alpha", "bob", "member");
    for method in ["PUT", "HEAD", "GET", "DELETE"] {
        server.ask(method, &path).await.is(204);
    }
    let body = json!({"application_credential": {"name": "ci", "description": "d"}});
    let made =
        server.post("/identity/v3/users/alice/application_credentials", body).await.is(201).one("application_credential");
    assert_eq!(
        (made["secret"].as_str().unwrap().len(), &made["user_id"], &made["project_id"]),
        (86, &json!("alice"), &json!("alpha"))
    );
    let key = server.post("/identity/v3/OS-CREDENTIAL/credentials", json!({"credential": {}})).await.is(201).one("credential");
    assert_eq!((key["access"].as_str().unwrap().len(), key["secret"].as_str().unwrap().len()), (20, 40));
    server.delete(TOKENS).header("X-Subject-Token", "alice:alpha").await.is(204);
    assert_eq!(count(&server.database.url, ROWS).await, 0, "nothing is stored");
    assert_eq!(crate::support::stored_acts(&server.database.url).await, [], "nothing is done");
}

/// The story of `openstack volume transfer request create` and `accept` on an empty database.
#[apply(both_engines!)]
async fn a_volume_changes_hands_between_two_that_signed_in(server: TestServer) {
    let enter = async |user: &str, project: &str| server.enter(user, "secret", project).await;
    let (alice, bob) = (enter("Alice Liddell", "looking glass").await, enter("bob", "beta").await);
    let made = server.post("/v3/volumes", json!({"volume": {"size": 1}})).by(&alice).await.is(202).one("volume");
    let body = json!({"transfer": {"volume_id": made["id"], "name": "gift"}});
    let offer = server.post("/v3/volume-transfers", body).at("3.55").by(&alice).await.is(202).transfer();
    let accept = format!("/v3/volume-transfers/{}/accept", offer["id"].as_str().unwrap());
    server.post(&accept, json!({"accept": {"auth_key": offer["auth_key"]}})).at("3.55").by(&bob).await.is(202);
    let path = format!("/v3/beta/volumes/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&path).by(&bob).await.is(200).one("volume")["user_id"], "bob");
}

#[apply(both_engines!)]
async fn a_token_of_no_auth_is_none_where_users_sign_in(server: BuiltIn) {
    for token in ["admin:alpha", "=%61dmin:alpha", "noauth", ""] {
        for path in ["/v3/alpha/volumes", "/identity/v3/users", "/v2/alpha/os-volume-transfer"] {
            assert_eq!(server.get(path).by(token).await.status, 401, "{token}");
        }
    }
}

#[apply(both_engines!)]
async fn a_grant_that_is_asked_for_is_there_by_its_ids_and_by_its_names(server: TestServer) {
    let asked = "/identity/v3/role_assignments?user.id=alice&scope.project.id=alpha";
    for (query, role) in [("", json!({"id": "member"})), ("&include_names=True", json!({"id": "member", "name": "member"}))] {
        let rows = server.get(&format!("{asked}{query}")).await.is(200).rows("role_assignments");
        assert_eq!(rows.len(), 1, "{query}");
        assert_eq!(rows[0]["role"], role, "{query}");
        assert_eq!(rows[0]["user"]["id"], "alice");
    }
}
