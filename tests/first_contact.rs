//! The first minutes: one command that begins with volumes, what it says, and what people see who look at it with a browser, a
//! manual or a shell.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;
use futures_util::future::join_all;
use handover::cli::Cli;
use handover::settings::{GROUPS, group};

use crate::support::{Binary, Database, Engine, TestServer, apply, binary, both_engines, faults, json, limited, volume};

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/seed.yaml");
const VOLUMES: &str = "/v3/firstproject/volumes";

async fn names(server: &Binary) -> usize {
    server.get(VOLUMES).by("alice:firstproject").await.is(200).rows("volumes").len()
}

#[apply(both_engines!)]
async fn it_begins_with_the_tours_volumes_and_later_with_those_that_it_has(engine: Engine) {
    let database = Database::empty(engine);
    let mut server = Binary::serve(&database.url, &["--demo", "--log-format", "json"], &[]);
    assert_eq!(names(&server).await, 14);
    let accept = "/v2/other/os-volume-transfer/1a7059f5-8ed7-45b7-8d05-2811e5d09f24/accept";
    server.post(accept, json!({"accept": {"auth_key": "9266c59563c84664"}})).by("bob:other").await.is(202);
    server.stop();
    assert!(server.output().contains("loaded the demonstration: volumes: 14 created"), "{}", server.output());

    // what was accepted stays so, and is nothing to stumble over
    for flags in [&["--demo"][..], &["--import", SEED], &["--import", "/nowhere/at/all.yaml"]] {
        let mut server = Binary::serve(&database.url, flags, &[]);
        assert_eq!(names(&server).await, 13, "{flags:?}");
        server.stop();
        assert!(server.output().contains("the database has, or had, volumes already: "), "{}", server.output());
        assert!(server.output().contains("is not loaded"), "{}", server.output());
    }
    assert_eq!(faults(&database.url).await, [""; 0]);
}

/// A test's cleaning up takes the volumes away, not what was done with them.
#[apply(both_engines!)]
async fn it_begins_again_where_all_its_volumes_are_gone(engine: Engine) {
    let database = Database::empty(engine);
    let mut server = Binary::serve(&database.url, &["--demo"], &[]);
    let accept = "/v2/firstproject/os-volume-transfer/1a7059f5-8ed7-45b7-8d05-2811e5d09f24/accept";
    server.post(accept, json!({"accept": {"auth_key": "9266c59563c84664"}})).by("alice:firstproject").await.is(202);
    for volume in server.get(VOLUMES).by("admin:firstproject").await.is(200).rows("volumes") {
        let volume = volume["id"].as_str().unwrap();
        server
            .post(&format!("{VOLUMES}/{volume}/action"), json!({"os-reset_status": {"status": "error"}}))
            .by("admin:firstproject")
            .await
            .is(202);
        server.delete(&format!("{VOLUMES}/{volume}?cascade=true")).by("admin:firstproject").await.is(202);
    }
    server.stop();
    let mut server = Binary::serve(&database.url, &["--demo"], &[]);
    assert_eq!(names(&server).await, 0);
    server.stop();
    assert!(server.output().contains("the demonstration is not loaded"), "{}", server.output());
}

/// Else it would undo at each start what was done since.
#[apply(both_engines!)]
async fn a_document_without_volumes_is_nothing_to_begin_with(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    fs::write(&file, json!({"users": [{"name": "joe", "password": "correct horse battery"}]}).to_string()).unwrap();
    let database = Database::empty(engine);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url, "--import", file.to_str().unwrap()];
    let output = binary::run(&serve, "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it holds no volume") && said.contains("Nothing was loaded"), "{said}");
}

