//! `--auth keystone`: a caller is who Keystone says, for as long as its word is good, and may what its roles may.

use std::time::Duration;

use futures_util::future::select_all;
use handover::clock::Clock;

use crate::support::{
    Answer, Ask, Engine, Keystone, Mood, Offered, TestServer, Value, apply, both_engines, json, token_of, with, within,
};

const VOLUMES: &str = "/v3/alpha/volumes";

/// A service that asks this Keystone, with flags beside those that it needs.
pub async fn asking(engine: Engine, keystone: &Keystone, more: &[&str]) -> TestServer {
    let flags = keystone.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
    TestServer::with(engine, &flags).await
}

/// A member of the project `alpha` whom Keystone knows by this token.
fn admit(keystone: &Keystone, token: &str) {
    keystone.admit(token, "alice", "alpha", &["member", "reader"]);
}

/// A refusal of ours for a token that Keystone does not know.
#[track_caller]
fn is_refused(answer: &Answer, keystone: &Keystone) {
    answer.fails(401, "EVS.5401");
    let challenge = format!("Keystone uri=\"{}\"", keystone.url());
    assert_eq!(answer.header("www-authenticate"), Some(&*challenge), "{answer}");
}

#[apply(both_engines!)]
async fn a_volume_is_handed_over_between_two_projects_that_keystone_knows(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    keystone.admit("token-a", "a11ce", "alpha", &["member", "reader"]);
    keystone.admit("token-b", "b0b", "beta", &["member", "reader"]);
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume}});
    let offered = Offered::of(&server.post("/v2/alpha/os-volume-transfer", body).by("token-a").await.is(202));
    let path = format!("/v3/beta/volume-transfers/{}/accept", offered.id);
    let accept = || server.post(&path, json!({"accept": {"auth_key": offered.key}}));
    accept().by("token-c").await.fails(401, "EVS.5401");
    accept().by("token-a").await.fails(400, "EVS.5400");
    accept().by("token-b").await.is(202);
    let stored = server.stored_volume(&volume).await;
    assert_eq!((stored.project_id.as_str(), stored.user_id.as_deref()), ("beta", Some("b0b")), "by their ids at Keystone");
    let transfer = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
    server.get(&transfer).by("token-a").await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_caller_may_what_the_roles_of_its_token_may(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    for (token, roles) in [
        ("reads", &["reader"][..]),
        ("works", &["member", "reader"]),
        ("rules", &["admin", "manager", "member", "reader"]),
        ("rules-alone", &["admin"]),
        ("sings", &["singer", "administrator"]),
        ("does-nothing", &[]),
    ] {
        keystone.admit(token, token, "alpha", roles);
    }
    let create = json!({"volume": {"size": 1}});
    for (token, get, post, admin) in [
        ("reads", 200, 403, 403),
        ("works", 200, 202, 403),
        ("rules", 200, 202, 200),
        ("rules-alone", 200, 202, 200),
        ("sings", 403, 403, 403),
        ("does-nothing", 403, 403, 403),
    ] {
        server.get(VOLUMES).by(token).await.is(get);
        server.post(VOLUMES, create.clone()).by(token).await.is(post);
        server.get("/v3/alpha/os-services").by(token).await.is(admin);
    }
    // of everything else that a token may say, nothing counts
    let says = with(
        token_of("u", "alpha", &["reader"]),
        json!({
            "is_admin_project": true,
            "OS-TRUST:trust": {"id": "t", "trustor_user": {"id": "rules"}, "trustee_user": {"id": "u"}, "impersonation": true},
            "service": "volumes",
        }),
    );
    keystone.admit_as("boasts", says);
    server.get("/v3/alpha/os-services").by("boasts").await.is(403);
    server.post(VOLUMES, create).by("boasts").header("X-Service-Token", "rules").await.is(403);
}

#[apply(both_engines!)]
async fn what_is_no_token_is_refused_without_asking(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    is_refused(&server.get(VOLUMES).by_nobody().await, &keystone);
    for token in ["", "two words", "t\u{f6}ken", &"t".repeat(8193)] {
        is_refused(&server.get(VOLUMES).by(token).await, &keystone);
    }
    is_refused(&server.get("/v2/alpha/cloudvolumes").by_nobody().await, &keystone);
    is_refused(&server.get("/v3/alpha/nothing-here").by_nobody().await, &keystone);
    assert_eq!(keystone.asked(), (0, 0));
    is_refused(&server.get(VOLUMES).by(&"t".repeat(8192)).await, &keystone);
    is_refused(&server.get(VOLUMES).by("alice:alpha").await, &keystone);
    assert_eq!(keystone.asked(), (2, 1));
    server.get("/health/ready").by_nobody().await.is(200);
}

#[apply(both_engines!)]
async fn a_token_without_a_project_is_refused_where_a_project_is_needed(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    let without = |more: Value, removed: &[&str]| {
        let mut says = with(token_of("alice", "alpha", &["admin", "member", "reader"]), more);
        says.as_object_mut().unwrap().retain(|key, _| key != "project" && !removed.contains(&key.as_str()));
        says
    };
    keystone.admit_as("unscoped", without(json!({}), &["roles", "is_domain"]));
    keystone.admit_as("of-domain", without(json!({"domain": {"id": "default", "name": "Default"}}), &[]));
    keystone.admit_as("of-system", without(json!({"system": {"all": true}}), &["is_domain"]));
    for token in ["unscoped", "of-domain", "of-system"] {
        for path in [VOLUMES, "/v2/alpha/volumes/detail", "/v3/volumes", "/v3/volume-transfers/detail"] {
            is_refused(&server.get(path).by(token).await, &keystone);
        }
        is_refused(&server.post(VOLUMES, json!({"volume": {"size": 1}})).by(token).await, &keystone);
    }
    admit(&keystone, "scoped");
    server.get("/v3/volume-transfers/detail").by("scoped").await.is(200);
}

