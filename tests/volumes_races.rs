//! Volumes that many want to make, change or delete at the same moment, on one server or on several over one PostgreSQL.

use std::future::IntoFuture;

use futures_util::future::join_all;

use crate::support::{Answer, Engine, Replicas, Value, apply, both_engines, json};

const ROUNDS: usize = 6;
const CALLERS: usize = 12;

/// How many were answered with this status.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[apply(both_engines!)]
async fn no_more_volumes_are_made_than_the_quota_allows(engine: Engine) {
    let replicas = Replicas::with(engine, &["--quotas=volumes=5,gigabytes=8"]).await;
    let body = json!({"volume": {"size": 2}});
    let create = |n: usize| replicas.nth(n).post("/v3/alpha/volumes", body.clone()).into_future();
    let answers = join_all((0..CALLERS).map(create)).await;
    assert_eq!((count(&answers, 202), count(&answers, 413)), (4, CALLERS - 4), "8 GiB are 4 volumes of 2");
    let usage = replicas.nth(0).usage("alpha").await;
    assert_eq!((usage.volumes, usage.gigabytes), (4, 8));
    // who deletes makes room
    let rows = replicas.nth(0).get("/v3/alpha/volumes").await.is(200).rows("volumes");
    let again = async |n: usize, row: &Value| {
        replicas.nth(n).delete(&format!("/v3/alpha/volumes/{}", row["id"].as_str().unwrap())).await.is(202);
        create(n + 1).await
    };
    let answers = join_all(rows.iter().enumerate().map(|(n, row)| again(n, row))).await;
    assert_eq!(count(&answers, 202), 4);
    let usage = replicas.nth(0).usage("alpha").await;
    assert_eq!((usage.volumes, usage.gigabytes), (4, 8));
}

#[apply(both_engines!)]
async fn of_many_deletes_one_wins_and_frees_the_quota_once(replicas: Replicas) {
    for _ in 0..ROUNDS {
        let created = replicas.nth(0).post("/v3/alpha/volumes", json!({"volume": {"size": 3}})).await.is(202).one("volume");
        let path = format!("/v3/alpha/volumes/{}", created["id"].as_str().unwrap());
        let answers = join_all((0..CALLERS).map(|n| replicas.nth(n).delete(&path).into_future())).await;
        assert_eq!((count(&answers, 202), count(&answers, 404)), (1, CALLERS - 1));
        let usage = replicas.nth(0).usage("alpha").await;
        assert_eq!((usage.volumes, usage.gigabytes), (0, 0));
    }
}

#[apply(both_engines!)]
async fn of_a_delete_and_an_offer_one_wins(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", ROUNDS).await {
        let body = json!({"transfer": {"volume_id": volume}});
        let one = async |n: usize| {
            if n.is_multiple_of(2) {
                replicas.nth(n).delete(&format!("/v3/alpha/volumes/{volume}")).await
            } else {
                replicas.nth(n).post("/v2/alpha/os-volume-transfer", body.clone()).await
            }
        };
        let answers = join_all((0..CALLERS).map(one)).await;
        assert_eq!(count(&answers, 202), 1, "{}", answers.iter().map(ToString::to_string).collect::<String>());
        let winner = answers.iter().position(|answer| answer.status == 202).unwrap();
        let pending = replicas.nth(0).get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200).ids();
        let shown = replicas.nth(1).get(&format!("/v3/alpha/volumes/{volume}")).await.status;
        let is_deleted = winner.is_multiple_of(2);
        assert_eq!((shown, pending.len()), if is_deleted { (404, 0) } else { (200, 1) });
    }
}

#[apply(both_engines!)]
async fn of_a_forced_delete_and_accepts_nobody_has_a_volume_that_is_gone(replicas: Replicas) {
    for (round, volume) in replicas.nth(0).volumes("alpha", ROUNDS).await.iter().enumerate() {
        let offered = replicas.nth(0).offer_of(volume).await;
        let one = async |n: usize| {
            if n == round {
                return replicas.nth(n).delete(&format!("/v3/ops/volumes/{volume}?force=true")).by("admin:ops").await;
            }
            let path = format!("/v2/p{n}/os-volume-transfer/{}/accept", offered.id);
            let body = json!({"accept": {"auth_key": offered.key}});
            replicas.nth(n).post(&path, body).by(&format!("bob:p{n}")).await
        };
        let answers = join_all((0..CALLERS).map(one)).await;
        assert_eq!(answers[round].status, 202, "an admin's forced delete finds the volume offered, or accepted and available");
        let accepted = answers.iter().enumerate().filter(|(n, answer)| *n != round && answer.status == 202).count();
        assert!(accepted <= 1 && count(&answers, 404) == CALLERS - 1 - accepted);
        replicas.nth(1).get(&format!("/v3/ops/volumes/{volume}")).by("admin:ops").await.is(404);
        let how = replicas.nth(0).stored_transfer(&offered.id).await.state.as_str();
        assert_eq!(how, if accepted == 1 { "accepted" } else { "withdrawn" });
    }
}

#[apply(both_engines!)]
async fn no_edit_of_metadata_is_lost(replicas: Replicas) {
    let volume = replicas.nth(0).volume().await;
    let path = format!("/v3/alpha/volumes/{volume}/metadata");
    let edit = async |n: usize| {
        let server = replicas.nth(n);
        server.post(&path, json!({"metadata": {format!("k{n}"): "v"}})).await.is(200);
        server.put(&format!("{path}/l{n}"), json!({"meta": {format!("l{n}"): "v"}})).await.is(200);
    };
    join_all((0..CALLERS).map(edit)).await;
    let metadata = replicas.nth(0).get(&path).await.is(200).one("metadata");
    assert_eq!(metadata.as_object().unwrap().len(), 2 * CALLERS);
}

#[apply(both_engines!)]
async fn each_look_counts_once_however_many_look_at_once(engine: Engine) {
    let replicas = Replicas::with(engine, &["--volume-creation=13reads"]).await;
    let created = replicas.nth(0).post("/v3/alpha/volumes", json!({"volume": {"size": 1}})).await.is(202).one("volume");
    let id = created["id"].as_str().unwrap();
    let path = format!("/v3/alpha/volumes/{id}");
    let answers = join_all((0..CALLERS).map(|n| replicas.nth(n).get(&path).into_future())).await;
    assert!(answers.iter().all(|answer| answer.one("volume")["status"] == "creating"));
    assert_eq!(replicas.nth(0).get(&path).await.is(200).one("volume")["status"], "creating", "the thirteenth");
    assert_eq!(replicas.nth(0).get(&path).await.is(200).one("volume")["status"], "available");
}

#[apply(both_engines!)]
async fn volumes_whose_time_comes_while_many_list_them_are_settled_once(replicas: Replicas) {
    let until = "2026-01-01T00:00:05.000000";
    let due = json!({"status": "creating", "created_at": "2026-01-01T00:00:00", "creating_until": until});
    for _ in 0..ROUNDS {
        replicas.nth(0).volume_with(due.clone()).await;
    }
    let list = |n: usize| replicas.nth(n).get("/v3/alpha/volumes/detail").into_future();
    for answer in join_all((0..CALLERS).map(list)).await {
        answer.is(200);
    }
    let rows = list(0).await.is(200).rows("volumes");
    assert!(
        rows.len() == ROUNDS && rows.iter().all(|row| row["status"] == "available" && row["updated_at"] == until),
        "{rows:?}"
    );
}
