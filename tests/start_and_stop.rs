//! From the start of a process to its end: what it says, what it waits for, and what it leaves.

use std::future::IntoFuture;

use futures_util::future::join_all;
use handover::domain::Id;
use handover::store::{Purpose, Store, batch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Binary, Database, Engine, apply, binary, both_engines, faults, json, limited, until, volume, within};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[apply(both_engines!)]
async fn it_says_where_it_listens_on_one_line_and_ends_with_0_when_told(engine: Engine) {
    for signal in ["TERM", "INT"] {
        let database = Database::empty(engine);
        let mut server = Binary::serve(&database.url, &[], &[]);
        server.get("/v3/alpha/os-volume-transfer").await.is(200);
        server.signal(signal);
        assert_eq!(server.wait().code(), Some(0), "{}", server.output());
        let said = format!("listening on {}", server.base);
        assert_eq!(server.stdout().lines().count(), 1, "{}", server.stdout());
        assert!(server.stdout().contains(&said), "{}", server.stdout());
    }
}

/// Only where Linux shares its cores between sessions, which `/proc` says.
#[apply(both_engines!)]
async fn beside_a_database_server_it_lets_other_sessions_go_first_and_no_other_session_than_its_own(engine: Engine) {
    let own_session = |command: std::process::Command| {
        let mut of = std::process::Command::new("setsid");
        of.arg(command.get_program()).args(command.get_args());
        for (name, _) in command.get_envs() {
            of.env_remove(name); // it sets none
        }
        of
    };
    for is_own in [true, false] {
        let database = Database::empty(engine);
        let command = if is_own { own_session(binary::command(&[])) } else { binary::command(&[]) };
        let server = Binary::serve_by(command, &database.url, &[], &[]);
        if let Ok(group) = std::fs::read_to_string(format!("/proc/{}/autogroup", server.pid())) {
            match (is_own, engine) {
                (true, Engine::Postgres) => assert!(group.ends_with("nice 10\n"), "{group}"),
                (true, Engine::Sqlite) => assert!(group.ends_with("nice 0\n"), "{group}"),
                // that of these tests
                (false, _) => assert_eq!(group, std::fs::read_to_string("/proc/self/autogroup").unwrap()),
            }
        }
    }
}

