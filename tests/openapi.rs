//! The OpenAPI document: it speaks of exactly what the route table has, it is valid, it is what was answered, and its page
//! asks nobody else. That every answer agrees with it, `support/openapi_contract.rs` checks in all tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use handover::domain::Dialect;
use handover::http::routes::{On, ROUTES, Route};
use handover::http::transport::router::Router;
use reqwest::header::HeaderMap;

use crate::support::{Answered, Engine, OpenApiContract, TestServer, Value, apply, both_engines, json, limited, new_id};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn document() -> &'static Value {
    &OpenApiContract::with(None).document
}

/// Each operation of a document: its path, its method, and what is said of it.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Every value in a document that stands under this key.
fn all<'d>(value: &'d Value, key: &str, found: &mut Vec<&'d Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            if name == key {
                found.push(value);
            }
            all(value, key, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| all(value, key, found)),
        _ => {}
    }
}

#[apply(limited!)]
#[test]
fn the_document_has_the_paths_and_methods_of_the_route_table() {
    let documented: BTreeSet<(String, String)> =
        operations(document()).map(|(path, method, _)| (path.to_owned(), method.to_uppercase())).collect();
    let router = Router::of_table();
    let served = router
        .0
        .iter()
        .flat_map(|path| path.routes.iter().map(|route| (path.template.clone(), route.method.as_str().to_owned())));
    assert_eq!(documented, served.collect());
    let outside = ROUTES.iter().filter(|route| route.on.is_for_anybody());
    for (path, method, operation) in operations(document()) {
        let below = |route: &&Route| if route.on == On::SignIn { "/identity/v3" } else { "" }.to_owned() + route.path;
        let is_outside =
            outside.clone().any(|route| below(&route) == path && route.method.as_str().eq_ignore_ascii_case(method));
        assert_eq!(operation["security"].is_null(), is_outside, "{path}: whoever asks must say who they are");
    }
}

#[apply(limited!)]
#[test]
fn the_document_is_valid_openapi_3_1() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(Path::new(ROOT).join("tests/openapi-3.1.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for dialect in [None, Some(Dialect::Evs), Some(Dialect::Openstack)] {
        let document = &OpenApiContract::with(dialect).document;
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        let wrong: Vec<String> =
            validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(wrong, [""; 0]);
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(jsonschema::meta::is_valid(schema), "{name} is no JSON Schema: {schema}");
        }
    }
    let broken = json!({"openapi": "3.1.0", "info": {"title": "without a version"}, "paths": {}});
    assert!(!validator.is_valid(&broken), "a document that is wrong is found wrong");
}

#[apply(limited!)]
#[test]
fn every_reference_leads_somewhere_and_everything_is_referred_to() {
    let document = document();
    let mut references = Vec::new();
    all(document, "$ref", &mut references);
    let references: BTreeSet<&str> = references.into_iter().map(|to| to.as_str().unwrap()).collect();
    for to in &references {
        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to} leads nowhere");
    }
    for kind in ["schemas", "responses", "parameters", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(references.contains(&*format!("#/components/{kind}/{name}")), "nothing refers to {kind}/{name}");
        }
    }
}

#[apply(limited!)]
#[test]
fn operations_have_ids_of_their_own_and_declare_the_parameters_of_their_path() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "two operations are called {id}");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{id} is a word of code");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{method} {path} has no summary");
        let declared = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
            let to = parameter["$ref"].as_str().map(|to| document.pointer(&to[1..]).unwrap());
            to.unwrap_or(parameter)
        });
        let declared: Vec<&Value> = declared.collect();
        let of_path = declared.iter().filter(|parameter| parameter["in"] == "path");
        let names: Vec<&str> = of_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let in_path: Vec<&str> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(names, in_path, "{method} {path}");
        let has_version = declared.iter().any(|parameter| parameter["name"] == "OpenStack-API-Version");
        assert_eq!(has_version, path.starts_with("/v3/") && path.len() > 4, "{method} {path}");
    }
}

