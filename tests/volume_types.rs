//! Volume types as records: made, changed and deleted by admins, seen by those whom they are open to.

use futures_util::future::join;

use crate::support::{ADMIN, Answer, Engine, Replicas, TestServer, Value, apply, both_engines, json, new_id, stored_acts};

/// A type that was made, as an admin is shown it.
fn shown(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "is_public": true, "description": null, "extra_specs": {}, "qos_specs_id": null,
        "os-volume-type-access:is_public": true,
    })
}

/// The names of the types that a list shows to whoever has this token.
async fn names(server: &TestServer, token: &str, query: &str) -> Vec<String> {
    let project = token.split_once(':').unwrap().1;
    let rows = server.get(&format!("/v3/{project}/types{query}")).by(token).at("3.52").await.is(200).rows("volume_types");
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).filter(|name| !is_of_settings(name)).collect()
}

fn is_of_settings(name: &str) -> bool {
    name == "__DEFAULT__" || name.contains("SS") || name.contains("SA")
}

async fn create(server: &TestServer, fields: Value) -> Answer {
    server.post("/v3/alpha/volumes", json!({"volume": fields})).at("3.71").await
}

#[apply(both_engines!)]
async fn an_admin_makes_a_type_and_everybody_sees_it(server: TestServer) {
    for (base, admin) in [("/v2/alpha", ADMIN), ("/v3/alpha", ADMIN), ("/v3", ADMIN)] {
        let name = format!("gold {base}");
        let answer = server.post(&format!("{base}/types"), json!({"volume_type": {"name": name}})).by(admin).await.is(200);
        let made = answer.one("volume_type");
        let id = made["id"].as_str().unwrap();
        assert_eq!(made, shown(id, &name));
        assert_eq!(server.get(&format!("{base}/types/{id}")).by(admin).await.is(200).one("volume_type"), made);
        let mut plain = made.clone();
        plain.as_object_mut().unwrap().shift_remove("qos_specs_id");
        assert_eq!(server.get(&format!("{base}/types/{id}")).await.is(200).one("volume_type"), plain);
    }
    assert_eq!(names(&server, "alice:beta", "").await, ["gold /v2/alpha", "gold /v3", "gold /v3/alpha"]);
    let acts = stored_acts(&server.database.url).await;
    let made: Vec<_> = acts.iter().map(|act| (act.action.as_str(), act.kind.as_str(), act.record.is_some())).collect();
    assert_eq!(made, [("types:create", "volume type", true); 3]);
}

#[apply(both_engines!)]
async fn a_name_is_there_once_and_has_1_to_255_characters(server: TestServer) {
    let make = async |fields: Value| server.types("POST", "", json!({"volume_type": fields})).await;
    let longest = "é".repeat(255);
    for name in ["gold", &longest] {
        make(json!({"name": name, "description": null, "extra_specs": null})).await.is(200);
        let message = make(json!({"name": format!(" {name} ")})).await.fails(409, "EVS.5400");
        assert!(message.starts_with("Volume Type ") && message.contains(" already exists."), "{message}");
    }
    for (fields, says) in [
        (json!({}), "`volume_type.name` is missing"),
        (json!({"name": null}), "`volume_type.name` is missing"),
        (json!({"name": " "}), "Volume type name can not be empty."),
        (json!({"name": "é".repeat(256)}), "name has 256 characters"),
        (json!({"name": 7}), "name is a number"),
        (json!({"name": "n", "description": []}), "description is a list"),
        (json!({"name": "n", "is_public": false}), "Unknown field `volume_type.is_public`"),
        (json!({"name": "n", "os-volume-type-access:is_public": "perhaps"}), "os-volume-type-access:is_public is a string"),
        (json!({"name": "n", "extra_specs": {"k": 1}}), "extra_specs.k is a number"),
        (json!({"name": "n", "extra_specs": {"a/b": "1"}}), "extra_specs has the key `a/b`"),
    ] {
        let message = make(fields).await.fails(400, "EVS.5400");
        assert!(message.contains(says), "{message}");
    }
}

