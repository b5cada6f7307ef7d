//! `--auth keystone` where something is wrong: with Keystone, with the network, with the service's own account or settings.
//! Nobody is let in, and whoever asks is told that it is Keystone.

use std::fs;
use std::time::Duration;

use handover::clock::Clock;

use crate::keystone::asking;
use crate::support::{
    Answer, Binary, Database, Engine, Keystone, Mood, TestServer, Value, apply, binary, both_engines, json, limited, token_of,
    with,
};

const VOLUMES: &str = "/v3/alpha/volumes";

/// A member of the project `alpha` whom Keystone knows by this token.
fn admit(keystone: &Keystone, token: &str) {
    keystone.admit(token, "alice", "alpha", &["member", "reader"]);
}

/// Nobody was let in, for want of Keystone's word.
#[track_caller]
fn is_unavailable(answer: &Answer, what: &str) {
    let message = answer.fails(503, "EVS.5503");
    assert!(message.contains("Keystone") && message.contains(what), "{what}: {answer}");
    assert_eq!(answer.header("retry-after"), Some("1"), "{answer}");
}

#[apply(both_engines!)]
async fn an_answer_that_is_no_good_lets_nobody_in_and_is_not_kept(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    admit(&keystone, "alices");
    let get = || server.get(VOLUMES).by("alices");
    for (mood, what) in [
        (Mood::Answers(500), "answers 500"),
        (Mood::Answers(503), "answers 503"),
        (Mood::Answers(429), "answers 429"),
        (Mood::Answers(400), "answers 400"),
        (Mood::Answers(302), "answers 302"),
        (Mood::Answers(204), "answers 204"),
        (Mood::Answers(201), "answers 201"),
        (Mood::Says(""), "no token"),
        (Mood::Says("<html>alice is an admin</html>"), "no token"),
        (Mood::Says("{}"), "no token"),
        (Mood::Says("null"), "no token"),
        (Mood::Says(r#"{"token": {"user": {"id": "alice"}, "project": {"id": "alpha"}}}"#), "no token"),
        (Mood::CutsAnswersOff, "cannot be asked"),
        (Mood::Floods, "no token"),
        (Mood::HangsUp, "cannot be asked"),
    ] {
        keystone.set(mood);
        is_unavailable(&get().await, what);
    }
    keystone.set(Mood::AnswersInPieces);
    get().await.is(200);
    keystone.set(Mood::HangsUp);
    get().await.is(200);
}

#[apply(both_engines!)]
async fn a_token_of_which_keystone_says_what_cannot_be_lets_nobody_in(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    for (n, more) in [
        json!({"user": {"id": ""}}),
        json!({"user": {"id": "a\0b"}}),
        json!({"user": {"id": "u".repeat(256)}}),
        json!({"user": null}),
        json!({"user": {"id": 1}}),
        json!({"project": {"id": "../beta"}}),
        json!({"project": {"id": ""}}),
        json!({"project": "alpha"}),
        json!({"roles": "admin"}),
        json!({"roles": [{"id": "1"}]}),
        json!({"expires_at": "soon"}),
        json!({"expires_at": null}),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("token-{n}");
        keystone.admit_as(&token, with(token_of("alice", "alpha", &["member"]), more));
        is_unavailable(&server.get(VOLUMES).by(&token).await, "no token");
    }
}

#[apply(both_engines!)]
async fn who_waits_for_keystone_is_told_so_after_five_seconds(engine: Engine) {
    let mut waiting = Vec::new();
    let mut servers = Vec::new();
    for mood in [Mood::IsSilent, Mood::Drips] {
        let keystone = Keystone::start();
        let server = asking(engine, &keystone, &[]).await;
        admit(&keystone, "alices");
        keystone.set(mood);
        waiting.extend(["alices", "alices", "others"].map(|token| tokio::spawn(server.get(VOLUMES).by(token).into_future())));
        servers.push((keystone, server));
    }
    let begun = tokio::time::Instant::now();
    for answer in waiting {
        is_unavailable(&answer.await.unwrap(), "within 5 s");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(15), "all wait at once, each for 5 s: {took:?}");
    let (keystone, server) = &servers[0];
    keystone.set(Mood::Works);
    server.get(VOLUMES).by("alices").await.is(200);
}

#[apply(both_engines!)]
async fn a_start_does_not_wait_for_keystone_and_may_be_where_others_reach_it(engine: Engine) {
    let keystone = Keystone::start();
    let flags = keystone.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    // a port on which nobody listens any more
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("--keystone-url=http://{nowhere}/identity/v3/");
    let server = TestServer::with(engine, &[&flags[..flags.len() - 1], &[&url, "--listen=0.0.0.0:0"]].concat()).await;
    server.get("/health/ready").by_nobody().await.is(200);
    is_unavailable(&server.get(VOLUMES).by("alices").await, "refused");
    let challenge = format!("Keystone uri=\"http://{nowhere}/identity\"");
    assert_eq!(server.get(VOLUMES).by_nobody().await.is(401).header("www-authenticate"), Some(&*challenge));
}

#[apply(both_engines!)]
async fn the_services_own_token_is_renewed_before_its_end_and_where_keystone_takes_it_no_more(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &["--token-cache=0"]).await;
    admit(&keystone, "alices");
    let get = || server.get(VOLUMES).by("alices");
    let in_an_hour = server.clock.now().after(Duration::from_hours(1));
    let never = keystone.with(|known| std::mem::replace(&mut known.own_ends, format!("{in_an_hour}Z")));
    get().await.is(200);
    keystone.with(|known| known.own_ends = never);
    server.clock.advance(Duration::from_mins(58));
    get().await.is(200);
    assert_eq!(keystone.asked(), (2, 1));
    server.clock.advance(Duration::from_mins(1));
    get().await.is(200);
    get().await.is(200);
    assert_eq!(keystone.asked(), (4, 2), "renewed once");
    keystone.revoke_own();
    get().await.is(200);
    get().await.is(200);
    assert_eq!(keystone.asked(), (7, 3), "asked again with a new one, once");
    keystone.set(Mood::Answers(401));
    is_unavailable(&get().await, "answers 401");
    assert_eq!(keystone.asked(), (9, 4), "and no more than once");
}

#[apply(both_engines!)]
async fn an_account_of_the_services_that_keystone_refuses_is_no_fault_of_the_callers(engine: Engine) {
    let keystone = Keystone::start();
    let server = asking(engine, &keystone, &[]).await;
    admit(&keystone, "alices");
    keystone.with(|known| known.account_is_good = false);
    is_unavailable(&server.get(VOLUMES).by("alices").await, "own account");
    is_unavailable(&server.get(VOLUMES).by("unknown").await, "own account");
    keystone.with(|known| (known.account_is_good, known.may_validate) = (true, false));
    is_unavailable(&server.get(VOLUMES).by("alices").await, "role `service`");
    keystone.with(|known| known.may_validate = true);
    server.get(VOLUMES).by("alices").await.is(200);
}

#[apply(both_engines!)]
async fn the_service_signs_in_by_a_user_or_by_an_application_credential(engine: Engine) {
    let keystone = Keystone::start();
    admit(&keystone, "alices");
    let (ours, url) = (keystone.flags(), format!("--keystone-url={}/v3", keystone.url()));
    let user: Vec<&str> = ours.iter().map(String::as_str).chain(["--keystone-user-domain=people"]).collect();
    let credential = [
        "--auth=keystone",
        &url,
        "--keystone-application-credential-id=c1",
        "--keystone-application-credential-secret=planted",
    ];
    for flags in [&user[..], &credential] {
        TestServer::with(engine, flags).await.get(VOLUMES).by("alices").await.is(200);
    }
    let user = json!({"name": "handover", "domain": {"name": "people"}, "password": Keystone::PASSWORD});
    let project = json!({"name": "service", "domain": {"name": "Default"}});
    let secret = json!({"id": "c1", "secret": "planted"});
    assert_eq!(
        json!(keystone.with(|known| known.sign_ins.clone())),
        json!([
            {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": project}}},
            {"auth": {"identity": {"methods": ["application_credential"], "application_credential": secret}}},
        ])
    );
}

#[apply(both_engines!)]
async fn a_certificate_of_an_authority_that_is_not_known_lets_nobody_in(engine: Engine) {
    let keystone = Keystone::with_tls();
    admit(&keystone, "alices");
    let ca = format!("--keystone-ca={}", keystone.authority());
    asking(engine, &keystone, &[&ca]).await.get(VOLUMES).by("alices").await.is(200);
    let strange = Keystone::with_tls();
    let others = format!("--keystone-ca={}", strange.authority());
    for more in [&[][..], &[&*others]] {
        is_unavailable(&asking(engine, &keystone, more).await.get(VOLUMES).by("alices").await, "certificate");
    }
    assert_eq!(keystone.asked(), (1, 1), "no token and no password was sent");
    // what its certificate says is not where it is
    let flags = [&*format!("--keystone-url={}", keystone.url_of_tls().replace("127.0.0.1", "localhost")), &ca];
    let ours = keystone.flags();
    let ours: Vec<&str> = ours[..ours.len() - 1].iter().map(String::as_str).chain(flags).collect();
    is_unavailable(&TestServer::with(engine, &ours).await.get(VOLUMES).by("alices").await, "certificate");
}

#[apply(both_engines!)]
async fn no_token_and_no_password_is_in_a_log_or_an_answer(engine: Engine) {
    let keystone = Keystone::start();
    let tokens = ["planted-good", "planted-unknown", "planted-reader"];
    keystone.admit(tokens[0], "alice", "alpha", &["member"]);
    keystone.admit(tokens[2], "rita", "alpha", &["reader"]);
    let database = Database::empty(engine);
    let flags = keystone.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).filter(|flag| !flag.contains("password")).collect();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, format!("{}\n", Keystone::PASSWORD)).unwrap();
    let secret = secret.display().to_string();
    let environment = [("HANDOVER_LOG", "trace"), ("HANDOVER_KEYSTONE_PASSWORD_FILE", &secret)];
    let more = [&flags[..], &["--token-cache=0", "--log-format=json"]].concat();
    let mut server = Binary::serve(&database.url, &more, &environment);
    let mut said = String::new();
    for mood in
        [Mood::Works, Mood::Answers(500), Mood::Answers(401), Mood::Says("planted"), Mood::HangsUp, Mood::CutsAnswersOff]
    {
        keystone.set(mood);
        for token in tokens {
            said += server.get(VOLUMES).by(token).await.text();
            said += server.post(VOLUMES, json!({"volume": {"size": 1}})).by(token).await.text();
        }
    }
    keystone.with(|known| (known.account_is_good, known.may_validate) = (false, false));
    keystone.revoke_own();
    keystone.set(Mood::Works);
    is_unavailable(&server.get(VOLUMES).by(tokens[0]).await, "own account");
    assert_eq!(server.stop().code(), Some(0));
    let log = server.output();
    let warnings: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let warnings = warnings.iter().filter(|line| line["level"] == "WARN").count();
    // of each failing mood, the four of the tokens that are not refused from memory, and one more
    assert_eq!(warnings, 5 * 4 + 1, "one line a failure: {log}");
    let held = keystone.with(|known| known.sign_ins.last().unwrap().to_string());
    assert!(held.contains(Keystone::PASSWORD), "the password is the file's");
    assert!(!log.contains("planted") && !said.contains("planted"), "{said}\n{log}");
}

