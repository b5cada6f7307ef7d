//! Volume types in documents: an export has those that an admin made or changed, and an import makes them so.

use handover::domain::VolumeType;

use crate::support::{ADMIN, Engine, OperatorCli, TestServer, Value, apply, both_engines, json, new_id};

/// All that an admin sees of the types.
async fn everything(server: &TestServer) -> Vec<Value> {
    let mut all = Vec::new();
    for row in server.types("GET", "?is_public=none", Value::Null).await.is(200).rows("volume_types") {
        let id = row["id"].as_str().unwrap();
        all.push(server.types("GET", &format!("/{id}/encryption"), Value::Null).await.is(200).json());
        all.push(server.types("GET", &format!("/{id}/os-volume-type-access"), Value::Null).await.json());
        all.push(row);
    }
    all
}

#[apply(both_engines!)]
async fn an_export_has_the_types_that_an_admin_made_or_changed(engine: Engine) {
    let (server, other) = (TestServer::start(engine).await, OperatorCli::new(engine));
    server.full_type(ADMIN).await;
    server.volume_type(json!({"name": "gold", "description": "d", "extra_specs": {"b": "1", "a": "2"}})).await;
    let ssd = VolumeType::id_of("SSD").to_string();
    let volume =
        server.post("/v3/alpha/volumes", json!({"volume": {"size": 1, "volume_type": "SSD"}})).await.is(202).one("volume");
    server.types("PUT", &format!("/{ssd}"), json!({"volume_type": {"name": "fast"}})).await.is(200);
    let shown = everything(&server).await;
    let desk = OperatorCli(server.database.clone());
    let exported = desk.export();
    assert_eq!(exported["volume_types"].as_array().unwrap().len(), 3, "{exported}");
    other.run(&["migrate"], "");
    assert!(other.import(&exported).ends_with("volume_types: 3 created, 0 updated, 0 unchanged"));
    assert!(other.import(&exported).ends_with("volume_types: 0 created, 0 updated, 3 unchanged"));
    assert_eq!(other.export(), exported);
    let again = TestServer::over(other.0.clone(), &[]).await;
    // those of the settings but for the one that has another name, and ages, which nobody is shown
    assert_eq!(everything(&again).await, shown);
    let path = format!("/v3/alpha/volumes/{}", volume["id"].as_str().unwrap());
    let moved = again.get(&path).at("3.63").await.is(200).one("volume");
    assert_eq!((&moved["volume_type"], &moved["volume_type_id"]), (&json!("fast"), &json!(ssd)));
    // a document that renames a type renames its volumes
    again.seed(json!({"volume_types": [{"id": ssd, "name": "faster"}]})).await;
    assert_eq!(again.get(&path).await.is(200).one("volume")["volume_type"], "faster");
}

#[apply(both_engines!)]
async fn a_type_that_is_none_is_refused_in_a_document(desk: OperatorCli) {
    let id = new_id();
    desk.import(&json!({"volume_types": [{"id": id, "name": "gold"}]}));
    for (record, says) in [
        (json!({"name": "x"}), "id: missing"),
        (json!({"id": new_id()}), "missing field `name`"),
        (json!({"id": new_id(), "name": " "}), "name: 1 to 255 characters expected"),
        (json!({"id": new_id(), "name": "gold"}), "name: gold given, but in the database another type is called so"),
        (json!({"id": id, "is_public": "perhaps"}), "is_public: \"perhaps\" given, true or false expected"),
        (json!({"id": id, "extra_specs": {"a": {}}}), "extra_specs: a: {} given, a text expected"),
        (json!({"id": id, "encryption": {"provider": "luks"}}), "encryption"),
        (json!({"id": id, "projects": ["a/b"]}), "projects"),
        (json!({"id": id, "colour": "red"}), "unknown field `colour`"),
    ] {
        let message = desk.refused(&json!({"volume_types": [record]}));
        assert!(message.contains(says), "{record}: {message}");
    }
    // nor does what comes behind it hide it
    let user = json!({"id": "u", "name": "u", "password": "correct horse battery"});
    let message = desk.refused(&json!({"volume_types": [{"id": new_id(), "name": "gold"}], "users": [user]}));
    assert!(message.contains("another type is called so"), "{message}");
    let twice = json!({"volume_types": [{"id": id, "name": "a"}, {"id": id, "name": "b"}]});
    assert!(desk.refused(&twice).contains("stands twice in this document"));
}

#[apply(both_engines!)]
async fn a_named_type_that_a_document_changed_is_exported_too(desk: OperatorCli) {
    let ssd = VolumeType::id_of("SSD").to_string();
    let changed = json!({"id": ssd, "name": "SSD", "is_public": false, "extra_specs": {"multiattach": "<is> True"}});
    desk.import(&json!({"volume_types": [changed]}));
    let exported = desk.export();
    assert_eq!(exported["volume_types"][0]["is_public"], false, "{exported}");
    assert_eq!(exported["volume_types"][0]["extra_specs"], json!({"multiattach": "<is> True"}));
}

#[apply(both_engines!)]
async fn a_type_that_has_the_name_which_another_had_moves_with_it(engine: Engine) {
    let (server, other) = (TestServer::start(engine).await, TestServer::start(engine).await);
    let ssd = VolumeType::id_of("SSD").to_string();
    server.types("PUT", &format!("/{ssd}"), json!({"volume_type": {"name": "fast"}})).await.is(200);
    let desk = OperatorCli(server.database.clone());
    desk.import(&json!({"volume_types": [{"id": "00000000-0000-4000-8000-000000000001", "name": "SSD"}]}));
    other.seed(desk.export()).await;
    assert_eq!(everything(&other).await, everything(&server).await);
}

#[apply(both_engines!)]
async fn a_document_keeps_to_the_bounds_of_a_type(desk: OperatorCli) {
    let many: serde_json::Map<String, Value> = (0..129).map(|n| (format!("k{n}"), json!("v"))).collect();
    let projects: Vec<String> = (0..1001).map(|n| format!("p{n}")).collect();
    for (fields, says) in [
        (json!({"extra_specs": many}), "extra_specs: 129 given, 128 at most expected"),
        (json!({"extra_specs": {"é": "v"}}), "extra_specs: é given, a key of 1 to 255 letters"),
        (json!({"extra_specs": {"k": "v".repeat(256)}}), "extra_specs: k given"),
        (json!({"projects": projects}), "projects: 1001 given, 1000 at most expected"),
    ] {
        let record = crate::support::with(json!({"id": new_id(), "name": "gold"}), fields);
        // a fault of a type hides no other
        let why = desk.refused(&json!({"volumes": [{"id": 7}], "volume_types": [record]}));
        assert!(why.contains(says) && why.contains("volumes[0]: id: 7 given"), "{says}: {why}");
    }
}
