//! Snapshots and backups where volumes change hands: what they forbid, what travels, and who comes first.

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::support::proxy::{Network, Proxy};
use crate::support::{Answer, Database, Engine, Replicas, TestServer, apply, both_engines, json, limited};

async fn offer(server: &TestServer, volume: &str) -> Answer {
    server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await
}

#[apply(both_engines!)]
async fn a_volume_goes_when_its_snapshots_and_backups_are_deleted(server: TestServer) {
    let volume = server.volume().await;
    let (snapshot, backup) = (server.snapshot(&volume).await, server.backup(&volume).await);
    let refused = async |expected: &[&str]| {
        let answer = offer(&server, &volume).await;
        answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), expected, "{answer}");
    };
    refused(&["has_snapshots", "has_backups"]).await;
    server.delete(&format!("/v2/alpha/snapshots/{snapshot}")).await.is(202);
    refused(&["has_backups"]).await;
    server.delete(&format!("/v2/alpha/backups/{backup}")).await.is(202);
    let offered = server.offer_of(&volume).await;
    server.accept_by("beta", &offered).await.is(202);
}

/// A volume with two snapshots, accepted by beta under the rule set `openstack`; the snapshots.
async fn passed(server: &TestServer, no_snapshots: bool) -> (String, BTreeSet<String>) {
    let volume = server.volume().await;
    let snapshots = BTreeSet::from([server.snapshot(&volume).await, server.snapshot(&volume).await]);
    let body = json!({"transfer": {"volume_id": volume, "no_snapshots": no_snapshots}});
    let transfer = server.post("/v3/alpha/volume-transfers", body).at("3.55").await.is(202).transfer();
    let path = format!("/v3/beta/volume-transfers/{}/accept", transfer["id"].as_str().unwrap());
    server.post(&path, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").await.is(202);
    (volume, snapshots)
}

async fn listed(server: &TestServer, project: &str) -> BTreeSet<String> {
    server.listed(project, "snapshots").await.into_iter().collect()
}

#[apply(both_engines!)]
async fn snapshots_travel_with_their_volume_and_are_the_recipients_then(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let (volume, snapshots) = passed(&server, false).await;
    assert_eq!((listed(&server, "alpha").await, listed(&server, "beta").await), (BTreeSet::new(), snapshots.clone()));
    let usage = async |project: &str| {
        let usage = server.usage(project).await;
        (usage.volumes, usage.snapshots, usage.gigabytes)
    };
    assert_eq!((usage("alpha").await, usage("beta").await), ((0, 0, 0), (1, 2, 3)));
    for snapshot in &snapshots {
        server.get(&format!("/v3/alpha/snapshots/{snapshot}")).await.fails(404, "EVS.5404");
        server.delete(&format!("/v3/beta/snapshots/{snapshot}")).by("bob:beta").await.is(202);
    }
    assert_eq!(usage("beta").await, (1, 0, 1));
    assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), "beta");
}

#[apply(both_engines!)]
async fn snapshots_that_stay_are_the_donors_still(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let (volume, snapshots) = passed(&server, true).await;
    assert_eq!((listed(&server, "alpha").await, listed(&server, "beta").await), (snapshots.clone(), BTreeSet::new()));
    let by_volume = server.get(&format!("/v3/beta/snapshots?volume_id={volume}")).by("bob:beta").await.is(200);
    assert_eq!(by_volume.rows("snapshots").len(), 0);
    for snapshot in &snapshots {
        server.get(&format!("/v3/beta/snapshots/{snapshot}")).by("bob:beta").await.fails(404, "EVS.5404");
        // though the volume is another's now
        server.delete(&format!("/v3/alpha/snapshots/{snapshot}")).await.is(202);
    }
    let usage = server.usage("alpha").await;
    assert_eq!((usage.volumes, usage.snapshots, usage.gigabytes), (0, 0, 0));
}

#[apply(both_engines!)]
async fn a_snapshot_in_another_status_holds_its_volume_back_until_it_is_reset(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let volume = server.volume().await;
    let snapshot = format!("/v3/ops/snapshots/{}", server.snapshot(&volume).await);
    server.reset(&snapshot, "error").await.is(202);
    let answer = offer(&server, &volume).await;
    answer.fails(400, "EVS.5400");
    assert_eq!(answer.reasons(), ["snapshot_status"]);
    server.reset(&snapshot, "available").await.is(202);
    offer(&server, &volume).await.is(202);
}

#[apply(both_engines!)]
async fn a_snapshot_of_a_volume_on_offer_is_not_backed_up(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let volume = server.volume().await;
    let body = json!({"backup": {"volume_id": volume, "snapshot_id": server.snapshot(&volume).await}});
    let offered = server.offer_of(&volume).await;
    let message = server.post("/v3/alpha/backups", body.clone()).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Invalid volume: ") && message.contains(&offered.id), "{message}");
    server.delete(&format!("/v3/alpha/os-volume-transfer/{}", offered.id)).await.is(202);
    server.post("/v3/alpha/backups", body).await.is(202);
}

