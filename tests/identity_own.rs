//! What is a user's own: what a member may see and change, application credentials, access keys; and who did what to whom.

use crate::support::identity::{BuiltIn, Cast, PASSWORD, TOKENS, by_credential, by_password, grant, named, refusal, token_of};
use crate::support::{Answer, Value, apply, binary, both_engines, json, with};

const KEYS: &str = "/identity/v3/OS-CREDENTIAL/credentials";

#[apply(both_engines!)]
async fn a_member_sees_and_changes_what_is_its_own_and_nothing_else(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let (alice, alpha, token) = (&cast.alice, &cast.alpha, cast.enter(&server).await);
    let bob = server.make(&cast.admin, "user", json!({"name": "bob", "password": PASSWORD})).await;
    let beta = server.make(&cast.admin, "project", json!({"name": "beta"})).await;
    for own in [
        "auth/projects".to_owned(),
        "auth/domains".to_owned(),
        "auth/system".to_owned(),
        "auth/catalog".to_owned(),
        format!("users/{alice}"),
        format!("projects/{alpha}"),
        format!("users/{alice}/projects"),
        format!("users/{alice}/application_credentials"),
        "OS-CREDENTIAL/credentials".to_owned(),
    ] {
        server.seen(&token, &own).await.is(200);
    }
    let member = &cast.member;
    for (method, path, action) in [
        ("GET", "users".to_owned(), "list_users"),
        ("GET", "users?name=alice".to_owned(), "list_users"),
        ("GET", format!("users/{bob}"), "get_user"),
        ("GET", "users/alice".to_owned(), "get_user"),
        ("POST", "users".to_owned(), "create_user"),
        ("PATCH", format!("users/{alice}"), "update_user"),
        ("DELETE", format!("users/{alice}"), "delete_user"),
        ("POST", format!("users/{bob}/password"), "change_password"),
        ("GET", format!("users/{bob}/projects"), "list_user_projects"),
        ("GET", "projects".to_owned(), "list_projects"),
        ("GET", format!("projects/{beta}"), "get_project"),
        ("POST", "projects".to_owned(), "create_project"),
        ("PATCH", format!("projects/{alpha}"), "update_project"),
        ("DELETE", format!("projects/{alpha}"), "delete_project"),
        ("GET", "roles".to_owned(), "list_roles"),
        ("GET", format!("roles/{member}"), "get_role"),
        ("POST", "roles".to_owned(), "create_role"),
        ("DELETE", format!("roles/{member}"), "delete_role"),
        ("PUT", format!("projects/{alpha}/users/{alice}/roles/{member}"), "create_grant"),
        ("DELETE", format!("projects/{alpha}/users/{alice}/roles/{member}"), "revoke_grant"),
        ("GET", format!("projects/{alpha}/users/{alice}/roles"), "list_grants"),
        ("GET", "role_assignments".to_owned(), "list_role_assignments"),
        ("GET", "domains".to_owned(), "list_domains"),
        ("GET", "regions".to_owned(), "list_regions"),
        ("GET", "services".to_owned(), "list_services"),
        ("GET", "endpoints".to_owned(), "list_endpoints"),
        ("GET", format!("users/{bob}/application_credentials"), "list_application_credentials"),
        ("POST", format!("users/{bob}/application_credentials"), "create_application_credential"),
        ("DELETE", format!("users/{bob}/application_credentials/x"), "delete_application_credential"),
        ("GET", format!("OS-CREDENTIAL/credentials?user_id={bob}"), "list_credentials"),
    ] {
        let mut ask = server.ask(method, &format!("/identity/v3/{path}")).by(&token);
        if ["POST", "PATCH"].contains(&method) {
            let passwords = json!({"password": PASSWORD, "original_password": PASSWORD});
            let more = if path.starts_with("users") && !path.ends_with("credentials") { passwords } else { json!({}) };
            let fields = with(json!({"name": "n"}), more);
            let kind = match path.split('/').next().unwrap() {
                _ if path.ends_with("credentials") => "application_credential",
                "users" => "user",
                "projects" => "project",
                _ => "role",
            };
            ask = ask.json(&json!({ kind: fields }));
        }
        let said = refusal(&ask.await, 403);
        assert_eq!(
            said,
            format!("You are not authorized to perform the requested action: identity:{action}."),
            "{method} {path}"
        );
    }
    // all that was refused has changed nothing
    assert_eq!(cast.enter(&server).await.len(), 64);
    cast.volumes(&server, &token).await.is(200);
    server.seen(&cast.admin, "users").await.is(200);
}

