//! Keys are hashed at the cost that is set, and a queue that is full says so.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;

use handover::domain::act::Outcome;

use crate::support::{
    Answer, Database, Engine, NOBODYS_HASH, Offered, TestServer, apply, both_engines, json, pending, stored_acts, until,
    volume, with,
};

async fn accept(server: &TestServer, offered: &Offered) -> Answer {
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await
}

#[apply(both_engines!)]
async fn each_profile_is_its_cost_and_opens_what_the_other_made_and_token_is_the_default(engine: Engine) {
    let database = std::sync::Arc::new(Database::fresh(engine));
    let dear: &[&str] = &["--hash=owasp"];
    let (mut offers, profiles) = (Vec::new(), [(dear, "m=19456,t=2,p=1"), (&[], "m=1024,t=1,p=1")]);
    for (profile, cost) in profiles {
        let server = TestServer::over(database.clone(), profile).await;
        let offered = server.offer().await;
        let stored = server.stored_transfer(&offered.id).await;
        let hash = stored.pending_hash().unwrap();
        assert!(hash.starts_with(&format!("$argon2id$v=19${cost}$")), "{profile:?}: {hash}");
        offers.push(offered);
    }
    for ((profile, _), offered) in profiles.iter().rev().zip(&offers) {
        let server = TestServer::over(database.clone(), profile).await;
        accept(&server, offered).await.is(202);
    }
}

#[apply(both_engines!)]
async fn equal_keys_have_different_hashes(server: TestServer) {
    let volumes = [volume("alpha"), volume("alpha")];
    let transfers = volumes.each_ref().map(pending);
    server.seed(json!({"volumes": volumes, "transfers": transfers})).await;
    let mut hashes = Vec::new();
    for transfer in &transfers {
        let stored = server.stored_transfer(transfer["id"].as_str().unwrap()).await;
        hashes.push(stored.pending_hash().unwrap().to_owned());
    }
    assert_ne!(hashes[0], hashes[1], "each has a salt of its own");
}

#[apply(both_engines!)]
async fn a_full_queue_is_503_with_retry_after_and_offers_nothing(engine: Engine) {
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1", "--hash-queue=1"]).await;
    let volumes = server.volumes("alpha", 64).await;
    let ask = |volume: &String| {
        let body = json!({"transfer": {"volume_id": volume}});
        server.post("/v2/alpha/os-volume-transfer", body).into_future()
    };
    let answers = join_all(volumes.iter().map(ask)).await;
    let full: Vec<_> = volumes.iter().zip(&answers).filter(|(_, answer)| answer.status != 202).collect();
    assert!(!full.is_empty() && full.len() < volumes.len(), "{} of {} were turned away", full.len(), volumes.len());
    for (volume, answer) in full {
        answer.fails(503, "EVS.5503");
        assert!(answer.header("retry-after").is_some(), "{answer}");
        assert_eq!(server.stored_volume(volume).await.status.as_str(), "available");
        assert_eq!(server.get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200).ids(), [""; 0]);
    }
}

#[apply(both_engines!)]
async fn what_is_plainly_refused_costs_no_hash(engine: Engine) {
    // one place in the queue and a slow hash: whoever needed one would be turned away
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1", "--hash-queue=1"]).await;
    let in_use = server.volume_with(json!({"status": "in-use"})).await;
    let body = json!({"transfer": {"volume_id": in_use}});
    let ask = |_| server.post("/v2/alpha/os-volume-transfer", body.clone()).into_future();
    for answer in join_all((0..24).map(ask)).await {
        answer.fails(400, "EVS.5400");
    }
    let unknown = |_| {
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", crate::support::new_id());
        server.post(&path, json!({"accept": {"auth_key": "0"}})).by("bob:beta").into_future()
    };
    for answer in join_all((0..24).map(unknown)).await {
        answer.fails(404, "EVS.5404");
    }
}

#[apply(both_engines!)]
async fn a_named_request_for_what_was_never_on_offer_costs_no_hash(engine: Engine) {
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1", "--hash-queue=1"]).await;
    let in_use = server.volume_with(json!({"status": "in-use"})).await;
    for (volume, status) in [(crate::support::new_id(), 404), (in_use, 400)] {
        let body = json!({"transfer": {"volume_id": volume}});
        let ask = |n| {
            let ask = server.post("/v2/alpha/os-volume-transfer", body.clone());
            ask.header("Idempotency-Key", &format!("name-{n}")).into_future()
        };
        for answer in join_all((0..24).map(ask)).await {
            assert_eq!(answer.status, status, "{answer}");
        }
    }
    let unknown = |n| {
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", crate::support::new_id());
        let ask = server.post(&path, json!({"accept": {"auth_key": "0"}})).by("bob:beta");
        ask.header("Idempotency-Key", &format!("name-{n}")).into_future()
    };
    for answer in join_all((0..24).map(unknown)).await {
        answer.fails(404, "EVS.5404");
    }
}