#[apply(both_engines!)]
async fn a_backup_outlives_its_volume(server: TestServer) {
    let volume = server.volume().await;
    let backup = server.backup(&volume).await;
    server.delete(&format!("/v3/alpha/volumes/{volume}")).await.is(202);

    let one = format!("/v3/alpha/backups/{backup}");
    assert_eq!(server.get(&one).await.is(200).one("backup")["volume_id"], *volume);
    assert_eq!(server.listed("alpha", "backups").await, [&*backup]);
    server.ask("PUT", &one).at("3.9").json(&json!({"backup": {"name": "of what was"}})).await.is(200);
    let usage = server.usage("alpha").await;
    assert_eq!((usage.volumes, usage.gigabytes, usage.backups, usage.backup_gigabytes), (0, 0, 1, 1));
    server.delete(&one).await.is(202);
    let usage = server.usage("alpha").await;
    assert_eq!((usage.backups, usage.backup_gigabytes), (0, 0));
}

#[apply(both_engines!)]
async fn of_an_offer_and_a_snapshot_at_once_only_one_is_made(replicas: Replicas) {
    for (round, volume) in replicas.nth(0).volumes("alpha", 8).await.iter().enumerate() {
        let kind = ["snapshot", "backup"][round % 2];
        let make = |n: usize| {
            let server = replicas.nth(n);
            // the offer at another place of the crowd each round
            if n == round {
                let body = json!({"transfer": {"volume_id": volume}});
                return server.post("/v2/alpha/os-volume-transfer", body).into_future();
            }
            server.post(&format!("/v3/alpha/{kind}s"), json!({kind: {"volume_id": volume}})).into_future()
        };
        let mut answers = join_all((0..8).map(make)).await;
        let offered = answers.remove(round);
        let made = answers.iter().filter(|answer| answer.status == 202).count();
        let found = replicas.nth(0).get(&format!("/v3/alpha/{kind}s?volume_id={volume}")).await.is(200);
        assert_eq!(found.rows(&format!("{kind}s")).len(), made);
        if offered.status == 202 {
            assert_eq!(made, 0, "{kind}s of a volume on offer");
        } else {
            offered.fails(400, "EVS.5400");
            assert_eq!(offered.reasons(), [format!("has_{kind}s")]);
            assert_eq!(made, answers.len());
        }
    }
}

#[apply(both_engines!)]
async fn of_many_deletes_of_one_backup_one_is_counted(replicas: Replicas) {
    let server = replicas.nth(0);
    let volume = server.volume().await;
    for kind in ["snapshot", "backup"] {
        let before = server.usage("alpha").await;
        let id = if kind == "snapshot" { server.snapshot(&volume).await } else { server.backup(&volume).await };
        let delete = |n: usize| replicas.nth(n).delete(&format!("/v3/alpha/{kind}s/{id}")).into_future();
        let answers = join_all((0..12).map(delete)).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
        assert!(answers.iter().all(|answer| matches!(answer.status, 202 | 404)));
        assert_eq!(server.usage("alpha").await, before);
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_a_lost_commit_did_is_seen_and_counted_once() {
    let proxy = Proxy::start();
    let database = Arc::new(Database::fresh(Engine::Postgres));
    let url = format!("--database-url={}", proxy.url(&database));
    let server = TestServer::over(database, &[&url]).await;
    let volume = server.volume().await;
    for network in [Network::LosesTheAnswerToCommit, Network::LosesCommit] {
        for kind in ["snapshot", "backup"] {
            let before = server.usage("alpha").await;
            proxy.set(network);
            let id = if kind == "snapshot" { server.snapshot(&volume).await } else { server.backup(&volume).await };
            assert_eq!(proxy.now(), Network::Works, "the COMMIT was met");
            assert_eq!(server.listed("alpha", &format!("{kind}s")).await, [&*id], "once, and as it was answered");

            let one = format!("/v3/alpha/{kind}s/{id}");
            proxy.set(network);
            server.ask("PUT", &one).at("3.9").json(&json!({kind: {"name": "second"}})).await.is(200);
            assert_eq!(proxy.now(), Network::Works, "the COMMIT was met");
            assert_eq!(server.get(&one).await.is(200).one(kind)["name"], "second");

            proxy.set(network);
            server.delete(&one).await.is(202);
            assert_eq!(proxy.now(), Network::Works, "the COMMIT was met");
            assert_eq!(server.usage("alpha").await, before);
        }
    }
}