#[apply(limited!)]
#[test]
fn a_start_with_settings_missing_or_against_each_other_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("--database-url=sqlite://{}", folder.path().join("a.db").display());
    let not_pem = folder.path().join("not.pem");
    fs::write(&not_pem, "hush").unwrap();
    let [url, user, password, project, id, secret] = [
        "--keystone-url=https://identity.example.org:5000/v3",
        "--keystone-user=handover",
        "--keystone-password=hush",
        "--keystone-project=service",
        "--keystone-application-credential-id=c1",
        "--keystone-application-credential-secret=hush",
    ];
    let not_pem = format!("--keystone-ca={}", not_pem.display());
    for (flags, named) in [
        (&[user, password, project][..], "--keystone-url"),
        (&[url], "--keystone-user"),
        (&[url, password, project], "--keystone-user"),
        (&[url, user, project], "--keystone-password"),
        (&[url, user, password], "--keystone-project"),
        (&[url, id], "--keystone-application-credential-secret"),
        (&[url, secret], "--keystone-application-credential-id"),
        (&[url, user, password, project, id, secret], "--keystone-application-credential-id"),
        (&[url, password, id, secret], "--keystone-password"),
        (&[url, id, secret, "--keystone-ca=/nowhere/ca.pem"], "--keystone-ca /nowhere/ca.pem"),
        (&[url, id, secret, &not_pem], "--keystone-ca"),
        (&["--keystone-url=identity.example.org", id, secret], "--keystone-url"),
        (&["--keystone-url=http://identity.example.org:port", id, secret], "--keystone-url"),
        (&["--keystone-url=http://me:hush@identity.example.org", id, secret], "--keystone-url"),
        (&[url, id, secret, "--token-cache=301"], "--token-cache"),
    ] {
        let ours = ["serve", "--listen=127.0.0.1:0", "--auth=keystone", &database];
        let output = binary::run(&[&ours[..], flags].concat(), "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(named) && !said.contains("hush"), "{flags:?}: {said}");
    }
}
