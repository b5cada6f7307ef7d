//! Users, projects and roles as an admin sees to them, by the requests that the openstack CLI and tempest send.

use crate::support::identity::{BUILT_IN, BuiltIn, Cast, PASSWORD, by_password, grant, named, refusal, token_of};
use crate::support::{Answer, TestServer, Value, apply, both_engines, json, new_id};

/// An object without its links, which must be its own.
fn without_links(answer: &Answer, kind: &str, base: &str) -> Value {
    let mut shown = answer.one(kind);
    let links = shown.as_object_mut().unwrap().remove("links").unwrap();
    let id = shown["id"].as_str().unwrap();
    assert_eq!(links, json!({"self": format!("{base}/identity/v3/{kind}s/{id}")}));
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    shown
}

#[apply(both_engines!)]
async fn what_is_made_is_shown_with_the_keys_that_clients_know(server: BuiltIn) {
    let admin = server.admin().await;
    let default = json!({"domain_id": "default", "enabled": true, "options": {}});
    let project = json!({"description": "", "parent_id": "default", "is_domain": false, "tags": []});
    let role = json!({"domain_id": null, "description": null, "options": {}});
    let user = json!({"password_expires_at": null});
    let merged = |a: &Value, b: &Value| crate::support::with(a.clone(), b.clone());
    for (kind, sent, more) in [
        ("project", json!({"name": "alpha"}), merged(&default, &project)),
        (
            "project",
            json!({"name": "beta", "description": "b", "domain_id": "default", "enabled": false}),
            merged(&merged(&default, &project), &json!({"description": "b", "enabled": false})),
        ),
        ("user", json!({"name": "alice", "password": PASSWORD}), merged(&default, &user)),
        (
            "user",
            json!({"name": "bob", "password": PASSWORD, "domain_id": "default", "enabled": true, "email": "b@x", "default_project_id": "p"}),
            merged(&merged(&default, &user), &json!({"email": "b@x", "default_project_id": "p"})),
        ),
        ("role", json!({"name": "vault"}), role.clone()),
        ("role", json!({"name": "safe", "description": "d", "domain_id": null}), merged(&role, &json!({"description": "d"}))),
    ] {
        let path = format!("/identity/v3/{kind}s");
        let answer = server.post(&path, json!({ kind: sent })).by(&admin).await.is(201);
        let shown = without_links(&answer, kind, &server.base);
        let id = shown["id"].as_str().unwrap();
        assert_eq!(shown, merged(&more, &json!({"id": id, "name": sent["name"]})), "{kind}");
        assert_eq!(server.seen(&admin, &format!("{kind}s/{id}")).await.is(200).one(kind), answer.one(kind));
        let name = sent["name"].as_str().unwrap();
        // as every client finds by name: in the id's place, then in the list
        let missing = server.seen(&admin, &format!("{kind}s/{name}")).await;
        assert_eq!(refusal(&missing, 404), format!("Could not find {kind}: {name}."));
        for query in [format!("?name={name}"), format!("?name={name}&domain_id=default")] {
            let list = server.seen(&admin, &format!("{kind}s{query}")).await.is(200);
            let expected = usize::from(kind != "role" || !query.contains("domain"));
            assert_eq!(list.rows(&format!("{kind}s")).len(), expected, "{list}");
            assert!(list.json()["links"].is_object(), "{list}");
        }
        let taken = server.post(&path, json!({ kind: sent })).by(&admin).await;
        assert_eq!(
            refusal(&taken, 409),
            format!(
                "Conflict occurred attempting to store {kind} - Duplicate entry found with name {name} at domain ID default."
            )
        );
    }
    for (query, names) in [("", 3), ("?enabled=false", 1), ("?enabled=True", 2), ("?domain_id=other", 0), ("?name=ALPHA", 0)] {
        let rows = server.seen(&admin, &format!("projects{query}")).await.is(200).rows("projects");
        assert_eq!(rows.len(), names, "{query}: {rows:?}");
    }
    let roles = server.seen(&admin, "roles").await.is(200).rows("roles");
    let names: Vec<&str> = roles.iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["admin", "manager", "member", "reader", "safe", "vault"]);
}

