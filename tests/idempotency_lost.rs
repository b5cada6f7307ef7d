//! The first answer is lost: between COMMIT and the client, with the process or without, and the retry gets it all the same,
//! from the same server, one that was started anew, or another replica.

use std::future::IntoFuture;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::idempotency::{CLIENT_TOKEN, IDEMPOTENCY_KEY, assert_same, names};
use crate::support::proxy::{Network, Proxy};
use crate::support::{
    Answer, Binary, Client, Database, Engine, Offered, Replicas, TestServer, Value, apply, binary, both_engines, count, faults,
    json, limited, new_id, stored_transfer, until, volume,
};

/// A database with volumes of alpha's; their ids.
fn seeded(engine: Engine, volumes: usize) -> (Database, Vec<String>) {
    let database = Database::fresh(engine);
    let seeds: Vec<Value> = (0..volumes).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": seeds}));
    let ids = seeds.iter().map(|seed| seed["id"].as_str().unwrap().to_owned()).collect();
    (database, ids)
}

#[apply(both_engines!)]
async fn a_retry_after_a_kill_and_a_restart_gets_the_first_answer(engine: Engine) {
    let (database, volumes) = seeded(engine, 2);
    for (volume, (header, name)) in volumes.iter().zip(names()) {
        let (name, take, drop_it) = ((header, &*name), (header, &*new_id()), (header, &*new_id()));
        let mut server = Binary::serve(&database.url, &[], &[]);
        let created = server.create_named(name, volume).await.is(202);
        let Offered { id, key, .. } = Offered::of(&created);
        server.kill();

        let mut server = Binary::serve(&database.url, &[], &[]);
        assert_same(&created, &server.create_named(name, volume).await);
        let accepted = server.accept_named(take, &id, &key).await.is(202);
        server.kill();

        let mut server = Binary::serve(&database.url, &[], &[]);
        assert_same(&accepted, &server.accept_named(take, &id, &key).await);
        assert_same(&created, &server.create_named(name, volume).await);
        let body = json!({"transfer": {"volume_id": volume}});
        let back = Offered::of(&server.post("/v2/beta/os-volume-transfer", body).by("bob:beta").await.is(202));
        let path = format!("/v2/beta/os-volume-transfer/{}", back.id);
        let ask = |server: &Client| server.delete(&path).by("bob:beta").header(header, drop_it.1);
        let deleted = ask(&server).await.is(202);
        server.kill();

        let server = Binary::serve(&database.url, &[], &[]);
        assert_same(&deleted, &ask(&server).await);
    }
    assert_eq!(faults(&database.url).await, Vec::<String>::new());
}

