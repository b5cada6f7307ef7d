//! Every row of the route table is asked for here, has its metric label, and is in the API reference.

use handover::http::router::Router;

use crate::support::{Answer, Offered, TestServer, apply, both_engines, json};

/// Asks for a row as a client would; a row without a case here fails.
async fn ask(server: &TestServer, operation: &str, method: &str, path: &str, offered: &Offered) -> Answer {
    let request = server.ask(method, path);
    match operation {
        "evs:transfers:create" => request.json(&json!({"transfer": {"volume_id": server.volume().await}})).await.is(202),
        "evs:transfers:accept" => request.json(&json!({"accept": {"auth_key": offered.key}})).await.is(202),
        "evs:transfers:list" | "evs:transfers:get" => request.await.is(200),
        "evs:transfers:delete" => request.await.is(202),
        "volumes:list" | "volumes:get" | "volumes:metadata:list" => request.await.is(200),
        "volumes:delete" => server.delete(&path.replace(&offered.volume_id, &server.volume().await)).await.is(202),
        "volumes:metadata:add" | "volumes:metadata:replace" => request.json(&json!({"metadata": {"k": "v"}})).await.is(200),
        "volumes:metadata:set" => request.json(&json!({"meta": {"k": "v"}})).await.is(200),
        "volumes:metadata:get" | "volumes:metadata:delete" => {
            let id = server.volume_with(json!({"metadata": {"k": "v"}})).await;
            server.ask(method, &path.replace(&offered.volume_id, &id)).await.is(200)
        }
        "evs:quotas:get" | "quotas:defaults" | "quotas:limits" => request.await.is(200),
        "quotas:set" => request.by("admin:alpha").json(&json!({"quota_set": {"volumes": -1}})).await.is(200),
        "quotas:reset" | "quotas:classes:get" => request.by("admin:alpha").await.is(200),
        "quotas:classes:set" => request.by("admin:alpha").json(&json!({"quota_class_set": {"volumes": -1}})).await.is(200),
        "versions:list" => request.by_nobody().await.is(300),
        "versions:get" | "health:live" | "health:ready" | "metrics" => request.by_nobody().await.is(200),
        operation => {
            panic!("{operation} ({method} {path}) is asked for nowhere in the tests: add a case, and tests of its own")
        }
    }
}

/// The path of a template: alpha's, with the ids of an offer and its volume.
fn fill(template: &str, offered: &Offered) -> String {
    let asked = template
        .replace("{project_id}", "alpha")
        .replace("{transfer_id}", &offered.id)
        .replace("{volume_id}", &offered.volume_id)
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
            let asked = fill(&path.template, &offered);
            let answer = ask(&server, route.operation, method, &asked, &offered).await;
            let status = answer.status;
            let label =
                format!("handover_requests_total{{method=\"{method}\",route=\"{}\",status=\"{status}\"}}", path.template);
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
        let asked = fill(&path.template, &nothing);
        let answer = server.ask("OPTIONS", &asked).await.is(204);
        let allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
        for route in path.routes() {
            assert!(allow.contains(&route.method.as_str()), "{asked}: {allow:?}");
        }
        assert!(allow.contains(&"OPTIONS"), "{asked}: {allow:?}");
    }
}
