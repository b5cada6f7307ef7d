//! Which fault is answered where a request has several: caller, route, version, type, size, JSON, the path's project, fields;
//! then the record; then the rules; on accept the key, the rules.

use crate::support::{Answer, TestServer, apply, both_engines, json, new_id};

const BIG: usize = 112 * 1024 + 1;

/// A request with every fault from some check on; `Faults` in the order of the checks.
struct Request<'s> {
    server: &'s TestServer,
    api: &'static str,
}

impl Request<'_> {
    /// A create of `body` under a project, with a type and a version.
    async fn create(&self, project: &str, content_type: &str, version: &str, body: Vec<u8>) -> Answer {
        let path = format!("/{}/{project}/os-volume-transfer", self.api);
        let ask = self.server.ask("POST", &path).header("Content-Type", content_type);
        ask.header("OpenStack-API-Version", version).body(body).await
    }
}

#[apply(both_engines!)]
async fn a_create_is_checked_from_the_outside_in(server: TestServer) {
    let theirs = server.volumes("beta", 1).await.remove(0);
    let in_use = server.volume_with(json!({"status": "in-use"})).await;
    let (xml, json_type, fine) = ("application/xml", "application/json", "volume 3.0");
    let text = |value: serde_json::Value| value.to_string().into_bytes();
    let no_field = || text(json!({"transfer": {"volume_id": "nope", "colour": 1}}));
    for api in ["v2", "v3"] {
        let ask = Request { server: &server, api };
        if api == "v3" {
            // the version before the type, the size, the JSON and the project
            ask.create("beta", xml, "volume 3.999", vec![b'{'; BIG]).await.fails(406, "");
            ask.create("beta", xml, "nonsense", vec![b'{'; BIG]).await.fails(400, "EVS.5400");
        }
        // the type before the size
        ask.create("beta", xml, fine, vec![b'{'; BIG]).await.fails(415, "EVS.5400");
        // the size before the JSON
        ask.create("beta", json_type, fine, vec![b'{'; BIG]).await.fails(413, "EVS.5400");
        // the JSON before the project
        let answer = ask.create("beta", json_type, fine, b"{".to_vec()).await;
        assert!(answer.fails(400, "EVS.5400").contains("column"), "{answer}");
        // the project before the fields
        let answer = ask.create("beta", json_type, fine, no_field()).await;
        answer.fails(400, "EVS.5400");
        assert!(answer.message().starts_with("Malformed request url"), "{answer}");
        // the fields before the record
        let answer = ask.create("alpha", json_type, fine, text(json!({"transfer": {"volume_id": new_id(), "name": ""}}))).await;
        answer.fails(400, "EVS.5400");
        // the record before the rules
        ask.create("alpha", json_type, fine, text(json!({"transfer": {"volume_id": theirs}}))).await.fails(404, "EVS.5404");
        let answer = ask.create("alpha", json_type, fine, text(json!({"transfer": {"volume_id": in_use}}))).await;
        answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), ["status"]);
    }
}

#[apply(both_engines!)]
async fn a_malformed_project_comes_after_the_json_on_v2(server: TestServer) {
    let path = "/v2/a%20b/os-volume-transfer";
    let answer = server.post_text(path, "{").await;
    assert!(answer.fails(400, "EVS.5400").contains("column"), "{answer}");
    server.post(path, json!({"transfer": {"volume_id": "nope"}})).await.fails(400, "EVS.0001");
}

#[apply(both_engines!)]
async fn the_caller_comes_before_the_route(server: TestServer) {
    // the project is missing both in the path and in the token
    server.ask("PUT", "/v3/volume-transfers").by_nobody().await.fails(401, "EVS.5401");
    let answer = server.post_text("/v3/volume-transfers", "{").by_nobody().at("3.999").await;
    answer.fails(401, "EVS.5401");
    server.get("/v3/volume-transfers?limit=x").by_nobody().await.fails(401, "EVS.5401");
}

#[apply(both_engines!)]
async fn the_route_comes_before_the_version(server: TestServer) {
    server.get("/v3/alpha/nothing").at("3.999").await.fails(404, "EVS.5404");
    server.ask("PUT", "/v3/alpha/volume-transfers").at("3.999").await.fails(405, "EVS.5400");
    server.ask("OPTIONS", "/v3/alpha/volume-transfers").at("3.999").await.is(204);
}

#[apply(both_engines!)]
async fn an_accept_checks_fields_then_the_record_then_the_key(server: TestServer) {
    for api in ["v2", "v3"] {
        let path = |project: &str, id: &str| format!("/{api}/{project}/os-volume-transfer/{id}/accept");
        let ask = async |path: String, body: serde_json::Value| server.post(&path, body).by("bob:beta").await;
        // the project before the fields
        let answer = ask(path("alpha", "nope"), json!({})).await;
        answer.fails(400, "EVS.5400");
        assert!(answer.message().starts_with("Malformed request url"), "{answer}");
        // the fields before the record
        ask(path("beta", "nope"), json!({"accept": {}})).await.fails(400, "EVS.5400");
        ask(path("beta", &new_id()), json!({"accept": {"auth_key": true}})).await.fails(400, "EVS.5400");
        // the record before the key
        ask(path("beta", &new_id()), json!({"accept": {"auth_key": "wrong"}})).await.fails(404, "EVS.5404");
        let offered = server.offer().await;
        let answer = ask(path("beta", &offered.id), json!({"accept": {"auth_key": "wrong"}})).await;
        assert!(answer.fails(400, "EVS.5400").starts_with("Invalid auth key"), "{answer}");
    }
}

#[apply(both_engines!)]
async fn a_lists_project_comes_before_its_parameters(server: TestServer) {
    for api in ["v2", "v3"] {
        let answer = server.get(&format!("/{api}/beta/os-volume-transfer?limit=x")).await;
        answer.fails(400, "EVS.5400");
        assert!(answer.message().starts_with("Malformed request url"), "{answer}");
        assert!(!answer.message().contains("limit"), "{answer}");
    }
}

#[apply(both_engines!)]
async fn a_caller_who_says_twice_who_is_calling_is_nobody(server: TestServer) {
    // raw() sends the token of alice:alpha
    for second in ["X-Auth-Token: alice:alpha", "x-auth-token: bob:alpha", "X-Auth-Token:"] {
        let answer = server.raw("GET /v2/alpha/os-volume-transfer HTTP/1.1", &[second], b"").await;
        assert!(answer.fails(401, "EVS.5401").contains("twice"), "{answer}");
    }
    let both = ["Authorization: SDK-HMAC-SHA256 a", "Authorization: SDK-HMAC-SHA256 b"];
    server.raw("GET /v2/alpha/os-volume-transfer HTTP/1.1", &both, b"").await.fails(401, "EVS.5401");
}
