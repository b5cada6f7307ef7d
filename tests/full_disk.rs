//! A disk that is full, or takes no writes: an honest 503, reads as ever, and writes again as soon as there is room.

use std::process::Command;

use crate::support::{
    Binary, Client, Database, Engine, TestServer, Value, apply, binary, faults, json, limited, until, volume, with,
};

/// A service whose files can be told not to grow: then each of its writes fails, as on a full disk.
struct Small {
    server: Binary,
    database: Database,
    volumes: Vec<String>,
}

impl Small {
    fn start() -> Self {
        Self::with(&(0..6).map(|_| volume("alpha")).collect::<Vec<_>>())
    }

    fn with(seeds: &[Value]) -> Self {
        let database = Database::fresh(Engine::Sqlite);
        binary::import(&database.url, &json!({"volumes": seeds}));
        // a process that does not heed the signal is told by an error instead
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_handover")]);
        let server = Binary::serve_by(shell, &database.url, &[], &[]);
        let volumes = seeds.iter().map(|seed| seed["id"].as_str().unwrap().to_owned()).collect();
        Self { server, database, volumes }
    }

    fn limit(&self, bytes: &str) {
        let pid = self.server.pid().to_string();
        let limit = format!("--fsize={bytes}:");
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    async fn offer(&self, number: usize) -> crate::support::Answer {
        let body = json!({"transfer": {"volume_id": self.volumes[number]}});
        self.server.post("/v2/alpha/os-volume-transfer", body).await
    }

    async fn until_ready_is(&self, status: u16) {
        let is = async || self.server.get("/health/ready").by_nobody().await.status == status;
        until("it is seen whether anything can be written", is).await;
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn writes_are_503_while_a_disk_is_full_and_work_again_as_soon_as_there_is_room() {
    let small = Small::start();
    small.offer(0).await.is(202);
    for round in 0..2 {
        small.limit("0");
        for _ in 0..3 {
            let answer = small.offer(1 + round).await;
            assert!(answer.fails(503, "EVS.5503").contains("takes no writes"), "{answer}");
            assert!(answer.header("retry-after").is_some(), "{answer}");
        }
        small.until_ready_is(503).await;
        assert_eq!(small.server.get("/v2/alpha/os-volume-transfer").await.is(200).ids().len(), 1 + round, "reads go on");

        small.limit("unlimited");
        small.offer(1 + round).await.is(202);
        small.until_ready_is(200).await;
    }
    drop(small.server);
    assert_eq!(faults(&small.database.url).await, Vec::<String>::new());
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_disk_that_fills_up_amid_many_writers_loses_nothing_that_was_acknowledged() {
    let small = Small::start();
    // the room that is left is used up by some of them
    let wal = small.database.folder().join("handover.db-wal").metadata().map_or(0, |about| about.len());
    small.limit(&(wal + 40_000).to_string());
    let answers = futures_util::future::join_all((0..6).map(|number| small.offer(number))).await;
    small.limit("unlimited");
    for (number, answer) in answers.iter().enumerate() {
        if answer.status == 202 {
            small.offer(number).await.fails(400, "EVS.5400");
        } else {
            answer.fails(503, "EVS.5503");
            small.offer(number).await.is(202);
        }
    }
    drop(small.server);
    assert_eq!(faults(&small.database.url).await, Vec::<String>::new());
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_disk_that_is_full_when_many_are_committed_together_acknowledges_none_of_them() {
    let small = Small::with(&(0..120).map(|_| volume("alpha")).collect::<Vec<_>>());
    let wal = || small.database.folder().join("handover.db-wal").metadata().map_or(0, |about| about.len());
    let mut done = Vec::new();
    for (round, room) in [0, 20_000, 100_000, 300_000].into_iter().enumerate() {
        small.limit(&(wal() + room).to_string());
        let numbers: Vec<usize> = (0..30).map(|number| round * 30 + number).collect();
        let answers = futures_util::future::join_all(numbers.iter().map(|number| small.offer(*number))).await;
        small.limit("unlimited");
        for (number, answer) in numbers.into_iter().zip(answers) {
            if answer.status == 202 {
                done.push(number);
            } else {
                answer.fails(503, "EVS.5503");
            }
        }
    }
    let offered = small.server.get("/v2/alpha/os-volume-transfer/detail").await.is(200).json();
    let mut offered: Vec<&str> =
        offered["transfers"].as_array().unwrap().iter().map(|row| row["volume_id"].as_str().unwrap()).collect();
    let mut acknowledged: Vec<&str> = done.iter().map(|number| &*small.volumes[*number]).collect();
    offered.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(offered, acknowledged);
    drop(small.server);
    assert_eq!(faults(&small.database.url).await, Vec::<String>::new());
}

/// A volume whose time to be available has come.
fn due() -> Value {
    let times = json!({"created_at": "2026-01-01T00:00:00", "creating_until": "2026-01-01T00:00:05"});
    with(with(volume("alpha"), json!({"status": "creating"})), times)
}

/// Lists, counts and shows, as a database answers that takes no writes.
async fn assert_reads_go_on(server: &Client, id: &str) {
    for path in ["volumes/detail", "volumes/detail?with_count=true", "cloudvolumes/detail"] {
        let rows = server.get(&format!("/v3/alpha/{path}")).at("3.45").await.is(200).rows("volumes");
        assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("available")), "{path}");
    }
    server.get("/v3/alpha/volumes/summary").at("3.12").await.is(200);
    assert_eq!(server.get(&format!("/v3/alpha/volumes/{id}")).await.is(200).one("volume")["status"], "available");
    let body = json!({"transfer": {"volume_id": id}});
    server.post("/v2/alpha/os-volume-transfer", body).await.fails(503, "EVS.5503");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn on_a_full_disk_what_is_due_is_shown_and_listed_all_the_same() {
    let small = Small::with(&[due()]);
    small.limit("0");
    assert_reads_go_on(&small.server, &small.volumes[0]).await;
    small.limit("unlimited");
    small.offer(0).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn on_a_database_that_was_demoted_what_is_due_is_shown_and_listed_all_the_same() {
    let server = TestServer::start(Engine::Postgres).await;
    let seed = due();
    let id = seed["id"].as_str().unwrap().to_owned();
    server.seed(json!({"volumes": [seed]})).await;
    server.database.set_read_only(true).await;
    assert_reads_go_on(&server, &id).await;
    server.get("/health/ready").by_nobody().await.fails(503, "EVS.5503");
    server.database.set_read_only(false).await;
    let body = json!({"transfer": {"volume_id": id}});
    server.post("/v2/alpha/os-volume-transfer", body).await.is(202);
    server.get("/health/ready").by_nobody().await.is(200);
}