#[apply(both_engines!)]
async fn a_story_goes_on_after_a_restart(engine: Engine) {
    let database = Database::empty(engine);
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let mut server = Binary::serve(&database.url, &[], &[]);
    let body = json!({"transfer": {"volume_id": seed["id"]}});
    let transfer = server.post("/v2/alpha/os-volume-transfer", body).await.is(202).transfer();
    assert_eq!(server.stop().code(), Some(0));

    let server = Binary::serve(&database.url, &[], &[]);
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", transfer["id"].as_str().unwrap());
    server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await.fails(400, "EVS.5400");
    server.post(&path, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").await.is(202);
    drop(server);
    assert_eq!(faults(&database.url).await, Vec::<String>::new());
}

#[apply(both_engines!)]
async fn a_request_under_way_is_answered_before_it_ends(engine: Engine) {
    let database = Database::empty(engine);
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let mut server = Binary::serve(&database.url, &[], &[]);
    let body = json!({"transfer": {"volume_id": seed["id"]}}).to_string();
    let head = format!(
        "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(server.host()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    within("it asks for the body", stream.read_exact(&mut go_on)).await.unwrap();
    assert_eq!(text(&go_on), "HTTP/1.1 100 Continue\r\n\r\n");

    server.signal("TERM");
    // so it is on its way out:
    until("it takes no more connections", async || TcpStream::connect(server.host()).await.is_err()).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("it answers", stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 202 "), "{}", text(&answer));
    assert_eq!(server.wait().code(), Some(0), "{}", server.output());
    // for the client that sends it, or already for the handler
    assert!(server.output().contains("stopping, within 30 s: waiting for "), "{}", server.output());
    assert_eq!(faults(&database.url).await, Vec::<String>::new());
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stop_says_which_requests_it_waits_for() {
    let database = Database::fresh(Engine::Postgres);
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let mut server = Binary::serve(&database.url, &[], &[]);
    let elsewhere = Store::open(&database.url, Purpose::Command).await.unwrap();
    let mut lock = elsewhere.transaction().await.unwrap();
    batch::lock(&mut lock, "volumes", "id", [Id::parse(seed["id"].as_str().unwrap()).unwrap()]).await.unwrap();
    let asking = server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": seed["id"]}})).into_future();
    let asked = tokio::spawn(asking);
    database.until_somebody_waits().await;
    server.signal("TERM");
    until("it says so", async || server.output().contains("waiting for 1 of POST /os-volume-transfer")).await;
    drop(lock);
    within("it answers", asked).await.unwrap().is(202);
    assert_eq!(server.wait().code(), Some(0), "{}", server.output());
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_starts_at_once_on_one_empty_postgresql_all_serve() {
    let database = Database::empty(Engine::Postgres);
    let start = |_| {
        let url = database.url.clone();
        tokio::task::spawn_blocking(move || Binary::serve(&url, &["--database-connections=4"], &[]))
    };
    let servers = join_all((0..10).map(start)).await;
    for server in servers {
        server.unwrap().get("/v2/alpha/os-volume-transfer").await.is(200);
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_fixtures_at_once_each_have_their_own() {
    let start = |_| {
        tokio::task::spawn_blocking(|| {
            let (database, seed) = (Database::empty(Engine::Sqlite), volume("alpha"));
            binary::import(&database.url, &json!({"volumes": [seed]}));
            (Binary::serve(&database.url, &[], &[]), seed["id"].clone(), database)
        })
    };
    let fixtures = join_all((0..30).map(start)).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    let offers = fixtures.iter().map(|(server, id, _)| {
        server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": id}})).into_future()
    });
    join_all(offers).await.into_iter().for_each(|answer| drop(answer.is(202)));
    for (server, id, _) in &fixtures {
        let listed = server.get("/v2/alpha/os-volume-transfer").await.is(200).json();
        let theirs: Vec<_> = listed["transfers"].as_array().unwrap().iter().map(|transfer| &transfer["volume_id"]).collect();
        assert_eq!(theirs, [id]);
    }
}

#[apply(both_engines!)]
async fn a_port_that_is_taken_ends_the_start_and_says_so(engine: Engine) {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let database = Database::empty(engine);
    let output = binary::run(&["serve", "--listen", &address, "--database-url", &database.url], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&address), "{}", text(&output.stderr));
    let looked = binary::run(&["check", "--database-url", &database.url], "");
    let nothing = ["there is no database", "is at version 0"];
    assert!(
        nothing.iter().any(|nothing| text(&looked.stderr).contains(nothing)),
        "no database was changed: {}",
        text(&looked.stderr)
    );
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_database_that_cannot_be_reached_is_told_once_with_its_cause() {
    let there = Database::fresh(Engine::Postgres);
    let nonesuch = there.url.replace(there.name(), "nonesuch");
    for (url, cause) in [
        ("postgres://nobody@127.0.0.1:1/none", "Connection refused"),
        ("postgres://nobody@nowhere.invalid/none", "failed to lookup address"),
        (&*nonesuch, "database \\\"nonesuch\\\" does not exist\""),
    ] {
        let url = format!("--database-url={url}");
        let mut command = binary::command(&["serve", "--listen", "127.0.0.1:0", "--log-format=json", &url]);
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(2)).await; // it tries twice a second
        child.kill().unwrap();
        let said = text(&child.wait_with_output().unwrap().stderr);
        assert_eq!(said.matches("the database is not there yet").count(), 1, "{said}");
        assert!(said.contains(cause), "{said}");
    }
}

#[apply(limited!)]
#[test]
fn an_address_that_others_reach_needs_a_word_more_without_authentication() {
    let database = Database::empty(Engine::Sqlite);
    let output = binary::run(&["serve", "--listen", "0.0.0.0:0", "--database-url", &database.url], "");
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("0.0.0.0:0") && message.contains("--danger-no-auth-beyond-loopback"), "{message}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthcheck_says_whether_the_service_is_ready() {
    let database = Database::empty(Engine::Sqlite);
    let mut server = Binary::serve(&database.url, &[], &[]);
    let host = server.host().to_owned();
    let ready = binary::run(&["healthcheck", "--listen", &host], "");
    assert_eq!(ready.status.code(), Some(0), "{}", text(&ready.stderr));
    server.kill();
    let gone = binary::run(&["healthcheck", "--listen", &host], "");
    assert_eq!(gone.status.code(), Some(1));
    assert!(text(&gone.stderr).contains(&host), "{}", text(&gone.stderr));

    // one that comes up while it is waited for
    let waiting = {
        let host = host.clone();
        tokio::task::spawn_blocking(move || binary::run(&["healthcheck", "--listen", &host, "--wait", "60"], ""))
    };
    let server = Binary::serve(&database.url, &["--listen", &host], &[]);
    let waited = waiting.await.unwrap();
    assert_eq!(waited.status.code(), Some(0), "{}", text(&waited.stderr));
    server.get("/health/ready").await.is(200);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_sqlite_file_and_its_folder_are_made_where_they_are_missing() {
    let database = Database::empty(Engine::Sqlite);
    let folder = database.folder().join("not/there/yet");
    let url = format!("sqlite://{}/handover.db", folder.display());
    let mut server = Binary::serve(&url, &[], &[]);
    server.get("/health/ready").await.is(200);
    assert_eq!(server.stop().code(), Some(0));
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["handover.db"], "a stopped service leaves no log beside its file");
}

#[apply(limited!)]
#[test]
fn a_command_leaves_an_sqlite_database_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let url = |name: &str| format!("sqlite://{}", path(name).display());
    for _ in 0..5 {
        binary::import(&url("one.db"), &json!({"volumes": [volume("alpha"), volume("beta")]}));
        std::fs::copy(path("one.db"), path("copy.db")).unwrap();
        let export = |name: &str| text(&binary::run(&["export", "--database-url", &url(name)], "").stdout);
        assert_eq!(export("copy.db"), export("one.db"));
        std::fs::remove_file(path("copy.db")).unwrap();
    }
}
