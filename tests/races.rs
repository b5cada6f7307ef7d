//! One winner: whoever asks at the same moment, on one server or on several over one PostgreSQL.

use std::collections::HashMap;
use std::future::IntoFuture;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use sqlx::{Connection, Executor, PgConnection};

use handover::domain::Id;
use handover::domain::quota::Usage;
use handover::store::{Purpose, Store, batch};

use crate::support::{Answer, Engine, Offered, Replicas, TestServer, apply, both_engines, json, limited, until};

const ROUNDS: usize = 8;
const CALLERS: usize = 12;

fn count(answers: &[Answer]) -> HashMap<u16, usize> {
    let mut count = HashMap::new();
    for answer in answers {
        *count.entry(answer.status).or_default() += 1;
    }
    count
}

async fn accept(replicas: &Replicas, n: usize, offered: &Offered) -> Answer {
    let path = format!("/v2/p{n}/os-volume-transfer/{}/accept", offered.id);
    let body = json!({"accept": {"auth_key": offered.key}});
    replicas.nth(n).post(&path, body).by(&format!("bob:p{n}")).await
}

#[apply(both_engines!)]
async fn of_many_creates_on_one_volume_one_wins(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", ROUNDS).await {
        let body = json!({"transfer": {"volume_id": volume}});
        let ask = |n: usize| replicas.nth(n).post("/v2/alpha/os-volume-transfer", body.clone()).into_future();
        let answers = join_all((0..CALLERS).map(ask)).await;
        assert_eq!(count(&answers), HashMap::from([(202, 1), (400, CALLERS - 1)]));
        for refused in answers.iter().filter(|answer| answer.status == 400) {
            assert_eq!(refused.reasons(), ["status"], "{refused}");
        }
        let winner = answers.iter().find(|answer| answer.status == 202).map(Offered::of).unwrap();
        let shown = replicas.nth(1).get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200);
        assert_eq!(shown.ids(), [winner.id]);
    }
}

#[apply(both_engines!)]
async fn offers_of_a_project_are_seen_in_their_order(replicas: Replicas) {
    let volumes = replicas.nth(0).volumes("alpha", 48).await;
    let offers =
        stream::iter(&volumes).enumerate().map(|(n, volume)| replicas.nth(n).offer_of(volume)).buffer_unordered(CALLERS);
    let list = async || replicas.nth(1).get("/v2/alpha/os-volume-transfer").await.is(200).ids();
    let watch = async {
        let mut seen = Vec::new();
        until("all are there", async || {
            seen.push(list().await);
            seen.last().is_some_and(|ids| ids.len() == volumes.len())
        })
        .await;
        seen
    };
    let (_, seen) = tokio::join!(offers.count(), watch);
    let last = list().await;
    for ids in seen {
        assert!(last.starts_with(&ids), "what is seen later is younger: {ids:?}, {last:?}");
    }
}

