//! Every row of the route table is asked for here, has its metric label, and is in the API reference.

use handover::domain::VolumeType;
use handover::domain::act::Outcome;
use handover::domain::identity::id_of;
use handover::http::request::payload::Method;
use handover::http::transport::router::Router;
use handover::service::policy::ACTIONS;

use crate::support::{ADMIN, Answer, Offered, TestServer, Value, apply, both_engines, json, new_id, stored_acts};

/// Asks for a row as a client would; an operation without a case here fails.
async fn ask(server: &TestServer, operation: &str, method: &str, path: &str, offered: &Offered) -> Answer {
    let request = server.ask(method, path);
    match operation {
        "transfers::CREATE" => request.json(&json!({"transfer": {"volume_id": server.volume().await}})).await.is(202),
        "transfers::ACCEPT" => request.json(&json!({"accept": {"auth_key": offered.key}})).await.is(202),
        "transfers::LIST" | "transfers::LIST_WITH_DETAILS" | "transfers::SHOW" => request.await.is(200),
        "transfers::DELETE" => request.await.is(202),
        "volumes::actions::ACT" => request.json(&json!({"os-set_bootable": {"bootable": true}})).await.is(200),
        "catalog::types::LIST"
        | "catalog::types::DEFAULT"
        | "catalog::types::SHOW"
        | "catalog::types::specs::LIST"
        | "catalog::ZONES"
        | "catalog::EXTENSIONS"
        | "catalog::EXTENSION" => request.await.is(200),
        "catalog::SERVICES" | "catalog::HOSTS" | "catalog::POOLS" => request.by("admin:alpha").await.is(200),
        operation if operation.starts_with("catalog::types::") => ask_types(server, operation, method, path).await,
        "cloudvolumes::LIST"
        | "cloudvolumes::LIST_WITH_DETAILS"
        | "cloudvolumes::TAGS"
        | "cloudvolumes::SHOW"
        | "cloudvolumes::TAGS_OF_DISK" => request.await.is(200),
        "volumes::LIST" | "volumes::LIST_WITH_DETAILS" | "volumes::SHOW" | "metadata::LIST_OF_VOLUME" => request.await.is(200),
        "volumes::CREATE" => request.json(&json!({"volume": {"size": 1}})).await.is(202),
        "volumes::UPDATE" => request.json(&json!({"volume": {"name": "new"}})).await.is(200),
        "volumes::SUMMARY" => request.at("3.12").await.is(200),
        "volumes::DELETE" => server.delete(&path.replace(&offered.volume_id, &server.volume().await)).await.is(202),
        "metadata::ADD_TO_VOLUME" | "metadata::REPLACE_OF_VOLUME" => {
            request.json(&json!({"metadata": {"k": "v"}})).await.is(200)
        }
        "metadata::SET_OF_VOLUME" => request.json(&json!({"meta": {"k": "v"}})).await.is(200),
        "metadata::SHOW_OF_VOLUME" | "metadata::REMOVE_OF_VOLUME" => {
            let id = server.volume_with(json!({"metadata": {"k": "v"}})).await;
            server.ask(method, &path.replace(&offered.volume_id, &id)).await.is(200)
        }
        "snapshots::CREATE" => request.json(&json!({"snapshot": {"volume_id": server.volume().await}})).await.is(202),
        "snapshots::LIST" | "snapshots::LIST_WITH_DETAILS" | "snapshots::SHOW" | "metadata::LIST_OF_SNAPSHOT" => {
            request.await.is(200)
        }
        "snapshots::LIST_AS_EVS" => request.await.is(200),
        "snapshots::UPDATE" => request.json(&json!({"snapshot": {"name": "n"}})).await.is(200),
        "snapshots::DELETE" => request.await.is(202),
        "metadata::ADD_TO_SNAPSHOT" | "metadata::REPLACE_OF_SNAPSHOT" => {
            request.json(&json!({"metadata": {"k": "v"}})).await.is(200)
        }
        "metadata::SET_OF_SNAPSHOT" => request.json(&json!({"meta": {"k": "v"}})).await.is(200),
        "metadata::SHOW_OF_SNAPSHOT" | "metadata::REMOVE_OF_SNAPSHOT" => {
            server.ask("PUT", path).json(&json!({"meta": {"k": "v"}})).await.is(200);
            request.await.is(200)
        }
        "backups::CREATE" => request.json(&json!({"backup": {"volume_id": server.volume().await}})).await.is(202),
        "backups::LIST" | "backups::LIST_WITH_DETAILS" | "backups::SHOW" => request.await.is(200),
        "backups::UPDATE" => request.json(&json!({"backup": {"name": "n"}})).at("3.9").await.is(200),
        "backups::DELETE" => request.await.is(202),
        "snapshots::ACT" | "backups::ACT" => {
            request.json(&json!({"os-reset_status": {"status": "error"}})).by("admin:alpha").await.is(202)
        }
        "quotas::SHOW" | "quotas::DEFAULTS" | "quotas::ABSOLUTE" => request.await.is(200),
        "quotas::SET" => request.by("admin:alpha").json(&json!({"quota_set": {"volumes": -1}})).await.is(200),
        "quotas::RESET" | "quotas::SHOW_CLASS" => request.by("admin:alpha").await.is(200),
        "quotas::SET_CLASS" => request.by("admin:alpha").json(&json!({"quota_class_set": {"volumes": -1}})).await.is(200),
        "handover::CREATE" => {
            request.json(&json!({"transfer": {"volume_id": server.volume().await, "expires_in": 60}})).await.is(202)
        }
        "handover::CHECK" => request.json(&json!({"create": {"volume_id": server.volume().await}})).await.is(200),
        operation if operation.starts_with("handover::") => request.await.is(200),
        "discovery::ALL" => request.by_nobody().await.is(300),
        "discovery::V2" | "discovery::V3" | "operating::LIVE" | "operating::READY" | "operating::METRICS"
        | "openapi::DOCUMENT" => request.by_nobody().await.is(200),
        "openapi::REDIRECT" => request.by_nobody().await.is(308),
        "openapi::INDEX" | "openapi::FILE" => request.by_nobody().await.is(200),
        operation if operation.starts_with("identity::") => ask_identity(server, operation, method, path).await,
        operation => {
            panic!("{operation} ({method} {path}) is asked for nowhere in the tests: add a case, and tests of its own")
        }
    }
}