#[apply(both_engines!)]
async fn a_project_that_fills_the_queue_keeps_no_other_from_its_hash(engine: Engine) {
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1", "--hash-queue=32"]).await;
    let (target, volume) = (server.offer().await, server.volumes("beta", 1).await.remove(0));
    let path = format!("/v2/greedy/os-volume-transfer/{}/accept", target.id);
    let greedy = (0..200)
        .map(|_| server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("greta:greedy").into_future());
    let other = async {
        until("the queue is as full as one makes it", async || waiting_hashes(&server).await >= 16).await;
        let body = json!({"transfer": {"volume_id": volume}});
        let answer = server.post("/v2/beta/os-volume-transfer", body).by("bob:beta").await;
        (answer, waiting_hashes(&server).await)
    };
    let (greedy, (other, waiting)) = tokio::join!(join_all(greedy), other);
    other.is(202);
    assert!(waiting > 0, "it had its turn before them");
    let turned_away = greedy.iter().filter(|answer| answer.status == 503).count();
    assert!((1..200).contains(&turned_away), "{turned_away} of 200 were turned away");
}

#[apply(both_engines!)]
async fn an_offer_is_dated_when_it_can_be_seen_however_long_its_hash_waited(engine: Engine) {
    // one slow thread, kept busy, so that the offer waits for its hash while another is made without one
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1"]).await;
    let (waiting, other) = (server.volume().await, volume("alpha"));
    let target = server.offer().await;
    let busy = (0..60).map(|_| {
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", target.id);
        server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").into_future()
    });
    let (offered, second) = (
        async {
            until("the hashes wait", async || waiting_hashes(&server).await >= 40).await;
            server.offer_of(&waiting).await
        },
        async {
            until("the offer waits for its hash", async || waiting_hashes(&server).await >= 41).await;
            let mut transfer = with(pending(&other), json!({"auth_key_hash": NOBODYS_HASH}));
            transfer.as_object_mut().unwrap().remove("auth_key");
            server.seed(json!({"volumes": [other], "transfers": [transfer]})).await;
            assert!(waiting_hashes(&server).await > 0, "the other still waits for its hash");
            server.stored_transfer(transfer["id"].as_str().unwrap()).await
        },
    );
    let (_, offered, second) = tokio::join!(join_all(busy), offered, second);
    let first = server.stored_transfer(&offered.id).await;
    assert!(first.offer.made.at > second.offer.made.at, "it was seen later, so it is the younger one");
    // a walk that has passed the one by its marker meets the other
    let list = format!("/v2/alpha/os-volume-transfer?marker={}", second.offer.id);
    assert_eq!(server.get(&list).await.is(200).ids(), [offered.id]);
}

/// What was seen of a volume before the hash is not what counts.
#[apply(both_engines!)]
async fn a_volume_that_changes_while_a_key_waits_for_its_hash_is_judged_as_it_is_then(engine: Engine) {
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1"]).await;
    let [copied, gone, offered] = [server.volume().await, server.volume().await, server.volume().await];
    let target = server.offer().await;
    let done = AtomicU64::new(0);
    // of the same project, whose hashes come in the order in which they were asked for
    let busy = (0..100).map(|_| async {
        let path = format!("/v2/alpha/os-volume-transfer/{}/accept", target.id);
        server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).await;
        done.fetch_add(1, Ordering::SeqCst);
    });
    let have_come = async |count| waiting_hashes(&server).await + done.load(Ordering::SeqCst) >= count;
    let offers = async {
        until("the others wait for their hashes", async || have_come(100).await).await;
        let offer = |volume: &String| {
            server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).into_future()
        };
        join_all([&copied, &gone, &offered].map(offer)).await
    };
    let changes = async {
        until("the offers wait for their hashes", async || have_come(103).await).await;
        server.post("/v3/alpha/snapshots", json!({"snapshot": {"volume_id": copied}})).await.is(202);
        server.delete(&format!("/v3/alpha/volumes/{gone}")).await.is(202);
        assert!(waiting_hashes(&server).await > 2, "the offers still wait for their hashes");
    };
    let (_, answers, ()) = tokio::join!(join_all(busy), offers, changes);
    answers[0].fails(400, "EVS.5400");
    assert_eq!(answers[0].reasons(), ["has_snapshots"]);
    answers[1].fails(404, "EVS.5404");
    assert_eq!(answers[2].status, 202, "{}", answers[2]);
    let acts = stored_acts(&server.database.url).await;
    let refused = acts.iter().filter(|act| act.action == "evs:transfers:create" && act.outcome != Outcome::Done).count();
    assert_eq!(refused, 2, "each refusal is noted once");
}

/// How many keys wait to be hashed.
async fn waiting_hashes(server: &TestServer) -> u64 {
    let answer = server.get("/metrics").by_nobody().await;
    let line = answer.text().lines().find_map(|line| line.strip_prefix("handover_hash_waiting ").map(str::to_owned));
    line.unwrap().parse().unwrap()
}