/// As an import does, of another process.
#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_waits_for_a_locked_volume_keeps_nobody_waiting_but_who_wants_it_too() {
    let server = TestServer::with(Engine::Postgres, &["--database-connections=4"]).await;
    let [wanted, other] = [server.volume().await, server.volume().await];
    let elsewhere = Store::open(&server.database.url, Purpose::Command).await.unwrap();
    let mut lock = elsewhere.transaction().await.unwrap();
    batch::lock(&mut lock, "volumes", "id", [Id::parse(&wanted).unwrap()]).await.unwrap();

    let body = json!({"transfer": {"volume_id": wanted}});
    let ask = |_| server.post("/v2/alpha/os-volume-transfer", body.clone()).into_future();
    let mut asking = std::pin::pin!(join_all((0..40).map(ask)));
    let meanwhile = async {
        for _ in 0..5 {
            server.database.until_so_many_wait(2).await;
            let offered = server.offer_of(&other).await;
            server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
            server.delete(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(202);
        }
    };
    tokio::select! {
        answers = &mut asking => panic!("nobody waited for the lock: {:?}", count(&answers)),
        () = meanwhile => {}
    }
    drop(lock);
    assert_eq!(count(&asking.await), HashMap::from([(202, 1), (400, 39)]));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn writes_that_take_all_their_connections_leave_the_reads_theirs_and_all_are_no_more_than_allowed() {
    const OPEN: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handover'";
    let server = TestServer::with(Engine::Postgres, &["--database-connections=8"]).await;
    let (offered, volumes) = (server.offer().await, server.volumes("alpha", 6).await);
    let watch = tokio::sync::Mutex::new(PgConnection::connect(&server.database.url).await.unwrap());
    let open = async || sqlx::query_scalar::<_, i64>(OPEN).fetch_one(&mut *watch.lock().await).await.unwrap();
    // what a create reads first, and a show does not
    let mut lock = PgConnection::connect(&server.database.url).await.unwrap();
    lock.execute("BEGIN; LOCK TABLE snapshots").await.unwrap();
    let ask = |volume| server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).into_future();
    let mut asking = std::pin::pin!(join_all(volumes.iter().map(ask)));
    let meanwhile = async {
        server.database.until_so_many_wait(4).await;
        let path = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
        for answer in join_all((0..20).map(|_| server.get(&path).into_future())).await {
            answer.is(200);
        }
        // who made the volumes may be ending still
        until("no more are open than may be", async || (5..=8).contains(&open().await)).await;
    };
    tokio::select! {
        answers = &mut asking => panic!("nobody waited for the lock: {:?}", count(&answers)),
        () = meanwhile => {}
    }
    lock.execute("ROLLBACK").await.unwrap();
    assert_eq!(count(&asking.await), HashMap::from([(202, 6)]));
    let counted = async || {
        let metrics = server.get("/metrics").by_nobody().await.is(200);
        let lines = metrics.text().lines().filter(|line| line.starts_with("handover_database_connections{"));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap()).sum::<i64>()
    };
    until("the metrics count what is open", async || counted().await == open().await).await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn reads_that_take_all_of_a_threads_connections_leave_others_a_common_one() {
    let server = TestServer::with(Engine::Postgres, &["--database-connections=8"]).await;
    let offered = server.offer().await;
    let mut lock = PgConnection::connect(&server.database.url).await.unwrap();
    lock.execute("BEGIN; LOCK TABLE snapshots").await.unwrap();
    let slow = format!("/v3/alpha/snapshots/{}", offered.id);
    let mut asking = std::pin::pin!(join_all((0..4).map(|_| server.get(&slow).into_future())));
    let meanwhile = async {
        server.database.until_so_many_wait(4).await;
        server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    };
    tokio::select! {
        answers = &mut asking => panic!("nobody waited for the lock: {:?}", count(&answers)),
        () = meanwhile => {}
    }
    lock.execute("ROLLBACK").await.unwrap();
    assert_eq!(count(&asking.await), HashMap::from([(404, 4)]));
}

#[apply(both_engines!)]
async fn of_many_accepts_of_one_offer_one_wins_and_has_the_volume(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", ROUNDS).await {
        let offered = replicas.nth(0).offer_of(&volume).await;
        let answers = join_all((0..CALLERS).map(|n| accept(&replicas, n, &offered))).await;
        assert_eq!(count(&answers), HashMap::from([(202, 1), (404, CALLERS - 1)]));
        let winner = answers.iter().position(|answer| answer.status == 202).unwrap();
        let volume = replicas.nth(0).stored_volume(&volume).await;
        assert_eq!((volume.project_id.as_str(), volume.status.as_str()), (&*format!("p{winner}"), "available"));
    }
}

#[apply(both_engines!)]
async fn of_a_delete_and_many_accepts_one_wins(replicas: Replicas) {
    for (round, volume) in replicas.nth(0).volumes("alpha", ROUNDS).await.iter().enumerate() {
        let offered = replicas.nth(0).offer_of(volume).await;
        let delete = async |n: usize| replicas.nth(n).delete(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await;
        // the delete at another place of the crowd each round
        let one = async |n: usize| if n % CALLERS == round { delete(n).await } else { accept(&replicas, n, &offered).await };
        let answers = join_all((0..CALLERS).map(one)).await;
        assert_eq!(count(&answers), HashMap::from([(202, 1), (404, CALLERS - 1)]));
        let winner = answers.iter().position(|answer| answer.status == 202).unwrap();
        let owner = if winner == round { "alpha".to_owned() } else { format!("p{winner}") };
        let volume = replicas.nth(0).stored_volume(volume).await;
        assert_eq!((volume.project_id.as_str(), volume.status.as_str()), (&*owner, "available"));
    }
}

#[apply(both_engines!)]
async fn of_many_deletes_one_wins(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", ROUNDS).await {
        let offered = replicas.nth(0).offer_of(&volume).await;
        let path = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
        let answers = join_all((0..CALLERS).map(|n| replicas.nth(n).delete(&path).into_future())).await;
        assert_eq!(count(&answers), HashMap::from([(202, 1), (404, CALLERS - 1)]));
    }
}