#[apply(both_engines!)]
async fn an_answer_that_nobody_read_before_the_process_was_killed_is_given_to_the_retry(engine: Engine) {
    let (database, volumes) = seeded(engine, 1);
    let mut server = Binary::serve(&database.url, &[], &[]);
    let body = json!({"transfer": {"volume_id": volumes[0], "name": "n"}}).to_string();
    let request = format!(
        "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n{IDEMPOTENCY_KEY}: unread\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server.host()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let is_made = async || count(&database.url, "SELECT count(*) AS n FROM transfers").await == 1;
    until("the offer is made", is_made).await;
    server.kill();
    drop(stream);

    let server = Binary::serve(&database.url, &[], &[]);
    let answer = server.create_named((IDEMPOTENCY_KEY, "unread"), &volumes[0]).await.is(202);
    let Offered { id, key, .. } = Offered::of(&answer);
    assert_eq!(count(&database.url, "SELECT count(*) AS n FROM transfers").await, 1);
    assert!(stored_transfer(&database.url, &id).await.pending_hash().is_some(), "it is the one that was made");
    server.accept_named((IDEMPOTENCY_KEY, "take"), &id, &key).await.is(202);
    assert_eq!(faults(&database.url).await, Vec::<String>::new());
}

/// A service that can be killed, whose database is behind a proxy.
struct FlakyDatabase {
    proxy: Proxy,
    database: Database,
    url: String,
    server: Binary,
}

impl FlakyDatabase {
    fn start() -> (Self, Vec<String>) {
        let (database, volumes) = seeded(Engine::Postgres, 2);
        let proxy = Proxy::start();
        let url = proxy.url(&database);
        let server = Binary::serve(&url, &[], &[]);
        (Self { proxy, database, url, server }, volumes)
    }

    /// Sends what `ask` asks, and kills the service at the very point where PostgreSQL has committed and the service has not
    /// heard of it; then starts it anew.
    async fn killed_after_commit<F>(&mut self, ask: impl FnOnce(&Client) -> F)
    where
        F: IntoFuture,
    {
        self.proxy.set(Network::LosesTheAnswerToCommitAndGoesDown);
        let client = self.server.client();
        let asking = ask(&client).into_future();
        let kill = async {
            self.proxy.refused().await; // it asks what became of its COMMIT, and nobody tells it
            assert_eq!(self.proxy.now(), Network::IsDown, "the COMMIT was met");
            self.server.kill();
        };
        tokio::join!(asking, kill);
        self.proxy.set(Network::Works);
        self.server = Binary::serve(&self.url, &[], &[]);
    }

    async fn transfers(&self) -> i64 {
        count(&self.database.url, "SELECT count(*) AS n FROM transfers").await
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_process_that_dies_right_after_commit_leaves_the_answer_to_the_retry() {
    let (mut away, volumes) = FlakyDatabase::start();
    for (volume, (header, name)) in volumes.iter().zip(names()) {
        let (name, take) = ((header, &*name), (header, &*new_id()));
        let before = away.transfers().await;
        away.killed_after_commit(|client| client.create_named(name, volume).try_send()).await;
        assert_eq!(away.transfers().await, before + 1, "it was done");
        let created = away.server.create_named(name, volume).await.is(202);
        let Offered { id, key, .. } = Offered::of(&created);
        assert_eq!(away.transfers().await, before + 1, "and not again");

        if header == CLIENT_TOKEN {
            away.killed_after_commit(|client| client.accept_named(take, &id, &key).try_send()).await;
            away.server.get(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(404);
            let accepted = away.server.accept_named(take, &id, &key).await.is(202);
            assert_eq!(offered_id(&accepted), id);
        } else {
            away.killed_after_commit(|client| client.delete_named(take, &id).try_send()).await;
            away.server.get(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(404);
            away.server.delete_named(take, &id).await.is(202);
        }
        assert_same(&created, &away.server.create_named(name, volume).await);
    }
    assert_eq!(faults(&away.database.url).await, Vec::<String>::new());
}

fn offered_id(answer: &Answer) -> String {
    answer.transfer()["id"].as_str().unwrap().to_owned()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_answer_to_commit_is_read_back_and_the_name_is_taken() {
    for network in [Network::LosesTheAnswerToCommit, Network::LosesCommit] {
        let proxy = Proxy::start();
        let database = Arc::new(Database::fresh(Engine::Postgres));
        let url = format!("--database-url={}", proxy.url(&database));
        let server = TestServer::over(database, &[&url]).await;
        let (name, volume) = ((IDEMPOTENCY_KEY, "k"), server.volume().await);
        proxy.set(network);
        let first = server.create_named(name, &volume).await.is(202);
        assert_eq!(proxy.now(), Network::Works, "the COMMIT was met");
        assert_same(&first, &server.create_named(name, &volume).await);
        assert_eq!(count(&server.database.url, "SELECT count(*) AS n FROM transfers").await, 1);
        let Offered { id, key, .. } = Offered::of(&first);
        proxy.set(network);
        let accepted = server.accept_named((IDEMPOTENCY_KEY, "a"), &id, &key).await.is(202);
        assert_same(&accepted, &server.accept_named((IDEMPOTENCY_KEY, "a"), &id, &key).await);
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_503_that_leaves_the_outcome_open_is_settled_by_the_retry() {
    for network in [Network::LosesTheAnswerToCommitAndGoesDown, Network::LosesCommitAndGoesDown] {
        let proxy = Proxy::start();
        let database = Arc::new(Database::fresh(Engine::Postgres));
        let url = format!("--database-url={}", proxy.url(&database));
        let server = TestServer::over(database, &[&url]).await;
        let (name, volume) = ((IDEMPOTENCY_KEY, "k"), server.volume().await);
        proxy.set(network);
        server.create_named(name, &volume).await.fails(503, "EVS.5503");
        proxy.set(Network::Works);
        until("it works again", async || server.get("/health/ready").await.status == 200).await;
        let first = server.create_named(name, &volume).await.is(202);
        assert_same(&first, &server.create_named(name, &volume).await);
        assert_eq!(count(&server.database.url, "SELECT count(*) AS n FROM transfers").await, 1, "{network:?}");
    }
}

#[apply(both_engines!)]
async fn another_replica_gives_the_first_answer_too(replicas: Replicas) {
    for (header, name) in names() {
        let (name, take) = ((header, &*name), (header, &*new_id()));
        let volume = replicas.nth(0).volume().await;
        let created = replicas.nth(0).create_named(name, &volume).await.is(202);
        assert_same(&created, &replicas.nth(1).create_named(name, &volume).await);
        let Offered { id, key, .. } = Offered::of(&created);
        let accepted = replicas.nth(1).accept_named(take, &id, &key).await.is(202);
        assert_same(&accepted, &replicas.nth(2).accept_named(take, &id, &key).await);
        assert_same(&created, &replicas.nth(2).create_named(name, &volume).await);

        let offered = replicas.nth(2).offer_by("alpha", &replicas.nth(0).volume().await).await;
        let withdraw = (header, &*new_id());
        let deleted = replicas.nth(0).delete_named(withdraw, &offered.id).await.is(202);
        assert_same(&deleted, &replicas.nth(1).delete_named(withdraw, &offered.id).await);
    }
}