/// The same of volume types, by an admin.
async fn ask_types(server: &TestServer, operation: &str, method: &str, path: &str) -> Answer {
    let made = server.full_type(ADMIN).await;
    let luks = json!({"encryption": {"provider": "luks", "control_location": "front-end"}});
    if operation == "catalog::types::encryption::CREATE" {
        server.types("DELETE", &format!("/{}/encryption/{}", made.id, made.encryption_id), Value::Null).await.is(202);
    }
    let named = if method == "GET" { "provider" } else { &made.encryption_id };
    let asked = path
        .replace(&VolumeType::id_of("SSD").to_string(), &made.id)
        .replace("/encryption/some", &format!("/encryption/{named}"));
    let request = server.ask(method, &asked).by(ADMIN);
    match operation {
        "catalog::types::CREATE" => request.json(&json!({"volume_type": {"name": new_id()}})).await.is(200),
        "catalog::types::UPDATE" => request.json(&json!({"volume_type": {"description": "d"}})).await.is(200),
        "catalog::types::CHANGE_ACCESS" => request.json(&json!({"addProjectAccess": {"project": new_id()}})).await.is(202),
        "catalog::types::specs::ADD" => request.json(&json!({"extra_specs": {"k": "v"}})).await.is(200),
        "catalog::types::specs::SET" => request.json(&json!({"k": "w"})).await.is(200),
        "catalog::types::encryption::CREATE" | "catalog::types::encryption::UPDATE" => request.json(&luks).await.is(200),
        _ if method == "DELETE" => request.await.is(202),
        _ => request.await.is(200),
    }
}

/// The same of identity, where everybody is believed.
async fn ask_identity(server: &TestServer, operation: &str, method: &str, path: &str) -> Answer {
    let name = json!({"name": "new", "password": "x", "original_password": "y"});
    let request = server.ask(method, path);
    match operation {
        "identity::ALL" => request.by_nobody().await.is(300),
        "identity::tokens::CREATE" => {
            let user = json!({"name": "alice", "password": "x", "domain": {"id": "default"}});
            let auth = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
            request.by_nobody().json(&auth).await.is(201)
        }
        "identity::tokens::SHOW" => request.header("X-Subject-Token", "bob:beta").await.is(200),
        "identity::tokens::DELETE" => request.header("X-Subject-Token", "bob:beta").await.is(204),
        "identity::tokens::CHANGE_PASSWORD" => request.json(&json!({"user": name})).await.is(204),
        "identity::credentials::CREATE" => request.json(&json!({"application_credential": {"name": "ci"}})).await.is(201),
        "identity::credentials::CREATE_KEY" => request.json(&json!({"credential": {"description": "d"}})).await.is(201),
        "identity::CREATE_USER" => request.json(&json!({"user": name})).await.is(201),
        "identity::CREATE_PROJECT" => request.json(&json!({"project": {"name": "new"}})).await.is(201),
        "identity::CREATE_ROLE" => request.json(&json!({"role": {"name": "new"}})).await.is(201),
        "identity::UPDATE_USER" => request.json(&json!({"user": name})).await.is(200),
        "identity::UPDATE_PROJECT" => request.json(&json!({"project": {"enabled": false}})).await.is(200),
        "identity::UPDATE_ROLE" => request.json(&json!({"role": {"name": "newer"}})).await.is(200),
        "identity::grants::ADD" | "identity::grants::REMOVE" | "identity::grants::CHECK" => request.await.is(204),
        _ if method == "DELETE" => request.await.is(204),
        _ => request.await.is(200),
    }
}