#[apply(both_engines!)]
async fn nobody_is_believed_who_says_by_header_who_is_calling(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    keystone.admit("reads", "rita", "alpha", &["reader"]);
    let pretend = |ask: Ask| {
        let names = ["User-Id", "User", "Project-Id", "Tenant-Id", "Roles", "Role", "Identity-Status", "Service-Roles"];
        let values = ["admin", "admin", "beta", "beta", "admin,member", "admin", "Confirmed", "admin"];
        names.iter().zip(values).fold(ask, |ask, (name, value)| {
            let spellings = [format!("X-{name}"), format!("x_{}", name.replace('-', "_")), format!("OPENSTACK-{name}")];
            spellings.iter().fold(ask, |ask, name| ask.header(name, value))
        })
    };
    is_refused(&pretend(server.get(VOLUMES)).by_nobody().await, &keystone);
    is_refused(&pretend(server.get(VOLUMES)).by("unknown").await, &keystone);
    pretend(server.get(VOLUMES)).by("reads").await.is(200);
    pretend(server.post(VOLUMES, json!({"volume": {"size": 1}}))).by("reads").await.is(403);
    pretend(server.get("/v3/beta/volumes")).by("reads").await.is(400);
}

#[apply(both_engines!)]
async fn a_word_is_kept_for_the_time_that_is_set_and_a_refusal_for_half_a_minute(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &["--token-cache=120"]).await;
    admit(&keystone, "alices");
    let get = || server.get(VOLUMES).by("alices");
    get().await.is(200);
    keystone.revoke("alices");
    server.clock.advance(Duration::from_secs(110));
    get().await.is(200);
    assert_eq!(keystone.asked(), (1, 1));
    server.clock.advance(Duration::from_secs(10));
    is_refused(&get().await, &keystone);
    admit(&keystone, "alices");
    server.clock.advance(Duration::from_secs(25));
    is_refused(&get().await, &keystone);
    assert_eq!(keystone.asked(), (2, 1));
    server.clock.advance(Duration::from_secs(5));
    get().await.is(200);
    assert_eq!(keystone.asked(), (3, 1));
}

#[apply(both_engines!)]
async fn without_a_cache_what_changes_at_keystone_holds_at_once(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &["--token-cache=0"]).await;
    admit(&keystone, "alices");
    let create = || server.post(VOLUMES, json!({"volume": {"size": 1}})).by("alices");
    create().await.is(202);
    keystone.admit("alices", "alice", "alpha", &["reader"]);
    create().await.is(403);
    keystone.revoke("alices");
    is_refused(&create().await, &keystone);
    assert_eq!(keystone.asked(), (3, 1));
}

#[apply(both_engines!)]
async fn a_token_is_good_to_its_end_and_no_longer(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    let ends = |token: &str, after: u64| {
        let end = server.clock.now().after(Duration::from_secs(after));
        let says = with(token_of("alice", "alpha", &["member"]), json!({"expires_at": format!("{end}Z")}));
        keystone.admit_as(token, says);
    };
    ends("over", 0);
    is_refused(&server.get(VOLUMES).by("over").await, &keystone);
    ends("short", 60);
    server.get(VOLUMES).by("short").await.is(200);
    server.clock.advance(Duration::from_mins(1));
    is_refused(&server.get(VOLUMES).by("short").await, &keystone);
}

#[apply(both_engines!)]
async fn many_callers_with_one_token_are_one_question(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    admit(&keystone, "alices");
    keystone.set(Mood::HoldsBack("alices"));
    let callers: Vec<_> = (0..40).map(|_| tokio::spawn(server.get(VOLUMES).by("alices").into_future())).collect();
    keystone.questions(1).await;
    keystone.set(Mood::Works);
    for caller in callers {
        caller.await.unwrap().is(200);
    }
    assert_eq!(keystone.asked(), (1, 1));
}

#[apply(both_engines!)]
async fn a_flood_of_bad_tokens_keeps_no_good_one_waiting(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    admit(&keystone, "alices");
    server.get(VOLUMES).by("alices").await.is(200);
    keystone.set(Mood::HoldsBack("bad"));
    let flood = (0..600).map(|n| tokio::spawn(server.get(VOLUMES).by(&format!("bad-{n}")).try_send()));
    // as many are asked about as may be at once; the first who is answered is one too many of those who wait
    let (first, _, flood) = within("one is sent away", select_all(flood)).await;
    assert!(first.unwrap().unwrap().message().contains("Too many tokens wait for Keystone's word"));
    server.get(VOLUMES).by("alices").await.is(200);
    assert_eq!(keystone.asked().0, 1 + 24);
    // one that has to be asked about again has its turn all the same
    server.clock.advance(Duration::from_mins(5));
    server.get(VOLUMES).by("alices").await.is(200);
    assert_eq!(keystone.asked().0, 2 + 24);
    keystone.set(Mood::Works);
    for caller in flood {
        let answer = caller.await.unwrap().unwrap();
        assert!(answer.status == 401 || answer.status == 503 && answer.message().contains("Keystone"), "{answer}");
    }
}
