//! Signed requests: an access key opens what its user may, where it may, once for what changes something.

use std::time::Duration;

use handover::clock::Clock;
use handover::secrets::sealing::hex;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use sha2::{Digest, Sha256};

use crate::support::{
    Answer, Ask, Client, Engine, Fixture, Replicas, TestServer, Value, apply, both_engines, json, until, volume,
};

const ACCESS: &str = "AKALICE";
const SECRET: &str = "a secret key of alice's";

fn hmac(text: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex(mac.finalize().into_bytes())
}

/// A request as the SDK signs it; what is sent may be another thing than what was signed.
struct Signed {
    method: &'static str,
    path: String,
    body: String,
    date: String,
    project: &'static str,
    authorization: String,
}

impl Signed {
    fn new(host: &str, method: &'static str, path: &str, body: &str, [project, secret, date]: [&'static str; 3]) -> Self {
        let canonical = format!(
            "{method}\n{path}/\n\ncontent-type:application/json\nhost:{host}\nx-project-id:{project}\nx-sdk-date:{date}\n\n\
             content-type;host;x-project-id;x-sdk-date\n{}",
            hex(Sha256::digest(body))
        );
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(Sha256::digest(canonical)));
        let names = "content-type;host;x-project-id;x-sdk-date";
        let authorization =
            format!("SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={names}, Signature={}", hmac(&text, secret));
        Self { method, path: path.to_owned(), body: body.to_owned(), date: date.to_owned(), project, authorization }
    }

    async fn send(&self, to: &Client, host: &str) -> Answer {
        self.ask(to, host).await
    }

    fn ask(&self, to: &Client, host: &str) -> Ask {
        let ask = to.ask(self.method, &self.path).by_nobody().header("Host", host).header("X-Sdk-Date", &self.date);
        let ask = ask.header("Content-Type", "application/json").header("X-Project-Id", self.project);
        let ask = ask.header("Authorization", &self.authorization);
        if self.method == Method::GET { ask } else { ask.body(self.body.clone()) }
    }
}

/// A host that each replica is called by, so that a signature fits all of them.
const HOST: &str = "handover.test";

struct Cast(Vec<TestServer>);

impl Fixture for Cast {
    async fn on(engine: Engine) -> Self {
        let seal = format!("--seal-key={}", "k".repeat(32));
        let flags = ["--auth=builtin", "--admin-password=correct horse battery", &seal];
        let Replicas(servers) = Replicas::with(engine, &flags).await;
        let cast = Self(servers);
        cast.import(&json!({
            "projects": [{"name": "alpha"}, {"name": "beta"}],
            "users": [{
                "name": "alice",
                "roles": {"alpha": ["member"]},
                "access_keys": [{"access": ACCESS, "secret": SECRET, "project_id": "alpha"}],
            }],
        }));
        cast
    }
}

impl Cast {
    /// As the command does it, with the key that seals.
    fn import(&self, document: &Value) {
        let arguments = ["import", "-", "--database-url", &self.0[0].database.url, "--seal-key", &"k".repeat(32)];
        let output = crate::support::binary::run(&arguments, &document.to_string());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn date(&self) -> &'static str {
        let now = self.0[0].clock.now().to_string();
        Box::leak(format!("{}Z", now[..19].replace(['-', ':'], "")).into_boxed_str())
    }

    fn signed(&self, method: &'static str, path: &str, body: &str) -> Signed {
        Signed::new(HOST, method, path, body, ["alpha", SECRET, self.date()])
    }

    async fn first(&self, signed: &Signed) -> Answer {
        signed.send(&self.0[0], HOST).await
    }
}