/// A snapshot and a backup of alpha's.
struct Copies {
    snapshot: String,
    backup: String,
}

impl Copies {
    async fn of(server: &TestServer) -> Self {
        let volume = server.volume().await;
        Self { snapshot: server.snapshot(&volume).await, backup: server.backup(&volume).await }
    }
}

/// The path of a template: alpha's, with the ids of an offer and its volume, and of copies of another.
fn fill(template: &str, offered: &Offered, copies: &Copies) -> String {
    let fixed = match template.split('/').nth(3) {
        Some("domains") => "default".to_owned(),
        Some("regions") => "RegionOne".to_owned(),
        Some("services") => id_of("service evs"),
        Some("endpoints") => id_of("endpoint evs public"),
        _ => "some".to_owned(),
    };
    let asked = template
        .replace("{id}", &fixed)
        .replace("{user_id}", "alice")
        .replace("{on_project_id}", "alpha")
        .replace("{role_id}", "member")
        .replace("{project_id}", "alpha")
        .replace("{transfer_id}", &offered.id)
        .replace("{volume_id}", &offered.volume_id)
        .replace("{file}", "swagger-ui.css")
        .replace("{type_id}", &VolumeType::id_of("SSD").to_string())
        .replace("{alias}", "os-volume-transfer")
        .replace("{snapshot_id}", &copies.snapshot)
        .replace("{backup_id}", &copies.backup)
        .replace("{key}", "k")
        .replace("{encryption_id}", "some")
        .replace("{target_project_id}", "alpha")
        .replace("{class_name}", "default");
    assert!(!asked.contains('{'), "{asked} has a parameter that is not filled in here");
    asked
}

#[apply(both_engines!)]
async fn every_row_is_answered_and_counted_under_its_own_pattern(server: TestServer) {
    let router = Router::of_table();
    let (mut offered, mut copies) = (server.offer().await, Copies::of(&server).await);
    for path in &router.0 {
        for route in &path.routes {
            let method = route.method.as_str();
            let asked = fill(&path.template, &offered, &copies);
            let answer = ask(&server, route.name, method, &asked, &offered).await;
            let status = answer.status;
            let label =
                format!("handover_requests_total{{method=\"{method}\",route=\"{}\",status=\"{status}\"}}", path.template);
            let acts = stored_acts(&server.database.url).await;
            let of_it: Vec<_> = acts.iter().filter(|act| format!("req-{}", act.request_id) == answer.request_id()).collect();
            let is_look = route.method == Method::GET || route.name == "handover::CHECK";
            if is_look || route.name.starts_with("identity::") {
                assert_eq!(of_it, [&acts[0]; 0], "what only looks, or is believed, leaves no act: {answer}");
            } else {
                assert_eq!(of_it.len(), 1, "what is done leaves its act: {answer}");
                assert_eq!(of_it[0].outcome, Outcome::Done, "{answer}");
                assert!(ACTIONS.iter().any(|action| action.name == of_it[0].action), "{:?}", of_it[0]);
                (offered, copies) = (server.offer().await, Copies::of(&server).await);
            }
            let metrics = server.get("/metrics").by_nobody().await.is(200);
            assert!(metrics.text().contains(&label), "no {label} in {}", metrics.text());
        }
    }
}

#[apply(both_engines!)]
async fn every_path_answers_options_with_the_methods_of_its_rows(server: TestServer) {
    let router = Router::of_table();
    for path in &router.0 {
        let nothing = Offered { id: "x".to_owned(), key: String::new(), volume_id: "x".to_owned() };
        let copies = Copies { snapshot: "x".to_owned(), backup: "x".to_owned() };
        let asked = fill(&path.template, &nothing, &copies);
        let answer = server.ask("OPTIONS", &asked).await.is(204);
        let allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
        for route in &path.routes {
            assert!(allow.contains(&route.method.as_str()), "{asked}: {allow:?}");
        }
        assert!(allow.contains(&"OPTIONS"), "{asked}: {allow:?}");
    }
}