#[apply(both_engines!)]
async fn a_withdrawn_and_renewed_offer_is_never_claimed_with_the_old_key(replicas: Replicas) {
    for volume in replicas.nth(0).volumes("alpha", ROUNDS).await {
        let old = replicas.nth(0).offer_of(&volume).await;
        let renew = async {
            replicas.nth(0).delete(&format!("/v2/alpha/os-volume-transfer/{}", old.id)).await;
            replicas.nth(0).post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await
        };
        let (renewed, claims) = tokio::join!(renew, join_all((1..CALLERS).map(|n| accept(&replicas, n, &old))));
        let won = claims.iter().filter(|answer| answer.status == 202).count();
        let owner = replicas.nth(0).stored_volume(&volume).await.project_id;
        if renewed.status == 202 {
            assert_eq!((won, owner.as_str()), (0, "alpha"), "claimed with a key that was withdrawn");
        } else {
            assert_eq!(won, 1, "{renewed}");
            assert_ne!(owner.as_str(), "alpha");
        }
    }
}

#[apply(both_engines!)]
async fn many_volumes_change_hands_both_ways_at_once_without_a_deadlock(replicas: Replicas) {
    let volumes = replicas.nth(0).volumes("alpha", 24).await;
    let story = async |n: usize, volume: &str| {
        let server = replicas.nth(n);
        for (from, to) in [("alpha", "beta"), ("beta", "alpha"), ("alpha", "beta")] {
            let offered = server.offer_by(from, volume).await;
            let path = format!("/v2/{to}/os-volume-transfer/{}/accept", offered.id);
            let body = json!({"accept": {"auth_key": offered.key}});
            replicas.nth(n + 1).post(&path, body).by(&format!("bob:{to}")).await.is(202);
        }
    };
    join_all(volumes.iter().enumerate().map(|(n, volume)| story(n, volume))).await;
    for volume in volumes {
        assert_eq!(replicas.nth(0).stored_volume(&volume).await.project_id.as_str(), "beta");
    }
}

#[apply(both_engines!)]
async fn of_many_accepts_into_a_project_with_room_for_a_few_so_many_win(replicas: Replicas) {
    const ROOM: usize = 5;
    let server = replicas.nth(0);
    for recipient in ["beta", "gamma"] {
        let path = format!("/v3/ops/os-quota-sets/{recipient}");
        server.ask("PUT", &path).by("admin:ops").json(&json!({"quota_set": {"volumes": ROOM}})).await.is(200);
    }
    // the donors differ too, and sort before and behind the recipients
    let mut offers = Vec::new();
    for donor in ["alpha", "delta"] {
        for volume in server.volumes(donor, 2 * CALLERS).await {
            offers.push((donor, server.offer_by(donor, &volume).await));
        }
    }
    let recipient = |n: usize| ["beta", "gamma"][n / 2 % 2];
    let accepts = offers.iter().enumerate().map(|(n, (_, offered))| replicas.nth(n).accept_by(recipient(n), offered));
    let answers = join_all(accepts).await;
    assert_eq!(count(&answers), HashMap::from([(202, 2 * ROOM), (413, 4 * CALLERS - 2 * ROOM)]));
    for full in ["beta", "gamma"] {
        let volumes = i64::try_from(ROOM).unwrap();
        assert_eq!(server.usage(full).await, Usage { volumes, ..Usage::larger(volumes) });
    }
    // whoever lost still has their offer, and its key
    let lost = answers.iter().position(|answer| answer.status == 413).unwrap();
    let (donor, offered) = &offers[lost];
    server.accept_by(donor, offered).await.is(202);
}

#[apply(both_engines!)]
async fn of_two_thousand_racing_accepts_one_wins(replicas: Replicas) {
    let offered = replicas.nth(0).offer().await;
    // as many at once as connections that a process may have by default allow
    let answers: Vec<Answer> =
        stream::iter(0..2000).map(|n| accept(&replicas, n, &offered)).buffer_unordered(200).collect().await;
    assert_eq!(count(&answers), HashMap::from([(202, 1), (404, 1999)]));
    let volume = replicas.nth(0).stored_volume(&offered.volume_id).await;
    let winner = answers.iter().find(|answer| answer.status == 202).unwrap();
    let links = winner.transfer()["links"].to_string();
    assert!(links.contains(&format!("/{}/os-volume-transfer/", volume.project_id)), "{links} but {}", volume.project_id);
}