#[apply(both_engines!)]
async fn an_application_credential_is_made_listed_shown_and_deleted_by_whose_it_is(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let path = cast.credentials();
    let sent = json!({"name": "ci", "description": null, "secret": null, "roles": [], "access_rules": [], "unrestricted": false,
        "expires_at": null});
    let made = cast.credential(&server, &token, sent).await;
    let id = made["id"].as_str().unwrap();
    let mut shown = made.clone();
    assert_eq!(shown.as_object_mut().unwrap().remove("secret").unwrap().as_str().unwrap().len(), 86);
    let role = |role: &Value| role["name"].as_str().unwrap().to_owned();
    let mut roles: Vec<String> = shown["roles"].as_array().unwrap().iter().map(role).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["member", "reader"], "those of the token");
    for (key, value) in [("name", json!("ci")), ("user_id", json!(cast.alice)), ("project_id", json!(cast.alpha))] {
        assert_eq!(shown[key], value);
    }
    for (key, value) in
        [("system", Value::Null), ("unrestricted", json!(false)), ("expires_at", Value::Null), ("description", Value::Null)]
    {
        assert_eq!(shown.get(key), Some(&value), "{key}");
    }
    let get = async |by: &str, path: &str| server.get(path).by(by).await;
    for by in [&token, &cast.admin] {
        assert_eq!(get(by, &path).await.is(200).rows("application_credentials"), [shown.clone()]);
        assert_eq!(get(by, &format!("{path}/{id}")).await.is(200).one("application_credential"), shown);
    }
    // as the CLI finds it by its name
    let missing = get(&token, &format!("{path}/ci?user_id={}", cast.alice)).await;
    assert_eq!(refusal(&missing, 404), "Could not find Application Credential: ci.");
    assert_eq!(get(&token, &format!("{path}?name=ci")).await.rows("application_credentials").len(), 1);
    let post = async |by: &str, fields: Value| server.post(&path, json!({"application_credential": fields})).by(by).await;
    assert!(refusal(&post(&token, json!({"name": "ci"})).await, 409).contains("Duplicate entry found with name ci"));
    for (wrong, what) in [
        (json!({"name": " "}), "`application_credential.name`"),
        (json!({"name": "n", "access_rules": [{"path": "/v3", "method": "GET", "service": "volumev3"}]}), "access_rules"),
        (json!({"name": "n", "roles": [{"name": "admin"}]}), "`application_credential.roles`"),
        (json!({"name": "n", "roles": [{"name": "reader"}, {"name": "admin"}]}), "`application_credential.roles`"),
        (
            json!({"name": "n", "roles": [{"name": "admin"}, {"id": cast.member, "name": "reader"}]}),
            "`application_credential.roles`",
        ),
        (json!({"name": "n", "roles": [{}]}), "`application_credential.roles`"),
        (json!({"name": "n", "expires_at": "2020-01-01T00:00:00"}), "expires_at"),
        (json!({"name": "n", "expires_at": "soon"}), "expires_at"),
        (json!({"description": "d"}), "Expecting to find name in application_credential."),
    ] {
        let said = refusal(&post(&token, wrong).await, 400);
        assert!(said.contains(what), "{said}");
    }
    let twice = json!({"name": "twice", "roles": [{"name": "reader"}, {"name": "reader"}]});
    assert_eq!(post(&token, twice).await.is(201).one("application_credential")["roles"].as_array().unwrap().len(), 1);
    refusal(&post(&cast.admin, json!({"name": "n"})).await, 403);
    let bob = server.make(&cast.admin, "user", json!({"name": "bob", "password": PASSWORD})).await;
    server.ask("PUT", &grant(&cast.alpha, &bob, &cast.member)).by(&cast.admin).await.is(204);
    let bobs = server.enter("bob", PASSWORD, "alpha").await;
    for path in [format!("{path}/{id}"), format!("/identity/v3/users/{bob}/application_credentials/{id}")] {
        let answers = [get(&bobs, &path).await, server.delete(&path).by(&bobs).await];
        assert!(answers.iter().all(|answer| [403, 404].contains(&answer.status)), "{path}: {} {}", answers[0], answers[1]);
    }
    server.delete(&format!("{path}/{id}")).by(&token).await.is(204);
    refusal(&server.delete(&format!("{path}/{id}")).by(&token).await, 404);
    post(&token, json!({"name": "ci"})).await.is(201);
}

#[apply(both_engines!)]
async fn who_has_signed_in_by_a_credential_makes_no_other_unless_it_says_so(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    for (name, unrestricted, status) in [("less", false, 403), ("more", true, 201)] {
        let made = cast.credential(&server, &token, json!({"name": name, "unrestricted": unrestricted})).await;
        let form = json!({"id": made["id"], "secret": made["secret"]});
        let answer = server.sign_in(by_credential(&form)).await;
        let by = token_of(&answer);
        assert_eq!(answer.one("token")["application_credential"]["restricted"], !unrestricted);
        let body = json!({"application_credential": {"name": format!("by {name}")}});
        assert_eq!(server.post(&cast.credentials(), body).by(&by).await.status, status, "{name}");
        let body = json!({"credential": {"description": name}});
        assert_eq!(server.post(KEYS, body).by(&by).await.status, 403, "{name}: a key has all of the user's roles, everywhere");
        let path = format!("{}/{}", cast.credentials(), made["id"].as_str().unwrap());
        let expected = if status == 403 { 403 } else { 204 };
        assert_eq!(server.delete(&path).by(&by).await.status, expected, "{name}");
    }
}