#[apply(both_engines!)]
async fn a_retry_that_gets_the_first_answer_uses_its_signature_up(cast: Cast) {
    let made = cast.first(&cast.signed("POST", "/v2/alpha/volumes", r#"{"volume": {"size": 1}}"#)).await.is(202).one("volume");
    let body = json!({"transfer": {"volume_id": made["id"]}}).to_string();
    let named = async |signed: &Signed, server: &TestServer| signed.ask(server, HOST).header("Idempotency-Key", "once").await;
    let first = cast.signed("POST", "/v2/alpha/os-volume-transfer", &body);
    let answer = named(&first, &cast.0[0]).await.is(202);
    cast.0[0].clock.advance(Duration::from_secs(1));
    let retry = cast.signed("POST", "/v2/alpha/os-volume-transfer", &body);
    assert_eq!(named(&retry, &cast.0[0]).await.is(202).json(), answer.json());
    for (signed, server) in [&first, &retry].into_iter().zip(cast.0.iter().cycle()) {
        named(signed, server).await.fails(401, "EVS.5401");
    }
}

#[apply(both_engines!)]
async fn a_signature_opens_what_its_user_may_and_a_write_once_on_any_replica(cast: Cast) {
    let create = cast.signed("POST", "/v2/alpha/volumes", r#"{"volume": {"size": 1}}"#);
    let made = cast.first(&create).await.is(202).one("volume");
    assert_eq!(cast.0[0].stored_volume(made["id"].as_str().unwrap()).await.project_id.as_str(), "alpha");
    for server in &cast.0 {
        let again = create.send(server, HOST).await.fails(401, "EVS.5401");
        assert!(again.contains("used before"), "{again}");
    }
    let spaced = Signed {
        authorization: create.authorization.replace(", ", ",  "),
        ..cast.signed("POST", "/v2/alpha/volumes", &create.body)
    };
    spaced.send(cast.0.last().unwrap(), HOST).await.fails(401, "EVS.5401");
    let unknown = cast.signed("DELETE", &format!("/v2/alpha/volumes/{}", crate::support::new_id()), "");
    cast.first(&unknown).await.fails(404, "EVS.5404");
    for server in &cast.0 {
        unknown.send(server, HOST).await.fails(401, "EVS.5401");
    }
    let list = cast.signed("GET", "/v2/alpha/volumes", "");
    for server in &cast.0 {
        assert_eq!(list.send(server, HOST).await.is(200).rows("volumes").len(), 1, "what only looks may be asked again");
    }
}

#[apply(both_engines!)]
async fn what_is_not_what_was_signed_is_refused_without_a_word_of_what_would_be_right(cast: Cast) {
    let body = r#"{"volume": {"size": 1}}"#;
    let signed = || cast.signed("POST", "/v2/alpha/volumes", body);
    let right = signed().authorization.split("Signature=").nth(1).unwrap().to_owned();
    let wrong = [
        Signed { body: body.replace('1', "2"), ..signed() },
        Signed { path: "/v2/alpha/snapshots".to_owned(), ..signed() },
        Signed { method: "PUT", ..signed() },
        Signed { authorization: signed().authorization.replace(ACCESS, "AKNOBODY"), ..signed() },
        Signed { authorization: signed().authorization.replace("SDK-HMAC-SHA256", "V11-HMAC-SHA256"), ..signed() },
        Signed { authorization: "SDK-HMAC-SHA256 Access=".to_owned(), ..signed() },
        Signed { date: "20200101T000000Z".to_owned(), ..signed() },
        Signed::new(HOST, "POST", "/v2/alpha/volumes", body, ["alpha", "another secret", cast.date()]),
        Signed::new("another.test", "POST", "/v2/alpha/volumes", body, ["alpha", SECRET, cast.date()]),
        // a role on this project he has not, and his key is for the other alone
        Signed::new(HOST, "GET", "/v2/beta/volumes", "", ["beta", SECRET, cast.date()]),
    ];
    for signed in &wrong {
        let answer = cast.first(signed).await;
        let message = answer.fails(401, "EVS.5401");
        assert!(!message.contains(&right) && !message.contains(SECRET), "{message}");
    }
    cast.first(&signed()).await.is(202);
    cast.first(&cast.signed("GET", "/v2/alpha/volumes/nothing", "")).await.is(404);
}

#[apply(both_engines!)]
async fn a_key_that_is_deleted_and_a_user_who_is_disabled_open_nothing_within_a_second(cast: Cast) {
    let list = || cast.signed("GET", "/v2/alpha/volumes", "");
    cast.first(&list()).await.is(200);
    cast.import(&json!({"users": [{"name": "alice", "enabled": false}]}));
    for server in &cast.0 {
        until("he is let in no more", async || list().send(server, HOST).await.status == 401).await;
    }
    cast.import(&json!({"users": [{"name": "alice"}]}));
    until("he is let in again", async || cast.first(&list()).await.status == 200).await;
    cast.import(&json!({"users": [{"name": "alice", "roles": {"alpha": []}}]}));
    until("he is let in no more", async || cast.first(&list()).await.status == 401).await;
}

#[apply(both_engines!)]
async fn where_everybody_is_believed_nobody_looks_at_a_signature(server: TestServer) {
    server.seed(json!({"volumes": [volume("alpha")]})).await;
    let signed = Signed::new(HOST, "GET", "/v2/alpha/volumes", "", ["alpha", "any secret", "20200101T000000Z"]);
    assert_eq!(signed.send(&server, HOST).await.is(200).rows("volumes").len(), 1);
}

#[apply(both_engines!)]
async fn who_signs_makes_no_other_key_since_that_would_open_more(cast: Cast) {
    let body = r#"{"credential": {"description": "another"}}"#;
    let answer = cast.first(&cast.signed("POST", "/identity/v3/OS-CREDENTIAL/credentials", body)).await.is(403);
    assert!(answer.text().contains("identity:create_credential"), "{answer}");
}

#[apply(both_engines!)]
async fn a_nul_names_nobody(cast: Cast) {
    for who in [json!({"id": "a\0"}), json!({"name": "a\0", "domain": {"id": "default"}})] {
        let mut user = who.clone();
        user["password"] = json!("x");
        let auth = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
        cast.0[0].post("/identity/v3/auth/tokens", auth).by_nobody().await.is(401);
        let auth = json!({"id": "a\0", "secret": "x"});
        let auth = json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": auth}}});
        cast.0[0].post("/identity/v3/auth/tokens", auth).by_nobody().await.is(404);
    }
}
