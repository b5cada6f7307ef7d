//! Every row of the route table is asked for here, has its metric label, and is in the API reference.

use handover::{
    domain::{act::Outcome, catalog::VolumeType},
    http::{request::method::Method, transport::router::Router},
    service::policy::ACTIONS,
};

use crate::support::{Answer, Offered, TestServer, apply, both_engines, json, stored_acts};

/// Asks for a row as a client would; a handler without a case here fails.
async fn ask(server: &TestServer, handler: &str, method: &str, path: &str, offered: &Offered) -> Answer {
    let request = server.ask(method, path);
    match handler {
        "transfers::create" => request.json(&json!({"transfer": {"volume_id": server.volume().await}})).await.is(202),
        "transfers::accept" => request.json(&json!({"accept": {"auth_key": offered.key}})).await.is(202),
        "transfers::list" | "transfers::list_with_details" | "transfers::show" => request.await.is(200),
        "transfers::delete" => request.await.is(202),
        "volumes::actions::act" => request.json(&json!({"os-set_bootable": {"bootable": true}})).await.is(200),
        "catalog::types::list"
        | "catalog::types::default"
        | "catalog::types::show"
        | "catalog::types::extra_specs"
        | "catalog::zones::list"
        | "catalog::extensions::list"
        | "catalog::extensions::show" => request.await.is(200),
        "catalog::backend::services" | "catalog::backend::hosts" | "catalog::backend::pools" | "catalog::types::encryption" => {
            request.by("admin:alpha").await.is(200)
        }
        "cloudvolumes::list"
        | "cloudvolumes::list_with_details"
        | "cloudvolumes::tags::list"
        | "cloudvolumes::show"
        | "cloudvolumes::tags::show" => request.await.is(200),
        "volumes::list" | "volumes::list_with_details" | "volumes::show" | "metadata::list::<OfVolume>" => {
            request.await.is(200)
        }
        "volumes::create" => request.json(&json!({"volume": {"size": 1}})).await.is(202),
        "volumes::update" => request.json(&json!({"volume": {"name": "new"}})).await.is(200),
        "volumes::summary" => request.at("3.12").await.is(200),
        "volumes::delete" => server.delete(&path.replace(&offered.volume_id, &server.volume().await)).await.is(202),
        "metadata::add::<OfVolume>" | "metadata::replace::<OfVolume>" => {
            request.json(&json!({"metadata": {"k": "v"}})).await.is(200)
        }
        "metadata::set::<OfVolume>" => request.json(&json!({"meta": {"k": "v"}})).await.is(200),
        "metadata::show::<OfVolume>" | "metadata::remove::<OfVolume>" => {
            let id = server.volume_with(json!({"metadata": {"k": "v"}})).await;
            server.ask(method, &path.replace(&offered.volume_id, &id)).await.is(200)
        }
        "snapshots::create" => request.json(&json!({"snapshot": {"volume_id": server.volume().await}})).await.is(202),
        "snapshots::list" | "snapshots::list_with_details" | "snapshots::show" | "metadata::list::<OfSnapshot>" => {
            request.await.is(200)
        }
        "snapshots::list_as_evs" => request.await.is(200),
        "snapshots::update" => request.json(&json!({"snapshot": {"name": "n"}})).await.is(200),
        "snapshots::delete" => request.await.is(202),
        "metadata::add::<OfSnapshot>" | "metadata::replace::<OfSnapshot>" => {
            request.json(&json!({"metadata": {"k": "v"}})).await.is(200)
        }
        "metadata::set::<OfSnapshot>" => request.json(&json!({"meta": {"k": "v"}})).await.is(200),
        "metadata::show::<OfSnapshot>" | "metadata::remove::<OfSnapshot>" => {
            server.ask("PUT", path).json(&json!({"meta": {"k": "v"}})).await.is(200);
            request.await.is(200)
        }
        "backups::create" => request.json(&json!({"backup": {"volume_id": server.volume().await}})).await.is(202),
        "backups::list" | "backups::list_with_details" | "backups::show" => request.await.is(200),
        "backups::update" => request.json(&json!({"backup": {"name": "n"}})).at("3.9").await.is(200),
        "backups::delete" => request.await.is(202),
        "snapshots::act" | "backups::act" => {
            request.json(&json!({"os-reset_status": {"status": "error"}})).by("admin:alpha").await.is(202)
        }
        "quotas::show" | "quotas::defaults" | "quotas::absolute" => request.await.is(200),
        "quotas::set" => request.by("admin:alpha").json(&json!({"quota_set": {"volumes": -1}})).await.is(200),
        "quotas::reset" | "quotas::show_class" => request.by("admin:alpha").await.is(200),
        "quotas::set_class" => request.by("admin:alpha").json(&json!({"quota_class_set": {"volumes": -1}})).await.is(200),
        "discovery::all" => request.by_nobody().await.is(300),
        "discovery::v2" | "discovery::v3" | "operating::live" | "operating::ready" | "operating::metrics"
        | "openapi::document" => request.by_nobody().await.is(200),
        "openapi::page::redirect" => request.by_nobody().await.is(308),
        "openapi::page::index" | "openapi::page::file" => request.by_nobody().await.is(200),
        handler => {
            panic!("{handler} ({method} {path}) is asked for nowhere in the tests: add a case, and tests of its own")
        }
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
    let asked = template
        .replace("{project_id}", "alpha")
        .replace("{transfer_id}", &offered.id)
        .replace("{volume_id}", &offered.volume_id)
        .replace("{file}", "swagger-ui.css")
        .replace("{type_id}", &VolumeType::new("SSD").id.to_string())
        .replace("{alias}", "os-volume-transfer")
        .replace("{snapshot_id}", &copies.snapshot)
        .replace("{backup_id}", &copies.backup)
        .replace("{key}", "k")
        .replace("{target_project_id}", "alpha")
        .replace("{class_name}", "default");
    assert!(!asked.contains('{'), "{asked} has a parameter that is not filled in here");
    asked
}

#[apply(both_engines!)]
async fn every_row_is_answered_and_counted_under_its_own_pattern(server: TestServer) {
    let router = Router::new();
    for path in router.paths() {
        for route in path.routes() {
            let (offered, method) = (server.offer().await, route.method.as_str());
            let asked = fill(&path.template, &offered, &Copies::of(&server).await);
            let answer = ask(&server, route.handled_by, method, &asked, &offered).await;
            let status = answer.status;
            let label =
                format!("handover_requests_total{{method=\"{method}\",route=\"{}\",status=\"{status}\"}}", path.template);
            let acts = stored_acts(&server.database.url).await;
            let of_it: Vec<_> = acts.iter().filter(|act| format!("req-{}", act.request_id) == answer.request_id()).collect();
            if route.method == Method::Get {
                assert_eq!(of_it, [&acts[0]; 0], "what only looks leaves no act: {answer}");
            } else {
                assert_eq!(of_it.len(), 1, "what is done leaves its act: {answer}");
                assert_eq!(of_it[0].outcome, Outcome::Done, "{answer}");
                assert!(ACTIONS.iter().any(|action| action.name == of_it[0].action), "{:?}", of_it[0]);
            }
            let metrics = server.get("/metrics").by_nobody().await.is(200);
            assert!(metrics.text().contains(&label), "no {label} in {}", metrics.text());
        }
    }
}

#[apply(both_engines!)]
async fn every_path_answers_options_with_the_methods_of_its_rows(server: TestServer) {
    let router = Router::new();
    for path in router.paths() {
        let nothing = Offered { id: "x".to_owned(), key: String::new(), volume_id: "x".to_owned() };
        let copies = Copies { snapshot: "x".to_owned(), backup: "x".to_owned() };
        let asked = fill(&path.template, &nothing, &copies);
        let answer = server.ask("OPTIONS", &asked).await.is(204);
        let allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
        for route in path.routes() {
            assert!(allow.contains(&route.method.as_str()), "{asked}: {allow:?}");
        }
        assert!(allow.contains(&"OPTIONS"), "{asked}: {allow:?}");
    }
}
