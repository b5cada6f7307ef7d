//! Twins: the same request many times at once, on one server or on several over one PostgreSQL. One is done, all get its answer.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::idempotency::{IDEMPOTENCY_KEY, assert_same, names};
use crate::support::{Answer, Engine, Offered, Replicas, TestServer, apply, assert_answer, both_engines, count, json, limited};

const ROUNDS: usize = 4;
const CALLERS: usize = 12;

/// The first answer, which all others must be.
#[track_caller]
fn all_same(answers: &[Answer]) -> &Answer {
    let (first, twins) = answers.split_first().unwrap();
    assert_eq!(first.status, 202, "{first}");
    for twin in twins {
        assert_same(first, twin);
    }
    first
}

#[apply(both_engines!)]
async fn twins_at_once_are_done_once_and_all_get_the_same_answer(replicas: Replicas) {
    for round in 0..ROUNDS {
        let volume = replicas.nth(0).volume().await;
        let (header, name) = names()[round % 2].clone();
        let name = (header, &*name);
        let creates = (0..CALLERS).map(|n| replicas.nth(n).create_named(name, &volume).into_future());
        let Offered { id, key, .. } = Offered::of(all_same(&join_all(creates).await));
        let listed = replicas.nth(1).get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200);
        assert_eq!(listed.ids(), [&*id]);

        let (header, name) = names()[round % 2].clone();
        let name = (header, &*name);
        if round < 2 {
            let accepts = (0..CALLERS).map(|n| replicas.nth(n).accept_named(name, &id, &key).into_future());
            all_same(&join_all(accepts).await);
            assert_eq!(replicas.nth(0).stored_volume(&volume).await.project_id.as_str(), "beta");
        } else {
            let deletes = (0..CALLERS).map(|n| replicas.nth(n).delete_named(name, &id).into_future());
            all_same(&join_all(deletes).await);
            assert_eq!(replicas.nth(0).stored_volume(&volume).await.status.as_str(), "available");
        }
    }
}

#[apply(both_engines!)]
async fn of_different_requests_of_one_name_at_once_one_is_done_and_the_others_are_refused(replicas: Replicas) {
    for round in 0..ROUNDS {
        let volumes = replicas.nth(0).volumes("alpha", CALLERS).await;
        let name = format!("round {round}").replace(' ', "-");
        let ask = |(n, volume): (usize, &String)| replicas.nth(n).create_named((IDEMPOTENCY_KEY, &name), volume).into_future();
        let answers = join_all(volumes.iter().enumerate().map(ask)).await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 202);
        assert_eq!(done.len(), 1);
        for answer in refused {
            answer.fails(400, "EVS.2219");
        }
        let mut offers = HashSet::new();
        for volume in &volumes {
            if replicas.nth(0).stored_volume(volume).await.status.as_str() == "awaiting-transfer" {
                offers.insert(volume.clone());
            }
        }
        assert_eq!(offers, HashSet::from([Offered::of(done[0]).volume_id]), "the others' transactions are undone");
    }
}

/// A name that somebody else's transaction has taken and not committed yet.
struct Twin {
    server: TestServer,
    volume: String,
    /// What the twin will have answered.
    first: Answer,
    transaction: PgConnection,
}

impl Twin {
    const NAME: (&str, &str) = (IDEMPOTENCY_KEY, "twin");

    async fn begins() -> Self {
        let server = TestServer::start(Engine::Postgres).await;
        let volume = server.volume().await;
        let first = server.create_named(Self::NAME, &volume).await.is(202);
        server.delete(&format!("/v2/alpha/os-volume-transfer/{}", Offered::of(&first).id)).await.is(202);
        let mut transaction = PgConnection::connect(&server.database.url).await.unwrap();
        for sql in [
            "CREATE TABLE kept AS SELECT * FROM idempotency_keys",
            "DELETE FROM idempotency_keys",
            "BEGIN",
            "INSERT INTO idempotency_keys SELECT * FROM kept",
        ] {
            sqlx::query(sql).execute(&mut transaction).await.unwrap();
        }
        Self { server, volume, first, transaction }
    }