#[apply(both_engines!)]
async fn of_two_who_make_the_same_name_at_once_one_does(replicas: Replicas) {
    let [one, other] = [replicas.nth(0), replicas.nth(1)];
    for round in 0..8 {
        let body = json!({"volume_type": {"name": format!("gold {round}")}});
        let both = join(one.types("POST", "", body.clone()).into_future(), other.types("POST", "", body).into_future()).await;
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", both.0, both.1);
    }
}

#[apply(both_engines!)]
async fn what_is_given_of_a_type_changes_and_its_volumes_are_called_after_it(server: TestServer) {
    let id = server.volume_type(json!({"name": "gold", "description": "d", "extra_specs": {"k": "v"}})).await;
    let volume = create(&server, json!({"size": 1, "volume_type": id})).await.is(202).one("volume");
    assert_eq!((&volume["volume_type"], &volume["volume_type_id"]), (&json!("gold"), &json!(id)));
    let change = async |fields: Value| server.types("PUT", &format!("/{id}"), json!({"volume_type": fields})).await;
    let answer = change(json!({"name": "silver"})).await.is(200).one("volume_type");
    assert_eq!(
        (&answer["name"], &answer["description"], &answer["extra_specs"]["k"]),
        (&json!("silver"), &json!("d"), &json!("v"))
    );
    for (fields, key, value) in [
        (json!({"description": "", "name": null}), "description", json!("")),
        (json!({"is_public": "false"}), "is_public", json!(false)),
        (json!({"is_public": true}), "os-volume-type-access:is_public", json!(true)),
    ] {
        assert_eq!(change(fields).await.is(200).one("volume_type")[key], value);
    }
    let path = format!("/v3/alpha/volumes/{}", volume["id"].as_str().unwrap());
    let now = server.get(&path).at("3.63").await.is(200).one("volume");
    assert_eq!((&now["volume_type"], &now["volume_type_id"]), (&json!("silver"), &json!(id)));
    let listed = server.get("/v3/alpha/volumes/detail?volume_type=silver").at("3.63").await.is(200).rows("volumes");
    assert_eq!((listed.len(), &listed[0]["volume_type_id"]), (1, &json!(id)));
    let disks = server.get(&format!("/v2/alpha/cloudvolumes/detail?volume_type_id={id}")).await.is(200).json();
    assert_eq!(disks["count"], 1);

    server.volume_type(json!({"name": "gold"})).await;
    let message = change(json!({"name": "gold"})).await.fails(409, "EVS.5400");
    assert!(message.starts_with("Volume Type gold already exists."), "{message}");
    for (fields, says) in [
        (json!({}), "Specify volume type name, description, is_public or a combination thereof."),
        (json!({"name": null}), "Specify volume type name, description, is_public or a combination thereof."),
        (json!({"name": ""}), "Volume type name can not be empty."),
        (json!({"is_public": 1}), "is_public is a number"),
    ] {
        let message = change(fields).await.fails(400, "EVS.5400");
        assert!(message.contains(says), "{message}");
    }
    let nowhere = server.types("PUT", &format!("/{}", new_id()), json!({"volume_type": {"name": "x"}})).await;
    nowhere.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_type_is_deleted_unless_a_volume_is_of_it_or_it_is_the_default_one(server: TestServer) {
    let id = server.volume_type(json!({"name": "gold"})).await;
    let volume = create(&server, json!({"size": 1, "volume_type": "gold"})).await.is(202).one("volume");
    let delete = async |id: &str| server.types("DELETE", &format!("/{id}"), Value::Null).await;
    let message = delete(&id).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Target volume type is still in use."), "{message}");
    server.delete(&format!("/v3/alpha/volumes/{}", volume["id"].as_str().unwrap())).await.is(202);
    delete(&id).await.is(202);
    for gone in [id.clone(), new_id(), "gold".to_owned()] {
        let message = delete(&gone).await.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Volume type {gone} could not be found.")), "{message}");
    }
    create(&server, json!({"size": 1, "volume_type": "gold"})).await.fails(404, "EVS.5404");
    let default = server.get("/v3/types/default").await.is(200).one("volume_type")["id"].as_str().unwrap().to_owned();
    let message = delete(&default).await.fails(400, "EVS.5400");
    assert!(message.contains("is a default volume type and cannot be deleted."), "{message}");
}

#[apply(both_engines!)]
async fn whoever_makes_a_volume_while_its_type_is_deleted_or_renamed_has_one_of_a_type_that_is_there(replicas: Replicas) {
    let [one, other] = [replicas.nth(0), replicas.nth(1)];
    for round in 0..8 {
        let name = format!("gold {round}");
        let id = one.volume_type(json!({"name": name})).await;
        let (made, deleted) = join(
            create(one, json!({"size": 1, "volume_type": name})),
            other.types("DELETE", &format!("/{id}"), Value::Null).into_future(),
        )
        .await;
        match (made.status, deleted.status) {
            (202, 400) | (404, 202) => {}
            statuses => panic!("{statuses:?}: {made} {deleted}"),
        }
        let name = format!("silver {round}");
        let id = one.volume_type(json!({"name": name})).await;
        let source = create(one, json!({"size": 1, "volume_type": name})).await.is(202).one("volume");
        let renames = json!({"volume_type": {"name": format!("bronze {round}")}});
        let (copied, renamed) = join(
            create(one, json!({"source_volid": source["id"]})),
            other.types("PUT", &format!("/{id}"), renames).into_future(),
        )
        .await;
        renamed.is(200);
        let copy = copied.is(202).one("volume")["id"].as_str().unwrap().to_owned();
        let shown = other.get(&format!("/v3/alpha/volumes/{copy}")).at("3.63").await.is(200).one("volume");
        assert_eq!((&shown["volume_type"], &shown["volume_type_id"]), (&json!(format!("bronze {round}")), &json!(id)));
    }
}

#[apply(both_engines!)]
async fn extra_specs_are_set_and_deleted_one_by_one_or_several_at_once(server: TestServer) {
    let id = server.volume_type(json!({"name": "gold", "extra_specs": {"a": "1"}})).await;
    let path = format!("/{id}/extra_specs");
    let ask = async |method: &str, more: &str, body: Value| server.types(method, &format!("{path}{more}"), body).await;
    let more = json!({"extra_specs": {"multiattach": "<is> True", "capabilities:volume backend-name_1.x": ""}});
    assert_eq!(ask("POST", "", more.clone()).await.is(200).json(), more);
    assert_eq!(ask("PUT", "/a", json!({"a": "2"})).await.is(200).json(), json!({"a": "2"}));
    assert_eq!(ask("GET", "/a", Value::Null).await.is(200).json(), json!({"a": "2"}));
    let all = json!({"extra_specs": {"a": "2", "multiattach": "<is> True", "capabilities:volume backend-name_1.x": ""}});
    assert_eq!(ask("GET", "", Value::Null).await.is(200).json(), all);

    // others than admins see what tells them what volumes can do
    let plain = server.get(&format!("/v3/alpha/types{path}")).await.is(200);
    assert_eq!(plain.json(), json!({"extra_specs": {"multiattach": "<is> True"}}));
    let shown = server.get(&format!("/v3/alpha/types/{id}")).await.is(200).one("volume_type");
    assert_eq!(shown["extra_specs"], json!({"multiattach": "<is> True"}));
    let message = server.get(&format!("/v3/alpha/types{path}/a")).await.fails(404, "EVS.5404");
    assert!(message.starts_with(&format!("Volume Type {id} has no extra specs with key a.")), "{message}");
    let filter = async |token: &str, specs: &str| names(&server, token, &format!("?extra_specs={specs}")).await.len();
    assert_eq!(filter(ADMIN, "%7B'a':'2'%7D").await, 1);
    assert_eq!(filter(ADMIN, "%7B'a':'3'%7D").await, 0);
    assert_eq!(filter("alice:alpha", "%7B'a':'2'%7D").await, 0);
    assert_eq!(filter("alice:alpha", "%7B'multiattach':'<is>%20True'%7D").await, 1);

    ask("DELETE", "/a", Value::Null).await.is(202);
    for method in ["DELETE", "GET"] {
        let message = ask(method, "/a", Value::Null).await.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Volume Type {id} has no extra specs with key a.")), "{message}");
    }
    let long = "x".repeat(256);
    for body in [
        json!({"a": "1", "b": "2"}),
        json!({"b": "2"}),
        json!({}),
        json!([]),
        json!({"a": null}),
        json!({"a": 1}),
        json!({"a": long}),
    ] {
        ask("PUT", "/a", body).await.fails(400, "EVS.5400");
    }
    for specs in [json!({"a": 1}), json!({"": "1"}), json!({"ä": "1"}), json!({"a\n": "1"}), json!({long: "1"}), json!([])] {
        ask("POST", "", json!({"extra_specs": specs})).await.fails(400, "EVS.5400");
    }
    let many = |count: usize| (0..count).map(|n| (format!("k{n}"), json!("x".repeat(255)))).collect::<serde_json::Map<_, _>>();
    ask("DELETE", "/multiattach", Value::Null).await.is(202);
    ask("POST", "", json!({"extra_specs": many(127)})).await.is(200);
    let message = ask("PUT", "/more", json!({"more": "1"})).await.fails(400, "EVS.5400");
    assert!(message.contains("the type would have 129 extra specs; leave it at 128."), "{message}");
    let made = json!({"volume_type": {"name": "silver", "extra_specs": many(129)}});
    server.types("POST", "", made).await.fails(400, "EVS.5400");
    assert_eq!(names(&server, ADMIN, "").await, ["gold"], "a list has what carries much, too");
    let nowhere = format!("/{}/extra_specs", new_id());
    server.types("POST", &nowhere, json!({"extra_specs": {"a": "1"}})).await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_private_type_is_seen_and_used_by_those_it_is_open_to(server: TestServer) {
    let id = server.volume_type(json!({"name": "gold", "os-volume-type-access:is_public": false})).await;
    let act = async |action: &str, project: Value| {
        server.types("POST", &format!("/{id}/action"), json!({action: {"project": project}})).await
    };
    let path = format!("/v3/alpha/types/{id}");
    let use_it = async |named: &str| create(&server, json!({"size": 1, "volume_type": named})).await;
    for named in ["gold", &id] {
        let message = use_it(named).await.fails(404, "EVS.5404");
        assert!(message.contains(&format!("{named} could not be found.")), "{message}");
    }
    server.get(&path).await.fails(404, "EVS.5404");
    server.get(&format!("/v3/alpha/types?marker={id}")).await.fails(404, "EVS.5404");
    assert_eq!(names(&server, "alice:alpha", "").await, [""; 0]);
    // an admin sees those of its project, or asks for more
    for (query, found) in [("", 0), ("?is_public=true", 0), ("?is_public=none", 1), ("?is_public=False", 1)] {
        assert_eq!(names(&server, "admin:ops", query).await.len(), found, "{query}");
    }
    server.get(&path).by(ADMIN).await.is(200);

    act("addProjectAccess", json!("beta")).await.is(202);
    act("addProjectAccess", json!("alpha")).await.is(202);
    let message = act("addProjectAccess", json!("alpha")).await.fails(409, "EVS.5400");
    assert!(message.contains(&format!("{id} / alpha combination already exists.")), "{message}");
    let access = |project: &str| json!({"volume_type_id": id, "project_id": project});
    let listed = server.types("GET", &format!("/{id}/os-volume-type-access"), Value::Null).await.is(200);
    assert_eq!(listed.json(), json!({"volume_type_access": [access("alpha"), access("beta")]}));
    server.get(&path).await.is(200);
    use_it("gold").await.is(202);
    for token in ["alice:alpha", "alice:beta", ADMIN] {
        assert_eq!(names(&server, token, "").await, ["gold"], "{token}");
    }
    assert_eq!(names(&server, "alice:gamma", "").await, [""; 0]);

    act("removeProjectAccess", json!("alpha")).await.is(202);
    server.get(&path).await.fails(404, "EVS.5404");
    let message = act("removeProjectAccess", json!("alpha")).await.fails(404, "EVS.5404");
    assert!(message.contains("access not found"), "{message}");
    for project in [json!(""), json!("a/b"), json!(null), json!(7)] {
        act("addProjectAccess", project).await.fails(400, "EVS.5400");
    }
    server.types("PUT", &format!("/{id}"), json!({"volume_type": {"is_public": true}})).await.is(200);
    for action in ["addProjectAccess", "removeProjectAccess"] {
        let message = act(action, json!("beta")).await.fails(400, "EVS.5400");
        assert!(message.contains("Type access modification is not applicable to public volume type."), "{message}");
    }
    let message = server.types("GET", &format!("/{id}/os-volume-type-access"), Value::Null).await.fails(404, "EVS.5404");
    assert!(message.contains("Access list not available for public volume types."), "{message}");
    server
        .types("POST", &format!("/{}/action", new_id()), json!({"addProjectAccess": {"project": "beta"}}))
        .await
        .fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_volume_of_an_encrypted_type_is_encrypted_and_cannot_be_offered(server: TestServer) {
    let id = server.volume_type(json!({"name": "gold"})).await;
    let path = format!("/{id}/encryption");
    let ask = async |method: &str, more: &str, body: Value| server.types(method, &format!("{path}{more}"), body).await;
    assert_eq!(ask("GET", "", Value::Null).await.is(200).json(), json!({}));
    ask("GET", "/cipher", Value::Null).await.fails(404, "EVS.5404");
    let sent = json!({"provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", "key_size": 256});
    let made = ask("POST", "", json!({"encryption": sent})).await.is(200).one("encryption");
    let encryption_id = made["encryption_id"].as_str().unwrap();
    let with = |more: &[(&str, Value)]| {
        let mut all = sent.clone();
        all.as_object_mut().unwrap().extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        all
    };
    let named = [("volume_type_id", json!(id)), ("encryption_id", json!(encryption_id))];
    assert_eq!(made, with(&named));
    let whole = ask("GET", "", Value::Null).await.is(200).json();
    let dates = ["created_at", "updated_at", "deleted_at"].map(|key| (key, whole[key].clone()));
    assert_eq!(whole, with(&[&named[..], &dates, &[("deleted", json!(false))]].concat()));
    assert!(whole["created_at"].is_string() && whole["updated_at"].is_null() && whole["deleted_at"].is_null());
    assert_eq!(ask("GET", "/key_size", Value::Null).await.is(200).json(), json!({"key_size": 256}));
    let message = ask("POST", "", json!({"encryption": sent})).await.fails(400, "EVS.5400");
    assert!(message.starts_with(&format!("Volume type encryption for type {id} already exists.")), "{message}");
    let one = format!("/{encryption_id}");
    let changed = ask("PUT", &one, json!({"encryption": {"key_size": 512, "cipher": null}})).await.is(200).one("encryption");
    assert_eq!(changed, with(&[("key_size", json!(512))]));
    for (fields, says) in [
        (json!({"control_location": "front"}), "control_location must be one of front-end, back-end."),
        (json!({"key_size": -1}), "key_size is -1; give a whole number from 1"),
        (json!({"key_size": "many"}), "key_size is \"many\"; give a whole number from 1"),
        (json!({"provider": 1}), "provider is a number"),
        (json!({"deleted": true}), "Unknown field `encryption.deleted`"),
    ] {
        let message = ask("PUT", &one, json!({"encryption": fields})).await.fails(400, "EVS.5400");
        assert!(message.contains(says), "{message}");
    }

    for named in ["gold", &id] {
        let volume = create(&server, json!({"size": 1, "volume_type": named})).await.is(202).one("volume");
        assert_eq!((&volume["encrypted"], volume["encryption_key_id"].is_string()), (&json!(true), true));
        let offer = json!({"transfer": {"volume_id": volume["id"]}});
        let message = server.post("/v2/alpha/os-volume-transfer", offer).await.fails(400, "EVS.5400");
        assert!(message.contains("transferring encrypted volume is not supported"), "{message}");
    }
    for (method, verb, body) in [("PUT", "update", json!({"encryption": {"key_size": 1}})), ("DELETE", "delete", Value::Null)] {
        let message = ask(method, &one, body).await.fails(400, "EVS.5400");
        assert!(message.starts_with(&format!("Cannot {verb} encryption specs. Volume type in use.")), "{message}");
    }
    let plain = create(&server, json!({"size": 1})).await.is(202).one("volume");
    assert_eq!(plain["encrypted"], false);
    let default = server.get("/v3/types/default").await.is(200).one("volume_type")["id"].as_str().unwrap().to_owned();
    let message =
        server.types("POST", &format!("/{default}/encryption"), json!({"encryption": sent})).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Cannot create encryption specs. Volume type in use."), "{message}");
}

#[apply(both_engines!)]
async fn an_encryption_is_deleted_by_its_id(server: TestServer) {
    let made = server.full_type(ADMIN).await;
    let path = format!("/{}/encryption", made.id);
    for unknown in [new_id(), "luks".to_owned()] {
        for (method, body) in [("PUT", json!({"encryption": {"key_size": 1}})), ("DELETE", Value::Null)] {
            let message = server.types(method, &format!("{path}/{unknown}"), body).await.fails(404, "EVS.5404");
            assert!(message.contains(&format!("Volume type encryption for type {} does not exist.", made.id)), "{message}");
        }
    }
    server.types("DELETE", &format!("{path}/{}", made.encryption_id), Value::Null).await.is(202);
    assert_eq!(server.types("GET", &path, Value::Null).await.is(200).json(), json!({}));
    server.types("DELETE", &format!("{path}/{}", made.encryption_id), Value::Null).await.fails(404, "EVS.5404");
    for body in [json!({"provider": "luks"}), json!({"control_location": "front-end"}), json!({})] {
        server.types("POST", &path, json!({"encryption": body})).await.fails(400, "EVS.5400");
    }
}

#[apply(both_engines!)]
async fn what_the_settings_name_is_there_after_each_start_but_what_was_renamed_stays_so(engine: Engine) {
    let flags = ["--volume-types=gold,silver"];
    let server = TestServer::with(engine, &flags).await;
    let types = async |server: &TestServer| {
        let rows = server.get("/v3/types").await.is(200).rows("volume_types");
        rows.iter().map(|row| (row["name"].as_str().unwrap().to_owned(), row["id"].clone())).collect::<Vec<_>>()
    };
    let [(_, gold), (_, silver)] = <[_; 2]>::try_from(types(&server).await).unwrap();
    server.types("PUT", &format!("/{}", gold.as_str().unwrap()), json!({"volume_type": {"name": "best"}})).await.is(200);
    server.types("DELETE", &format!("/{}", silver.as_str().unwrap()), Value::Null).await.is(202);
    let database = server.database.clone();
    drop(server);
    let again = TestServer::over(database, &["--volume-types=gold,silver,bronze"]).await;
    let now = types(&again).await;
    assert_eq!(now.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["best", "bronze", "silver"]);
    assert_eq!((&now[0].1, &now[2].1), (&gold, &silver));
    let volume = create(&again, json!({"size": 1})).await.is(202).one("volume");
    assert_eq!((&volume["volume_type"], &volume["volume_type_id"]), (&json!("best"), &gold), "the default one by another name");
}

#[apply(both_engines!)]
async fn a_private_type_is_open_to_a_thousand_projects(server: TestServer) {
    let id = new_id();
    let projects: Vec<String> = (0..1000).map(|n| format!("p{n:03}")).collect();
    server.seed(json!({"volume_types": [{"id": id, "name": "gold", "is_public": false, "projects": projects}]})).await;
    let listed = server.types("GET", &format!("/{id}/os-volume-type-access"), Value::Null).await.is(200);
    assert_eq!(listed.rows("volume_type_access").len(), 1000);
    let more = server.types("POST", &format!("/{id}/action"), json!({"addProjectAccess": {"project": "alpha"}})).await;
    assert!(more.fails(400, "EVS.5400").contains("the type would have 1001 projects; leave it at 1000."));
    assert_eq!(names(&server, "alice:p999", "").await, ["gold"]);
    assert_eq!(names(&server, "alice:p99", "").await, [""; 0], "a part of a project's id is another project");
}