#[apply(both_engines!)]
async fn a_change_changes_what_it_names_and_a_null_takes_away(server: BuiltIn) {
    let admin = server.admin().await;
    let id =
        server.make(&admin, "user", json!({"name": "alice", "email": "a@x", "description": "d", "password": PASSWORD})).await;
    let patch = async |fields: Value| server.patch(&admin, "user", &id, fields).await.is(200).one("user");
    let shown = patch(json!({"email": "b@x"})).await;
    assert_eq!((&shown["email"], &shown["description"], &shown["name"]), (&json!("b@x"), &json!("d"), &json!("alice")));
    let shown = patch(json!({"email": null, "name": "alicia", "enabled": null})).await;
    assert!(shown.get("email").is_none() && shown["name"] == "alicia" && shown["enabled"] == true, "{shown}");
    assert_eq!(patch(json!({})).await, shown);
    // what is nobody's to change
    let same = patch(json!({"id": new_id(), "links": {}, "domain_id": "default", "extra": {}, "options": {"x": 1}})).await;
    assert_eq!(same, shown);
    let scope = Some(json!("unscoped"));
    token_of(&server.sign_in(by_password(named("alicia"), PASSWORD, scope.clone())).await);
    patch(json!({"password": null})).await;
    token_of(&server.sign_in(by_password(named("alicia"), PASSWORD, scope)).await);
    server.make(&admin, "user", json!({"name": "alice"})).await;
    assert!(refusal(&server.patch(&admin, "user", &id, json!({"name": "alice"})).await, 409).contains("name alice at"));
    patch(json!({"name": "alicia"})).await;
    for kind in ["user", "project", "role"] {
        let unknown = server.patch(&admin, kind, "gone", json!({"description": "d"})).await;
        assert_eq!(refusal(&unknown, 404), format!("Could not find {kind}: gone."));
    }
}

#[apply(both_engines!)]
async fn what_nothing_can_be_called_is_refused(server: BuiltIn) {
    let admin = server.admin().await;
    let post = async |kind: &str, fields: Value| {
        server.post(&format!("/identity/v3/{kind}s"), json!({ kind: fields })).by(&admin).await
    };
    for (kind, most) in [("user", 255), ("project", 64), ("role", 255)] {
        let names = [String::new(), " \t".to_owned(), "x".repeat(most + 1), "nul\0".to_owned()];
        let id = server.make(&admin, kind, json!({"name": "é".repeat(most)})).await;
        for name in names {
            for answer in
                [post(kind, json!({ "name": name })).await, server.patch(&admin, kind, &id, json!({ "name": name })).await]
            {
                let said = refusal(&answer, 400);
                assert_eq!(said, format!("`{kind}.name` must be 1 to {most} characters, not all blank."), "{name:?}");
            }
        }
        let said = refusal(&post(kind, json!({"description": "d"})).await, 400);
        assert!(said.starts_with(&format!("Expecting to find name in {kind}. ")), "{said}");
        let said = refusal(&post(kind, json!({"name": "n", "domain_id": "other"})).await, 404);
        assert_eq!(said, "Could not find domain: other.");
        let said = refusal(&server.post(&format!("/identity/v3/{kind}s"), json!({})).by(&admin).await, 400);
        assert!(said.starts_with(&format!("Expecting to find {kind} in request body. ")), "{said}");
    }
    for wrong in [json!({"name": 7}), json!({"name": "n", "enabled": "yes"}), json!({"name": "n", "password": 12_345_678})] {
        refusal(&post("user", wrong).await, 400);
    }
}

#[apply(both_engines!)]
async fn a_password_is_long_enough_and_not_one_that_everybody_tries(server: BuiltIn) {
    let admin = server.admin().await;
    let post = async |password: &str| {
        let name = new_id();
        server.post("/identity/v3/users", json!({"user": {"name": name, "password": password}})).by(&admin).await
    };
    for wrong in ["", "seven77", &"x".repeat(129), "nul\0nul\0nul", "password", "PASSWORD", "12345678"] {
        let answer = post(wrong).await;
        let said = refusal(&answer, 400);
        assert!(said.contains("password") && said.ends_with("Choose another."), "{said}");
        assert!(wrong.len() < 2 || wrong == "password" || !answer.text().contains(wrong), "{answer}");
    }
    for right in ["eight888", "ééééűűűű", &"é".repeat(128), "!#%&*+=@^_~", "        "] {
        post(right).await.is(201);
    }
    let fixture = TestServer::with(server.database.engine, &[&BUILT_IN[..], &["--password-length=1"]].concat()).await;
    let admin = fixture.admin().await;
    for right in ["x", "password"] {
        fixture.make(&admin, "user", json!({"name": right, "password": right})).await;
        token_of(&fixture.sign_in(by_password(named(right), right, None)).await);
    }
    refusal(&fixture.post("/identity/v3/users", json!({"user": {"name": "n", "password": ""}})).by(&admin).await, 400);
}