#[apply(limited!)]
#[test]
fn answers_and_bodies_are_closed() {
    let mut properties = Vec::new();
    all(&document()["components"]["schemas"], "properties", &mut properties);
    let mut closed = Vec::new();
    all(&document()["components"]["schemas"], "additionalProperties", &mut closed);
    assert!(!properties.is_empty());
    assert_eq!(
        properties.len(),
        // identity shows and keeps what else is said of something, as Keystone does
        closed.iter().filter(|closed| ***closed == false || ***closed == json!({"type": "null"})).count() + 2
    );
}

#[apply(limited!)]
#[test]
fn a_key_of_a_later_microversion_says_so_and_is_not_required() {
    let schemas = &document()["components"]["schemas"];
    let transfer = &schemas["Transfer"];
    assert_eq!(
        transfer["x-keys"],
        json!({
            "no_snapshots": {"since": "3.55"},
            "source_project_id": {"since": "3.57"},
            "destination_project_id": {"since": "3.57"},
            "accepted": {"since": "3.57"},
        })
    );
    assert_eq!(transfer["required"], json!(["id", "created_at", "name", "volume_id", "links"]));
    for (name, key) in transfer["x-keys"].as_object().unwrap() {
        let said = transfer["properties"][name]["description"].as_str().unwrap_or_default();
        assert!(said.contains(&format!("From microversion {}.", key["since"].as_str().unwrap())), "{name}: {said}");
    }
    let old = &schemas["Transfer_3.0"];
    assert_eq!(
        old["properties"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id", "created_at", "name", "volume_id", "links"]
    );
    // the field is of one resource alone
    let of = |path: &str| document()["paths"][path]["post"]["requestBody"].to_string();
    assert!(of("/v3/{project_id}/volume-transfers").contains("/CreateTransfer\""));
    for path in ["/v3/{project_id}/os-volume-transfer", "/v2/{project_id}/os-volume-transfer"] {
        assert!(of(path).contains("/CreateTransfer_3.0\""), "{path}");
    }
}

#[apply(limited!)]
#[test]
fn the_body_of_an_action_is_one_of_several_and_each_has_its_status() {
    let of = |path: &str| &document()["paths"][path]["post"];
    let names = |path: &str| -> Vec<String> {
        let forms = &of(path)["requestBody"]["content"]["application/json"]["schema"]["oneOf"];
        let keys = forms.as_array().unwrap().iter().map(|form| form["required"].clone());
        keys.map(|keys| keys[0].as_str().unwrap().to_owned()).collect()
    };
    let successes = |path: &str| -> Vec<&str> {
        let statuses = of(path)["responses"].as_object().unwrap().keys();
        statuses.map(String::as_str).filter(|status| status.starts_with('2')).collect()
    };
    let volumes = "/v3/{project_id}/volumes/{volume_id}/action";
    assert_eq!(names(volumes)[..3], ["os-attach", "os-begin_detaching", "os-detach"]);
    assert_eq!(names(volumes).len(), 15);
    assert_eq!(successes(volumes), ["200", "202"]);
    let snapshots = "/v2/{project_id}/snapshots/{snapshot_id}/action";
    assert_eq!(names(snapshots), ["os-force_delete", "os-reset_status", "os-update_snapshot_status"]);
    assert_eq!(successes(snapshots), ["202"]);
    assert_eq!(names("/v3/backups/{backup_id}/action"), ["os-force_delete", "os-reset_status"]);
}

#[apply(limited!)]
#[test]
fn a_list_that_counts_if_asked_says_so_where_it_can_be_asked() {
    let of = |path: &str| {
        let operation = &document()["paths"][path]["get"];
        let parameters = operation["parameters"].as_array().unwrap();
        let asks = parameters.iter().any(|parameter| parameter["name"] == "with_count");
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let required = schema["required"].as_array().unwrap().contains(&json!("count"));
        (asks, !schema["properties"]["count"].is_null(), required)
    };
    assert_eq!(of("/v3/{project_id}/volumes"), (true, true, false));
    assert_eq!(of("/v2/{project_id}/volumes"), (false, false, false));
    assert_eq!(of("/v2/{project_id}/cloudvolumes"), (false, true, true));
    assert_eq!(of("/v3/{project_id}/os-volume-transfer"), (false, false, false));
}

#[apply(both_engines!)]
async fn the_document_is_served_to_anybody_and_says_where_the_service_is(server: TestServer) {
    let answer = server.get("/openapi.json").by_nobody().await.is(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let mut expected = document().clone();
    expected["servers"] = json!([{"url": server.base}]);
    assert_eq!(answer.json(), expected);
    let head = server.ask("HEAD", "/openapi.json").by("no:such:token").await.is(200);
    assert_eq!((head.body.len(), head.header("content-length")), (0, Some(&*answer.body.len().to_string())));
    server.ask("POST", "/openapi.json").await.fails(405, "EVS.5400");
}

#[apply(both_engines!)]
async fn the_document_says_what_the_settings_make_of_the_service(engine: Engine) {
    let server = TestServer::with(engine, &["--dialect=evs", "--public-url=https://volumes.example.org/cloud"]).await;
    let document = server.get("/openapi.json").await.is(200).json();
    assert_eq!(document["servers"], json!([{"url": "https://volumes.example.org/cloud"}]));
    let mut references = Vec::new();
    all(&document["paths"], "$ref", &mut references);
    assert!(references.iter().all(|to| !to.as_str().unwrap().contains("/responses/openstack-")), "errors are EVS's everywhere");
}

#[apply(both_engines!)]
async fn the_page_is_whole_and_asks_nobody_else(server: TestServer) {
    let there = server.get("/docs").by_nobody().await.is(308);
    assert_eq!((there.header("location"), there.body.len()), (Some("docs/"), 0), "relative: a proxy may have a prefix");
    let page = server.get("/docs/").by_nobody().await.is(200);
    assert_eq!(page.header("content-type"), Some("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("http"), "{policy}");
    let mut types = BTreeMap::new();
    for attribute in ["src=\"", "href=\""] {
        for target in page.text().split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let name = target.strip_prefix("./").unwrap_or(target);
            assert!(!name.contains('/'), "{target} is not beside the page");
            let file = server.get(&format!("/docs/{name}")).by_nobody().await.is(200);
            assert!(!file.body.is_empty(), "{name}");
            types.insert(name.to_owned(), file.header("content-type").unwrap().to_owned());
        }
    }
    assert_eq!(types["swagger-ui.css"], "text/css");
    assert_eq!(types["swagger-ui-bundle.js"], "text/javascript");
    let begin = server.get("/docs/swagger-initializer.js").await.is(200);
    assert!(begin.text().contains("\"../openapi.json\"") && begin.text().contains("validatorUrl: \"none\""), "{begin}");
    assert!(begin.text().is_ascii(), "no charset is said: {begin}");
    for file in ["nothing.js", "..%2Fopenapi.json", "%2Fetc%2Fpasswd"] {
        server.get(&format!("/docs/{file}")).by_nobody().await.fails(404, "EVS.5404");
    }
    let head = server.ask("HEAD", "/docs/").by_nobody().await.is(200);
    assert_eq!(head.header("content-type"), Some("text/html"));
}

#[apply(both_engines!)]
async fn a_file_of_the_page_is_compressed_for_those_who_ask(server: TestServer) {
    let path = "/docs/swagger-ui.css";
    let plain = server.get(path).await.is(200);
    let compressed = server.get(path).header("Accept-Encoding", "br, gzip").await.is(200);
    assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), (None, Some("gzip")));
    assert_eq!((plain.header("vary"), compressed.header("vary")), (Some("Accept-Encoding"), Some("Accept-Encoding")));
    assert!(compressed.body.starts_with(&[0x1f, 0x8b]) && compressed.body.len() * 3 < plain.body.len());
    assert!(plain.text().contains(".swagger-ui"));
}

/// A snapshot's words in the place of ids, times and keys, as ids, times and keys.
fn whole(text: &str) -> String {
    let text = text.replace("[time]", "2015-02-25T03:56:53.081642").replace("[key]", "9266c59563c84664");
    let mut pieces = text.split("[id ");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| {
        let (number, rest) = piece.split_once(']').unwrap();
        format!("{text}00000000-0000-4000-8000-{number:0>12}{rest}")
    })
}

