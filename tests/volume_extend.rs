//! Extend: a volume becomes larger, within its project's quota, and never beyond it whoever asks at the same moment.

use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::future::join_all;
use handover::domain::Volume;
use handover::domain::quota::Usage;

use crate::support::proxy::{Network, Proxy};
use crate::support::{Database, Engine, Replicas, TestServer, Value, apply, both_engines, json, limited};

fn extend(new_size: impl Into<Value>) -> Value {
    json!({"os-extend": {"new_size": new_size.into()}})
}

#[apply(both_engines!)]
async fn an_extended_volume_is_larger_and_otherwise_as_it_was(server: TestServer) {
    let volume = server.volume_with(json!({"size": 10})).await;
    for size in [json!(11), json!("12")] {
        let before = server.stored_volume(&volume).await;
        let used = server.usage("alpha").await;
        let answer = server.act(&volume, extend(size)).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
        let after = server.stored_volume(&volume).await;
        assert!(after.updated_at > before.updated_at);
        assert_eq!(after, Volume { size: before.size + 1, updated_at: after.updated_at, ..before });
        assert_eq!(server.usage("alpha").await, used + Usage::larger(1), "what it has grown by is charged");
    }
}

#[apply(both_engines!)]
async fn a_volume_never_becomes_smaller(server: TestServer) {
    let volume = server.volume_with(json!({"size": 10})).await;
    let (before, used) = (server.stored_volume(&volume).await, server.usage("alpha").await);
    for size in [10, 9, 1] {
        for base in ["/v2/alpha", "/v3/alpha"] {
            let answer = server.post(&format!("{base}/volumes/{volume}/action"), extend(size)).await;
            let words = "Invalid input received: New size for extend must be greater than current size.";
            let message = answer.fails(400, "EVS.5400");
            assert!(message.starts_with(&format!("{words} (current: 10, extended: {size}). ")), "{message}");
        }
    }
    assert_eq!((server.stored_volume(&volume).await, server.usage("alpha").await), (before, used));
}

#[apply(both_engines!)]
async fn an_available_volume_is_extended_and_one_in_use_from_3_42(server: TestServer) {
    for (status, volume) in server.volume_in_each_status(json!({"size": 10})).await {
        let path = |api: &str| format!("/{api}/alpha/volumes/{volume}/action");
        let refused = [server.post(&path("v2"), extend(11)).await, server.post(&path("v3"), extend(11)).at("3.41").await];
        for answer in refused.into_iter().filter(|_| status != "available") {
            let words = format!("Invalid volume: Volume {volume} status must be 'available' to extend, currently {status}. ");
            let message = answer.fails(400, "EVS.5400");
            assert!(message.starts_with(&words), "{message}");
            assert_eq!(message.contains("3.42"), status == "in-use", "{message}");
        }
        let answer = server.post(&path("v3"), extend(12)).at("3.42").await;
        if ["available", "in-use"].contains(&status) {
            answer.is(202);
            let after = server.stored_volume(&volume).await;
            assert_eq!((after.size, after.status.as_str()), (12, status));
        } else {
            answer.fails(400, "EVS.5400");
            assert_eq!(server.stored_volume(&volume).await.size, 10);
        }
    }
}

#[apply(both_engines!)]
async fn an_extension_beyond_the_quota_changes_neither_volume_nor_usage(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=gigabytes=100,per_volume_gigabytes=500"]).await;
    let volume = server.volume_with(json!({"size": 10})).await;
    let (before, used) = (server.stored_volume(&volume).await, server.usage("alpha").await);
    let refusals = [
        (300, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 290G"),
        (501, "VolumeSizeExceedsLimit: Requested volume size 501G is larger than maximum allowed limit 500G."),
    ];
    for (size, words) in refusals {
        for base in ["/v2/alpha", "/v3/alpha"] {
            let answer = server.post(&format!("{base}/volumes/{volume}/action"), extend(size)).await;
            let message = answer.fails(413, "EVS.5413");
            assert!(message.starts_with(words), "{message}");
            assert!(!message.contains("Delete what is not needed"), "one that is too large by itself: {message}");
            assert_eq!((server.stored_volume(&volume).await, server.usage("alpha").await), (before.clone(), used));
        }
    }
    server.act(&volume, extend(90)).await.is(202);
    assert_eq!(server.usage("alpha").await.gigabytes, used.gigabytes + 80);
}

#[apply(both_engines!)]
async fn an_admin_extends_within_the_quota_of_the_volumes_project(server: TestServer) {
    let volume = server.volume_with(json!({"size": 10})).await;
    let used = server.usage("alpha").await;
    server.post(&format!("/v3/ops/volumes/{volume}/action"), extend(15)).by("admin:ops").await.is(202);
    assert_eq!(server.usage("alpha").await.gigabytes, used.gigabytes + 5, "charged to alpha");
}

/// Which wins is open; but each that is answered 202 was larger than what was before it, and all that was gained is charged.
#[apply(both_engines!)]
async fn of_many_extensions_the_largest_remains_and_each_gain_is_charged_once(replicas: Replicas) {
    let server = replicas.nth(0);
    for round in 0..4 {
        let volume = server.volume_with(json!({"size": 10})).await;
        let used = server.usage("alpha").await;
        let sizes: Vec<i64> = (0..10).map(|n| 11 + (n * 7 + round) % 10).collect();
        let ask = |(n, size): (usize, &i64)| replicas.nth(n).act(&volume, extend(*size)).into_future();
        let answers = join_all(sizes.iter().enumerate().map(ask)).await;
        let won: Vec<i64> = answers.iter().zip(&sizes).filter(|(answer, _)| answer.status == 202).map(|(_, n)| *n).collect();
        for refused in answers.iter().filter(|answer| answer.status != 202) {
            refused.fails(400, "EVS.5400");
        }
        let after = server.stored_volume(&volume).await;
        assert_eq!((after.size, won.iter().max()), (20, Some(&20)), "{sizes:?}");
        assert_eq!(server.usage("alpha").await.gigabytes, used.gigabytes + 10);
    }
}

#[apply(both_engines!)]
async fn extensions_of_several_volumes_never_pass_the_quota_together(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=gigabytes=40"]).await;
    let volumes = server.volumes("alpha", 8).await; // 1 GiB each
    let used = server.usage("alpha").await.gigabytes;
    let answers = join_all(volumes.iter().map(|volume| server.act(volume, extend(11)).into_future())).await;
    let won = answers.iter().filter(|answer| answer.status == 202).count();
    for refused in answers.iter().filter(|answer| answer.status != 202) {
        refused.fails(413, "EVS.5413");
    }
    let after = server.usage("alpha").await.gigabytes;
    assert_eq!((won, after), (usize::try_from((40 - used) / 10).unwrap(), used + i64::try_from(won).unwrap() * 10));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_extension_whose_commit_is_in_doubt_is_done_and_charged_once() {
    let (proxy, database) = (Proxy::start(), Arc::new(Database::fresh(Engine::Postgres)));
    let url = format!("--database-url={}", proxy.url(&database));
    let server = TestServer::over(database, &[&url]).await;
    let volume = server.volume_with(json!({"size": 10})).await;
    let used = server.usage("alpha").await.gigabytes;
    for (size, network) in [(11, Network::LosesTheAnswerToCommit), (12, Network::LosesCommit)] {
        proxy.set(network);
        server.act(&volume, extend(size)).await.is(202);
        assert_eq!(proxy.now(), Network::Works, "the COMMIT was met");
        assert_eq!((server.stored_volume(&volume).await.size, server.usage("alpha").await.gigabytes), (size, used + size - 10));
    }
}