#[apply(both_engines!)]
async fn a_role_is_given_and_taken_and_asked_for(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let admin = &cast.admin;
    let manager = server.role(admin, "manager").await;
    let path = grant(&cast.alpha, &cast.alice, &manager);
    let ask = async |method: &str, path: &str| server.ask(method, path).by(admin).await;
    assert_eq!(ask("HEAD", &path).await.status, 404);
    refusal(&ask("DELETE", &path).await, 404);
    for _ in 0..2 {
        ask("PUT", &path).await.is(204);
    }
    ask("HEAD", &path).await.is(204);
    ask("GET", &path).await.is(204);
    let roles = server.seen(admin, &format!("projects/{}/users/{}/roles", cast.alpha, cast.alice)).await.is(200).rows("roles");
    let names: Vec<&str> = roles.iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["manager", "member"]);
    for (project, user, role, missing) in [
        ("gone", &*cast.alice, &*manager, "project"),
        (&*cast.alpha, "gone", &*manager, "user"),
        (&*cast.alpha, &*cast.alice, "gone", "role"),
    ] {
        for method in ["PUT", "DELETE"] {
            let said = refusal(&ask(method, &grant(project, user, role)).await, 404);
            assert_eq!(said, format!("Could not find {missing}: gone."));
        }
    }
    ask("DELETE", &path).await.is(204);
    refusal(&ask("DELETE", &path).await, 404);
    let token = cast.enter(&server).await;
    cast.volumes(&server, &token).await.is(200);
}

#[apply(both_engines!)]
async fn role_assignments_are_listed_as_they_are_asked_for(server: BuiltIn) {
    let cast = Cast::of(&server).await;
    let reader = server.role(&cast.admin, "reader").await;
    let list = async |query: &str| {
        server.seen(&cast.admin, &format!("role_assignments{query}")).await.is(200).rows("role_assignments")
    };
    let (alpha, alice, member) = (&cast.alpha, &cast.alice, &cast.member);
    let link = format!("{}{}", server.base, cast.grant());
    let plain = [json!({
        "links": {"assignment": link}, "scope": {"project": {"id": alpha}}, "user": {"id": alice}, "role": {"id": member},
    })];
    assert_eq!(list(&format!("?user.id={alice}")).await, plain);
    assert_eq!(list(&format!("?scope.project.id={alpha}&user.id={alice}&role.id={member}")).await, plain);
    assert_eq!(list(&format!("?scope.project.id={alpha}&include_names=False&effective=0")).await, plain);
    assert_eq!(list("").await.len(), 2, "the admin's beside it");
    for nothing in ["?user.id=gone", "?scope.project.id=gone", "?role.id=gone"] {
        assert!(list(nothing).await.is_empty());
    }
    assert!(list(&format!("?user.id={alice}&role.id={reader}")).await.is_empty());
    let domain = json!({"id": "default", "name": "Default"});
    let with_names = &list(&format!("?user.id={alice}&include_names=True")).await[0];
    assert_eq!(with_names["user"], json!({"id": alice, "name": "alice", "domain": domain}));
    assert_eq!(with_names["scope"]["project"], json!({"id": alpha, "name": "alpha", "domain": domain}));
    assert_eq!(with_names["role"], json!({"id": member, "name": "member"}));
    let effective = list(&format!("?user.id={alice}&effective=True&include_names=True")).await;
    let mut names: Vec<&str> = effective.iter().map(|row| row["role"]["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["member", "reader"]);
    assert_eq!(list(&format!("?user.id={alice}&role.id={reader}&effective")).await.len(), 1);
}

#[apply(both_engines!)]
async fn what_there_is_one_of_is_found_by_its_id_and_its_name(server: BuiltIn) {
    let admin = server.admin().await;
    for (list, one, by_id, name, count) in [
        ("domains", "domain", "default", "name=Default", 1),
        ("regions", "region", "RegionOne", "description=x", 1),
        ("services", "service", "", "type=block-storage", 5),
        ("endpoints", "endpoint", "", "interface=public", 15),
    ] {
        let all = server.seen(&admin, list).await.is(200).rows(list);
        assert_eq!(all.len(), count, "{list}");
        for row in &all {
            let id = row["id"].as_str().unwrap();
            assert_eq!(server.seen(&admin, &format!("{list}/{id}")).await.is(200).one(one), *row);
        }
        assert!(by_id.is_empty() || all[0]["id"] == by_id, "{all:?}");
        let found = server.seen(&admin, &format!("{list}?{name}")).await.is(200).rows(list).len();
        let expected = [("domains", 1), ("regions", 0), ("services", 1), ("endpoints", 5)];
        assert!(expected.contains(&(list, found)), "{list}: {found}");
        let missing = server.seen(&admin, &format!("{list}/Gone")).await;
        assert_eq!(refusal(&missing, 404), format!("Could not find {one}: Gone."));
        assert_eq!(server.post(&format!("/identity/v3/{list}"), json!({})).by(&admin).await.status, 405, "{list}");
    }
    let services = server.seen(&admin, "services?type=volumev3").await.rows("services");
    let id = services[0]["id"].as_str().unwrap();
    let endpoints = server.seen(&admin, &format!("endpoints?service_id={id}&interface=public&region_id=RegionOne")).await;
    let [endpoint] = &endpoints.rows("endpoints")[..] else { panic!("{endpoints}") };
    assert_eq!(endpoint["url"], format!("{}/v3/$(project_id)s", server.base));
}