#[apply(limited!)]
#[test]
fn every_recorded_answer_agrees_with_the_document() {
    let mut checked = 0;
    for entry in fs::read_dir(Path::new(ROOT).join("tests/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let text = whole(fs::read_to_string(&path).unwrap().splitn(3, "---\n").nth(2).unwrap());
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines();
        let (method, asked) = lines.next().unwrap().split_once(' ').unwrap();
        let status = lines.next().unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            headers.insert(name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse().unwrap());
        }
        let body: Option<Value> = serde_json::from_str(body).ok();
        let answered = Answered { method, path: asked, status, headers: &headers, body: body.as_ref() };
        OpenApiContract::with(None).check(&answered).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

/// Whether the document lets a value pass.
fn lets_pass(schema: &Value, value: &Value) -> bool {
    let whole = json!({"components": document()["components"], "allOf": [schema]});
    jsonschema::validator_for(&whole).unwrap().is_valid(value)
}

/// A parameter of an operation, wherever it is written.
fn parameter<'d>(path: &str, method: &str, name: &str) -> &'d Value {
    let of_path = document()["paths"][path][method]["parameters"].as_array().unwrap();
    let resolved = of_path.iter().map(|parameter| match parameter["$ref"].as_str() {
        Some(to) => document().pointer(to.trim_start_matches('#')).unwrap(),
        None => parameter,
    });
    resolved.into_iter().find(|parameter| parameter["name"] == name).map(|parameter| &parameter["schema"]).unwrap()
}

#[apply(both_engines!)]
async fn the_document_lets_pass_what_the_service_does_and_no_more(server: TestServer) {
    let path = "/v3/{project_id}/volume-transfers";
    let versions = [
        "volume 3.55", "volume latest", "volumev3 3.0", "block-storage 3.71", "compute 2.1, volume 3.55", "volume  3.7 ", "",
        "3.55", "latest", "volume 3.055", "VOLUME 3.55", "volume 3.72", "volume 3.", "volume 3.55 x", "compute 2.1",
        "volume Latest",
    ];
    let schema = parameter(path, "get", "OpenStack-API-Version");
    for version in versions {
        let answer = server.get("/v3/alpha/volume-transfers").header("OpenStack-API-Version", version).await;
        assert_eq!(answer.status == 200, lets_pass(schema, &json!(version)), "{version}: {answer}");
    }
    let filters = "/v3/{project_id}/volumes/detail";
    for (name, value) in [("id", "none"), ("size", "large")] {
        server.get(&format!("/v3/alpha/volumes/detail?{name}={value}")).await.is(200);
        assert!(lets_pass(parameter(filters, "get", name), &json!(value)), "{name}");
    }
    let volume = server.volume().await;
    let action = format!("/v3/alpha/volumes/{volume}/action");
    let body = |path: &str| &document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let [id, simple] = [new_id(), new_id().replace('-', "")];
    for attachment in ["", "x", &id, &simple, &format!("{{{id}}}"), &format!("urn:uuid:{id}"), &format!("{{{id}"), &id[1..]] {
        let asked = json!({"os-detach": {"attachment_id": attachment}});
        let is_taken = server.post(&action, asked.clone()).await.status == 202;
        assert_eq!(is_taken, lets_pass(body("/v3/{project_id}/volumes/{volume_id}/action"), &asked), "{asked}");
    }
    for (key, value) in [("a", "b"), ("", "b"), (&*"k".repeat(255), "b"), (&*"k".repeat(256), "b"), ("a", &"v".repeat(256))] {
        let asked = json!({"volume": {"size": 1, "metadata": {key: value}}});
        let is_taken = server.post("/v3/alpha/volumes", asked.clone()).await.status == 202;
        assert_eq!(is_taken, lets_pass(body("/v3/{project_id}/volumes"), &asked), "{asked}");
    }
    // what no schema says is said in words
    let document = document().to_string();
    for words in ["`source_volid`, `backup_id` and `imageRef` at most", "Not beside `sort`."] {
        assert!(document.contains(words), "{words}");
    }
}
