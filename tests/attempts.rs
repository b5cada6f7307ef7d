//! Wrong keys: a project has so many tries of a transfer in a time, ten times as many of all, and no project is in another's way.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{
    Answer, Engine, Offered, Replicas, TestServer, alter, apply, both_engines, count, json, stored_acts, until,
};

const LIMIT: &[&str] = &["--attempts=3/1m"];

async fn accept(server: &TestServer, id: &str, key: &str, project: &str) -> Answer {
    let path = format!("/v3/{project}/os-volume-transfer/{id}/accept");
    server.post(&path, json!({"accept": {"auth_key": key}})).by(&format!("bob:{project}")).await
}

async fn wrong(server: &TestServer, offered: &Offered, project: &str) -> u16 {
    accept(server, &offered.id, "0000000000000000", project).await.status
}

#[apply(both_engines!)]
async fn beyond_the_limit_a_right_key_is_refused_too_to_this_project_and_no_other(engine: Engine) {
    let replicas = Replicas::with(engine, LIMIT).await;
    let offered = replicas.nth(0).offer().await;
    for n in 0..3 {
        assert_eq!(wrong(replicas.nth(n), &offered, "gamma").await, 400);
    }
    let server = replicas.nth(1);
    let refused = accept(server, &offered.id, &offered.key, "gamma").await.is(429);
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(refused.message().contains("wrong auth keys"), "{refused}");
    let shown = server.get(&format!("/handover/v1/transfers/{}", offered.id)).await.is(200).transfer();
    assert_eq!((&shown["failed_attempts"], &shown["state"]), (&json!(3), &json!("pending")));
    let acts = stored_acts(&server.database.url).await;
    let codes: Vec<&str> = acts.iter().map(|act| act.outcome.words().0).filter(|code| *code != "done").collect();
    assert_eq!(codes, ["wrong_key", "wrong_key", "wrong_key", "too_many"]);
    accept(replicas.nth(2), &offered.id, &offered.key, "beta").await.is(202);
}

/// What is stored could not be checked, and a hash of it would fail.
#[apply(both_engines!)]
async fn beyond_the_limit_nothing_is_hashed(engine: Engine) {
    let server = TestServer::with(engine, LIMIT).await;
    let offered = server.offer().await;
    for _ in 0..3 {
        assert_eq!(wrong(&server, &offered, "beta").await, 400);
    }
    alter(&server.database.url, "UPDATE transfers SET auth_key_hash = '$argon2id$none'").await;
    let path = format!("/v3/beta/os-volume-transfer/{}/accept", offered.id);
    let body = json!({"accept": {"auth_key": offered.key}});
    for name in ["", "named"] {
        let ask = server.post(&path, body.clone()).by("bob:beta");
        let answer = if name.is_empty() { ask.await } else { ask.header("Idempotency-Key", name).await };
        assert_eq!(answer.status, 429, "{answer}");
    }
    let check = json!({"accept": {"transfer_id": offered.id, "auth_key": offered.key}});
    let told = server.post("/handover/v1/check", check).by("bob:beta").await.is(200);
    assert_eq!((&told.json()["status"], &told.json()["code"]), (&json!(429), &json!("too_many")));
    assert!(told.header("retry-after").is_some());
}

#[apply(both_engines!)]
async fn when_the_time_is_over_a_key_is_judged_again(engine: Engine) {
    let server = TestServer::with(engine, LIMIT).await;
    let offered = server.offer().await;
    for expected in [400, 400, 400, 429, 429] {
        assert_eq!(wrong(&server, &offered, "beta").await, expected);
    }
    server.clock.advance(Duration::from_secs(61));
    assert_eq!(wrong(&server, &offered, "beta").await, 400);
    accept(&server, &offered.id, &offered.key, "beta").await.is(202);
}

#[apply(both_engines!)]
async fn many_at_once_come_to_no_more_answers_than_the_limit(engine: Engine) {
    let replicas = Replicas::with(engine, LIMIT).await;
    for _ in 0..3 {
        let offered = replicas.nth(0).offer().await;
        let statuses = join_all((0..64).map(|n| wrong(replicas.nth(n), &offered, "gamma"))).await;
        let mut by_status = BTreeMap::<u16, usize>::new();
        for status in statuses {
            *by_status.entry(status).or_default() += 1;
        }
        assert_eq!(by_status, BTreeMap::from([(400, 3), (429, 61)]));
        accept(replicas.nth(1), &offered.id, &offered.key, "beta").await.is(202);
    }
}

#[apply(both_engines!)]
async fn of_all_transfers_a_project_has_ten_times_as_many(engine: Engine) {
    let server = TestServer::with(engine, LIMIT).await;
    for _ in 0..10 {
        let offered = server.offer().await;
        let statuses = join_all((0..3).map(|_| wrong(&server, &offered, "gamma"))).await;
        assert_eq!(statuses, [400; 3]);
    }
    let untried = server.offer().await;
    accept(&server, &untried.id, &untried.key, "gamma").await.is(429);
    accept(&server, &untried.id, &untried.key, "beta").await.is(202);
}

#[apply(both_engines!)]
async fn right_keys_are_not_counted_however_many_come_at_once(engine: Engine) {
    let server = TestServer::with(engine, &["--attempts=1/1h"]).await;
    let offered = join_all((0..24).map(|_| server.offer())).await;
    let statuses = join_all(offered.iter().map(|offered| accept(&server, &offered.id, &offered.key, "beta"))).await;
    for answer in statuses {
        assert_eq!(answer.status, 202, "{answer}");
    }
    assert_eq!(
        count(&server.database.url, "SELECT count(*) AS n FROM attempts").await,
        0,
        "nothing is known of who tried nothing"
    );
}

#[apply(both_engines!)]
async fn where_everybody_is_believed_there_is_no_limit_unless_one_is_set(server: TestServer) {
    let offered = server.offer().await;
    for _ in 0..12 {
        assert_eq!(wrong(&server, &offered, "beta").await, 400);
    }
    let shown = server.get(&format!("/handover/v1/transfers/{}", offered.id)).await.is(200).transfer();
    assert_eq!(shown["failed_attempts"], 12);
    accept(&server, &offered.id, &offered.key, "beta").await.is(202);
}

#[apply(both_engines!)]
async fn counts_are_kept_as_long_as_acts_and_as_their_time_runs(engine: Engine) {
    let server = TestServer::with(engine, &["--attempts=1/2h", "--history=1h"]).await;
    let offered = server.offer().await;
    assert_eq!(wrong(&server, &offered, "beta").await, 400);
    server.clock.advance(Duration::from_mins(100));
    assert_eq!(wrong(&server, &offered, "beta").await, 429);
    server.clock.advance(Duration::from_mins(21));
    let left = async || count(&server.database.url, "SELECT count(*) AS n FROM attempts").await;
    until("they are forgotten", async || {
        server.clock.advance(Duration::from_mins(1)); // whenever it was looked last
        left().await == 0
    })
    .await;
    accept(&server, &offered.id, &offered.key, "beta").await.is(202);
}