#[apply(both_engines!)]
async fn an_access_key_shows_its_secret_once_and_is_a_users_own(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let body = json!({"credential": {"user_id": cast.alice, "description": "sdk"}});
    let made = server.post(KEYS, body.clone()).by(&token).await.is(201).one("credential");
    let (access, secret) = (made["access"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(access.len() == 20 && secret.len() == 40, "{made}");
    assert_eq!(
        (&made["user_id"], &made["description"], &made["status"]),
        (&json!(cast.alice), &json!("sdk"), &json!("active"))
    );
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let one = format!("{KEYS}/{access}");
    for by in [&token, &cast.admin] {
        assert_eq!(server.get(&one).by(by).await.is(200).one("credential"), shown);
    }
    assert_eq!(server.get(KEYS).by(&token).await.rows("credentials"), [shown.clone()]);
    assert!(server.get(KEYS).by(&cast.admin).await.rows("credentials").is_empty(), "the admin's own");
    let hers = server.get(&format!("{KEYS}?user_id={}", cast.alice)).by(&cast.admin).await.rows("credentials");
    assert_eq!(hers, [shown]);
    server.make(&cast.admin, "user", json!({"name": "bob", "password": PASSWORD})).await;
    let bob = token_of(&server.sign_in(by_password(named("bob"), PASSWORD, None)).await);
    refusal(&server.post(KEYS, body).by(&bob).await, 403);
    for answer in [server.get(&one).by(&bob).await, server.delete(&one).by(&bob).await] {
        assert!([403, 404].contains(&answer.status), "{answer}");
    }
    let nobodys = json!({"credential": {"user_id": "gone"}});
    assert_eq!(refusal(&server.post(KEYS, nobodys).by(&cast.admin).await, 404), "Could not find user: gone.");
    server.delete(&one).by(&token).await.is(204);
    assert_eq!(refusal(&server.delete(&one).by(&cast.admin).await, 404), format!("Could not find access key: {access}."));
    assert!(server.get(KEYS).by(&token).await.rows("credentials").is_empty());
}

fn acts(server: &BuiltIn) -> Vec<Value> {
    let output = binary::run(&["acts", "--database-url", &server.database.url], "");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[apply(both_engines!)]
async fn the_history_names_who_did_what_to_whom_and_no_secret(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    let admin = server.validate(&cast.admin, &cast.admin).await.one("token")["user"]["id"].clone();
    let made = cast.credential(&server, &token, json!({"name": "ci"})).await;
    let refused = [
        server.post("/identity/v3/users", json!({"user": {"name": "n", "password": PASSWORD}})).by(&token).await.is(403),
        server.patch(&token, "user", &cast.alice, json!({"enabled": false})).await.is(403),
        server.delete(&format!("/identity/v3/projects/{}", cast.alpha)).by(&token).await.is(403),
        server.delete("/identity/v3/users/gone").by(&cast.admin).await.is(404),
    ];
    server.delete(TOKENS).by(&cast.admin).header("X-Subject-Token", &token).await.is(204);
    let all = acts(&server);
    let told = |act: &Value| {
        let text = |key: &str| act[key].as_str().unwrap_or_default().to_owned();
        [text("action"), text("outcome"), text("kind"), text("id"), text("user_id")]
    };
    let assignment = format!("{} {} {}", cast.alpha, cast.alice, cast.member);
    let (admin, alice) = (admin.as_str().unwrap(), &*cast.alice);
    let id = made["id"].as_str().unwrap();
    let expected = [
        ["identity:create_project", "done", "project", &cast.alpha, admin],
        ["identity:create_user", "done", "user", alice, admin],
        ["identity:create_grant", "done", "role assignment", &assignment, admin],
        ["identity:create_application_credential", "done", "application", id, alice],
        ["identity:create_user", "forbidden", "user", "", alice],
        ["identity:update_user", "forbidden", "user", alice, alice],
        ["identity:delete_project", "forbidden", "project", &cast.alpha, alice],
        ["identity:delete_user", "not_found", "user", "gone", admin],
    ];
    let found: Vec<_> = all.iter().map(told).collect();
    assert_eq!(found[..found.len() - 1], expected.map(|row| row.map(str::to_owned)));
    let last = &found[found.len() - 1];
    assert_eq!(last[..3], ["identity:revoke_token", "done", "token"].map(str::to_owned));
    let act_of = |answer: &Answer| all.iter().filter(|act| act["request_id"] == answer.request_id()).count();
    assert!(refused.iter().all(|answer| act_of(answer) == 1));
    let text = json!(all).to_string();
    for secret in [&*token, &*cast.admin, PASSWORD, made["secret"].as_str().unwrap(), "argon2"] {
        assert!(!text.contains(secret), "{secret} is in the history");
    }
}