/// The first process of a container is stopped by no signal that it does not listen to.
#[apply(limited!)]
#[test]
fn it_can_be_stopped_while_it_loads() {
    let database = Database::empty(Engine::Sqlite);
    let mut child = binary::command(&["serve", "--database-url", &database.url, "--listen", "127.0.0.1:0", "--import", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take(); // held open: at its end the import would end too
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("loading standard input")), "it does not say what it does");
    assert!(Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(input);
}

#[apply(both_engines!)]
async fn a_document_that_is_wrong_stops_the_start_and_leaves_nothing(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.json");
    let file = file.to_str().unwrap();
    fs::write(file, json!({"volumes": [volume("alpha"), {"id": "nope", "project_id": "alpha"}]}).to_string()).unwrap();
    let database = Database::empty(engine);
    let start = |flags: &[&str]| {
        let all = [&["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url], flags].concat();
        let output = binary::run(&all, "");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = start(&["--import", file]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("{file}: volumes[1]")) && said.contains("Nothing was loaded"), "{said}");
    let (code, said) = start(&["--import", "/nowhere/at/all.yaml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("/nowhere/at/all.yaml") && said.contains("No such file"), "{said}");
    let (code, said) = start(&["--import", file, "--demo"]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(names(&Binary::serve(&database.url, &[], &[])).await, 0);
}

/// The one loads it, the others find it there.
#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_begin_with_one_document() {
    let database = Database::empty(Engine::Postgres);
    let starts = [(); 4].map(|()| {
        let url = database.url.clone();
        tokio::task::spawn_blocking(move || Binary::serve(&url, &["--demo"], &[]))
    });
    let mut loaded = 0;
    for server in join_all(starts).await {
        let mut server = server.unwrap();
        assert_eq!(names(&server).await, 14);
        server.stop();
        loaded += usize::from(server.output().contains("loaded the demonstration"));
    }
    assert_eq!(loaded, 1);
    assert_eq!(faults(&database.url).await, [""; 0]);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_first_line_says_who_may_call_and_where_the_page_is() {
    let database = Database::empty(Engine::Sqlite);
    let password = ("HANDOVER_ADMIN_PASSWORD", "correct horse battery staple");
    let public = "https://volumes.example.org/block";
    for (flags, said, unsaid) in [
        (&[][..], &["callers are whoever they say they are", "/docs/", "; try: curl -s http://127.0.0.1:"][..], "is at /docs/"),
        (&["--auth", "builtin"], &["callers sign in at /identity/v3", "/docs/"], "curl"),
        // what a container listens on is where nobody outside finds it
        (&["--listen", "0.0.0.0:0", "--auth", "builtin"], &["is at /docs/"], "127.0.0.1"),
        (&["--public-url", public], &[public, "curl -s https://volumes.example.org/block/v2/"], "127.0.0.1:8776"),
    ] {
        let mut server = Binary::serve(&database.url, flags, &[password]);
        server.stop();
        let line = server.stdout();
        assert!(said.iter().all(|word| line.contains(word)) && !line.contains(unsaid), "{flags:?}: {line}");
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn localhost_is_an_address() {
    let database = Database::empty(Engine::Sqlite);
    let server = Binary::serve(&database.url, &["--listen", "localhost:0"], &[]);
    server.get("/health/live").await.is(200);
}

#[apply(both_engines!)]
async fn who_asks_for_a_page_before_json_gets_one(server: TestServer) {
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    let client = handover::asking::client(rustls::RootCertStore::empty()).build().unwrap();
    for accept in
        [browser, "text/html", "application/json;q=0.5, text/html", "text/*, application/json;q=0.9", "text/html, */*"]
    {
        let answer = client.get(&server.base).header("Accept", accept).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!((answer.status().as_u16(), header("vary").as_deref()), (200, Some("Accept")), "{accept}");
        assert_eq!(header("content-type").as_deref(), Some("text/html; charset=utf-8"), "{accept}");
        let (page, base) = (answer.text().await.unwrap(), &server.base);
        for said in [
            &*format!("Version {}, on ", env!("CARGO_PKG_VERSION")),
            "; callers are whoever they say they are",
            &format!("href=\"{base}/docs/\""),
            &format!("href=\"{base}/openapi.json\""),
            &format!("href=\"{base}/health/ready\""),
        ] {
            assert!(page.contains(said), "{said} is not in {page}");
        }
        assert!(["{version}", "{engine}", "{callers}", "{url}"].iter().all(|hole| !page.contains(hole)), "{page}");
    }
    for accept in [
        "", "*/*", "application/json", "application/json, text/html", "text/html;q=0.1, */*", "text/plain", "what",
        "text/html;q=0", "text/html;q=0.5, application/*",
    ] {
        let answer = server.get("/").by_nobody().header("Accept", accept).await.is(300);
        assert_eq!(answer.rows("versions").len(), 2, "{accept}");
    }
}

#[apply(both_engines!)]
async fn metrics_come_in_the_form_before_openmetrics_to_who_does_not_ask_for_it(server: TestServer) {
    server.offer().await;
    for accept in
        ["", "*/*", "text/plain;version=0.0.4", "text/plain, application/openmetrics-text", "application/openmetrics-text;q=0"]
    {
        let answer = server.get("/metrics").by_nobody().header("Accept", accept).await.is(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"), "{accept}");
        let text = answer.text();
        assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
        assert!(text.contains("# TYPE handover_requests_total counter\nhandover_requests_total{"), "{text}");
        assert!(text.contains("# HELP handover_transfers Transfers in the database by state.\n"), "{text}");
    }
    let prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5";
    let answer = server.get("/metrics").by_nobody().header("Accept", prometheus).await.is(200);
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"), "{answer}");
    assert!(answer.text().ends_with("# EOF\n"), "{answer}");
}

fn printed(arguments: &[&str]) -> String {
    let output = binary::command(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[apply(limited!)]
#[test]
fn a_command_is_offered_the_settings_that_it_heeds() {
    let command = Cli::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    for (heading, heeding, settings) in GROUPS {
        for setting in settings.split(' ') {
            assert_eq!(GROUPS.iter().filter(|(.., all)| all.split(' ').any(|one| one == setting)).count(), 1, "{setting}");
            assert_eq!(group(setting).0, *heading);
        }
        assert!(heeding.split(' ').filter(|one| !one.is_empty()).all(|one| commands.contains(&one)), "{heeding}");
    }
    for (arguments, has, has_not) in [
        (&["migrate", "--help"][..], "--database-url", "--listen"),
        (&["help", "healthcheck"], "--listen", "--database-url"),
        (&["import", "-h"], "--rules", "--workers"),
        (&["access-key", "create", "--help"], "--seal-key", "--rules"),
        (&["serve", "--help"], "--workers", "--orphans"),
        (&["--help"], "--workers", "--orphans"),
    ] {
        let help = printed(arguments);
        assert!(help.contains(has) && !help.contains(has_not), "{arguments:?}: {help}");
        assert!(help.contains("\nGeneral:\n"), "{help}");
    }
    // nor is it one where it is wrong: neither asks a database or the policy
    let environment = [("DATABASE_URL", "mysql://x"), ("HANDOVER_POLICY", "/nowhere")];
    let output = binary::command(&["healthcheck", "--listen", "127.0.0.1:1"]).envs(environment).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    // one that a command does not heed is no mistake: a file of settings or an environment is for all of them
    printed(&["completions", "bash", "--listen", "127.0.0.1:9000"]);
}

#[apply(limited!)]
#[test]
fn shells_and_the_manual_are_told_of_every_command_and_setting() {
    let command = Cli::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let scripts = Shell::value_variants().iter().map(|shell| printed(&["completions", &shell.to_string()]));
    for (command, word) in [("serve", "demo"), ("import", "orphans"), ("acts", "since")] {
        assert!(printed(&["man", command]).contains(word), "{word}");
    }
    for text in scripts.chain([printed(&["man"]).replace("\\-", "-")]) {
        for word in
            commands.iter().copied().chain(["--database-url", "--keystone-url"].map(|flag| flag.trim_start_matches('-')))
        {
            assert!(text.contains(word), "{word} is not in {}", &text[..text.len().min(200)]);
        }
    }
}