    /// The answer to a retry, where the twin ends once somebody waits for it.
    async fn ends(&mut self, sql: &'static str) -> Answer {
        let end = async {
            self.server.database.until_somebody_waits().await;
            sqlx::query(sql).execute(&mut self.transaction).await.unwrap();
        };
        tokio::join!(self.server.create_named(Self::NAME, &self.volume).into_future(), end).0
    }

    async fn status(&self) -> String {
        self.server.stored_volume(&self.volume).await.status.to_string()
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_retry_waits_for_its_twin_and_gets_the_twins_answer() {
    let mut twin = Twin::begins().await;
    let answer = twin.ends("COMMIT").await;
    assert_same(&twin.first, &answer);
    assert_eq!(twin.status().await, "available", "nothing was done here");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_retry_whose_twin_fails_is_done_itself() {
    let mut twin = Twin::begins().await;
    let answer = twin.ends("ROLLBACK").await.is(202);
    assert_ne!(Offered::of(&answer).id, Offered::of(&twin.first).id);
    assert_eq!(twin.status().await, "awaiting-transfer");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_retry_whose_twin_does_not_end_is_400_and_changes_nothing() {
    let mut twin = Twin::begins().await;
    let (header, name) = Twin::NAME;
    let body = json!({"transfer": {"volume_id": twin.volume}});
    let on_v3 = twin.server.post("/v3/alpha/os-volume-transfer", body).header(header, name);
    let on_v2 = twin.server.create_named(Twin::NAME, &twin.volume);
    let (on_v2, on_v3) = tokio::join!(on_v2.into_future(), on_v3.into_future());
    for answer in [&on_v2, &on_v3] {
        assert!(answer.fails(400, "EVS.2221").contains(header), "{answer}");
    }
    assert_answer("twin-runs-on-v2", &twin.server, &on_v2);
    assert_answer("twin-runs-on-v3", &twin.server, &on_v3);
    assert_eq!(twin.status().await, "available");

    sqlx::query("ROLLBACK").execute(&mut twin.transaction).await.unwrap();
    twin.server.create_named(Twin::NAME, &twin.volume).await.is(202);
    assert_eq!(count(&twin.server.database.url, "SELECT count(*) AS n FROM idempotency_keys").await, 1);
}

#[apply(both_engines!)]
async fn a_name_is_no_lock_on_a_volume(replicas: Replicas) {
    // many names on one volume: one wins, as without names; every one of them may be used again where it did not
    let volumes = replicas.nth(0).volumes("alpha", CALLERS + 1).await;
    let name = |n: usize| format!("{}-{n}", volumes[0]);
    let ask = |n: usize| replicas.nth(n).create_named((IDEMPOTENCY_KEY, &name(n)), &volumes[0]).into_future();
    let answers = join_all((0..CALLERS).map(ask)).await;
    let winner = answers.iter().position(|answer| answer.status == 202).expect("one wins");
    for (n, answer) in answers.iter().enumerate().filter(|(n, _)| *n != winner) {
        assert_eq!(answer.reasons(), ["status"], "{answer}");
        replicas.nth(n).create_named((IDEMPOTENCY_KEY, &name(n)), &volumes[n + 1]).await.is(202);
    }
}

#[apply(limited!)]
#[tokio::test]
async fn another_process_in_the_way_of_an_sqlite_file_is_no_twin() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (volume, (header, name)) = (server.volume().await, names()[0].clone());
    let mut other = SqliteConnection::connect(&server.database.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let done = tokio::spawn(server.create_named((header, &name), &volume).into_future());
    // longer than SQLite waits by itself, so that it has said BUSY to whoever was to take the name
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!done.is_finished(), "it waits on");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    let first = done.await.unwrap().is(202);
    assert_same(&first, &server.create_named((header, &name), &volume).await);
}
