//! Offers that end by themselves: at their very moment, on every path, once; whoever claims one at that moment gets it or does not.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use handover::app::{self, App};
use handover::clock::{Clock, SharedClock};
use handover::domain::transfer::{Ending, State};
use handover::domain::{Id, KnownStatus};
use handover::service::volumes::settling;
use handover::store::{Purpose, Store, batch};
use handover::system::System;

use crate::support::settings::parse;
use crate::support::{
    Answer, Database, Engine, Offered, Replicas, TestClock, TestServer, Value, alter, apply, binary, both_engines, json,
    new_id, stored_acts, until, volume, with, within,
};

const OWN: &str = "/handover/v1/transfers";
const MINUTE: Duration = Duration::from_mins(1);

/// Offers a new volume of alpha's for a minute.
async fn offer(server: &TestServer) -> Offered {
    let body = json!({"transfer": {"volume_id": server.volume().await, "expires_in": 60}});
    let answer = server.post(OWN, body).await.is(202);
    assert!(answer.transfer()["expires_at"].is_string(), "{answer}");
    Offered::of(&answer)
}

async fn state(server: &TestServer, id: &str) -> Value {
    server.get(&format!("{OWN}/{id}")).by("admin:alpha").await.is(200).transfer()
}

/// Every operation on a transfer and on its volume, and what comes of it: of one that is pending, and of one that has ended.
async fn ask(server: &TestServer, operation: &str, offered: &Offered) -> Answer {
    let Offered { id, key, volume_id } = offered;
    let (one, volume) = (format!("/v3/alpha/volume-transfers/{id}"), format!("/v3/alpha/volumes/{volume_id}"));
    let accept = format!("/v2/beta/os-volume-transfer/{id}/accept");
    match operation {
        "show" => server.get(&one).await,
        "delete" => server.delete(&one).await,
        "accept" => server.post(&accept, json!({"accept": {"auth_key": key}})).by("bob:beta").await,
        "accept wrongly" => server.post(&accept, json!({"accept": {"auth_key": "0"}})).by("bob:beta").await,
        "offer" => server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume_id}})).await,
        "reserve" => server.post(&format!("{volume}/action"), json!({"os-reserve": {}})).await,
        "extend" => server.post(&format!("{volume}/action"), json!({"os-extend": {"new_size": 9}})).await,
        "delete volume" => server.delete(&volume).await,
        "snapshot" => server.post("/v3/alpha/snapshots", json!({"snapshot": {"volume_id": volume_id}})).await,
        "show whole" => server.get(&format!("{OWN}/{id}")).await,
        "history" => server.get(&format!("{OWN}/{id}/history")).await,
        other => panic!("{other}"),
    }
}

/// The status of each operation by the state of the transfer: pending, accepted, deleted, expired, withdrawn.
const MATRIX: [(&str, [u16; 5]); 11] = [
    ("show", [200, 404, 404, 404, 404]),
    ("delete", [202, 404, 404, 404, 404]),
    ("accept", [202, 404, 404, 404, 404]),
    ("accept wrongly", [400, 404, 404, 404, 404]),
    ("offer", [400, 404, 202, 202, 404]),
    ("reserve", [400, 404, 202, 202, 404]),
    ("extend", [400, 404, 202, 202, 404]),
    ("delete volume", [400, 404, 202, 202, 404]),
    ("snapshot", [400, 404, 202, 202, 404]),
    ("show whole", [200, 200, 200, 200, 200]),
    ("history", [200, 200, 200, 200, 200]),
];

#[apply(both_engines!)]
async fn each_operation_finds_a_transfer_in_each_state_as_it_is(server: TestServer) {
    for (operation, statuses) in MATRIX {
        for (state_word, status) in State::WORDS.into_iter().zip(statuses) {
            let offered = offer(&server).await;
            match state_word {
                "accepted" => drop(ask(&server, "accept", &offered).await.is(202)),
                "deleted" => drop(ask(&server, "delete", &offered).await.is(202)),
                "expired" => server.clock.advance(MINUTE),
                "withdrawn" => {
                    let volume = format!("/v3/alpha/volumes/{}?force=true", offered.volume_id);
                    server.delete(&volume).by("admin:alpha").await.is(202);
                }
                _ => {}
            }
            let answer = ask(&server, operation, &offered).await;
            assert_eq!(answer.status, status, "{operation} of one that is {state_word}: {answer}");
        }
    }
}

#[apply(both_engines!)]
async fn an_offer_is_there_up_to_its_moment_and_from_then_on_on_no_path(server: TestServer) {
    let offered = offer(&server).await;
    server.clock.advance(Duration::from_secs(50));
    ask(&server, "show", &offered).await.is(200);
    assert_eq!(state(&server, &offered.id).await["state"], "pending");
    server.clock.advance(Duration::from_secs(10));

    for (path, name) in [("os-volume-transfer/detail", "transfers"), ("volumes?status=awaiting-transfer", "volumes")] {
        assert_eq!(server.get(&format!("/v3/alpha/{path}")).await.is(200).rows(name), [Value::Null; 0], "{path}");
    }
    let found = server.get("/v3/alpha/volumes/detail?status=available").await.is(200).rows("volumes");
    let shown = server.get(&format!("/v3/alpha/volumes/{}", offered.volume_id)).await.is(200).one("volume");
    let ended = state(&server, &offered.id).await;
    for volume in [&found[0], &shown] {
        assert_eq!((&volume["status"], &volume["updated_at"]), (&json!("available"), &ended["expires_at"]));
    }
    assert_eq!((&ended["state"], &ended["ended_at"]), (&json!("expired"), &ended["expires_at"]));
    assert_eq!((&ended["destination_project_id"], &ended["destination_user_id"]), (&Value::Null, &Value::Null));

    let metrics = server.get("/metrics").by_nobody().await.is(200);
    assert!(metrics.text().contains("handover_transfers{state=\"expired\"} 1"), "{}", metrics.text());
    let acts = stored_acts(&server.database.url).await;
    let act = acts.iter().find(|act| act.action == "evs:transfers:expire").expect("its end is an act");
    assert_eq!(
        (act.user_id.as_str(), act.project_id.as_str(), act.at.to_string()),
        ("handover", "alpha", ended["ended_at"].as_str().unwrap().to_owned())
    );
    let kept = server.database.clone();
    let acts = binary::run(&["acts", "--database-url", &kept.url, "--transfer", &offered.id], "");
    assert_eq!(String::from_utf8(acts.stdout).unwrap().lines().count(), 2, "create and end");
}

#[apply(both_engines!)]
async fn what_nobody_looks_at_is_ended_by_a_worker_whose_replica_it_may_be_once(engine: Engine) {
    let replicas = Replicas::with(engine, &[]).await;
    // more than are ended at once
    let volumes = replicas.nth(0).volumes("alpha", 120).await;
    let offers = volumes.iter().map(|volume| {
        let body = json!({"transfer": {"volume_id": volume, "expires_in": 60}});
        async { Offered::of(&replicas.nth(0).post(OWN, body).await.is(202)) }
    });
    let offered = join_all(offers).await;
    for server in &replicas.0 {
        server.clock.advance(MINUTE);
    }
    let server = replicas.nth(1);
    for offered in &offered {
        until("it has ended", async || server.stored_transfer(&offered.id).await.state.ended_by().is_some()).await;
        assert!(server.stored_volume(&offered.volume_id).await.status.is(KnownStatus::Available));
    }
    let acts = stored_acts(&server.database.url).await;
    assert_eq!(acts.iter().filter(|act| act.action == "evs:transfers:expire").count(), 120, "each once");
}

#[apply(both_engines!)]
async fn at_its_moment_an_offer_is_accepted_or_has_ended_never_both_never_neither(engine: Engine) {
    let replicas = Replicas::with(engine, &[]).await;
    let mut won = [0, 0];
    for round in 0..24_u32 {
        let offered = offer(replicas.nth(0)).await;
        let callers = (0..4).map(|n| {
            let path = format!("/v2/p{n}/os-volume-transfer/{}/accept", offered.id);
            let ask = replicas.nth(n).post(&path, json!({"accept": {"auth_key": offered.key}})).by(&format!("bob:p{n}"));
            async move { ask.await }
        });
        // some rounds before the first has come, some behind the last
        let jump = async {
            tokio::time::sleep(Duration::from_millis(u64::from(round % 8) * 8)).await;
            for server in &replicas.0 {
                server.clock.advance(MINUTE);
            }
        };
        let (answers, ()) = join(join_all(callers), jump).await;
        let accepted = answers.iter().filter(|answer| answer.status == 202).count();
        for answer in &answers {
            assert!([202, 404].contains(&answer.status), "{answer}");
        }
        let server = replicas.nth(1);
        until("it has ended", async || server.stored_transfer(&offered.id).await.state.ended_by().is_some()).await;
        let State::Ended { how, .. } = server.stored_transfer(&offered.id).await.state else { panic!("pending") };
        assert_eq!(accepted, usize::from(how == Ending::Accepted), "{how:?}");
        won[usize::from(how == Ending::Accepted)] += 1;
        let owner = server.stored_volume(&offered.volume_id).await.project_id;
        assert_eq!(owner.as_str() == "alpha", how == Ending::Expired, "{owner}");
    }
    assert!(won.iter().all(|won| *won > 0), "each wins at times: {won:?}");
}

#[apply(both_engines!)]
async fn a_setting_says_how_long_offers_last_that_do_not_say_so_and_how_long_any_may(engine: Engine) {
    let server = TestServer::with(engine, &["--offer-lifetime=1h"]).await;
    let volume = server.volume().await;
    let asked = |expires_in: Value| server.post(OWN, json!({"transfer": {"volume_id": volume, "expires_in": expires_in}}));
    for wrong in [json!(0), json!(-1), json!("soon"), json!(1.5), json!(true)] {
        let message = asked(wrong.clone()).await.is(400).message();
        assert!(message.contains("expires_in") && message.contains("whole number"), "{wrong}: {message}");
    }
    let message = asked(json!(3601)).await.is(400).message();
    assert!(message.contains("1 to 3600 seconds expected"), "{message}");
    let micros = |text: &Value| handover::domain::Time::parse(text.as_str().unwrap()).unwrap().micros();
    let created = asked(Value::Null).await.is(202).transfer();
    assert_eq!(micros(&created["expires_at"]) - micros(&created["created_at"]), 3_600_000_000);

    // EVS's and Cinder's paths show nothing of it, and end all the same
    let offered = server.offer().await;
    let shown = server.get(&format!("/v3/alpha/volume-transfers/{}", offered.id)).at("3.71").await.is(200).transfer();
    assert_eq!(shown.get("expires_at"), None);
    server.clock.advance(Duration::from_hours(1));
    ask(&server, "accept", &offered).await.is(404);
    assert_eq!(state(&server, &offered.id).await["state"], "expired");
}

#[apply(both_engines!)]
async fn without_one_an_offer_lasts_until_somebody_ends_it(server: TestServer) {
    let offered = server.offer().await;
    assert_eq!(state(&server, &offered.id).await["expires_at"], Value::Null);
    server.clock.advance(Duration::from_hours(24 * 365 * 50));
    ask(&server, "accept", &offered).await.is(202);
}

#[apply(both_engines!)]
async fn what_is_done_to_a_volume_on_offer_leaves_the_end_of_its_offer_alone(server: TestServer) {
    let offered = offer(&server).await;
    let path = format!("/v3/alpha/volumes/{}", offered.volume_id);
    server.put(&path, json!({"volume": {"name": "renamed"}})).await.is(200);
    server.clock.advance(MINUTE);
    let volume = server.get(&path).await.is(200).one("volume");
    assert_eq!((&volume["status"], &volume["name"]), (&json!("available"), &json!("renamed")));
}

#[apply(both_engines!)]
async fn an_export_carries_the_end_of_an_offer_and_an_import_judges_it(engine: Engine) {
    let server = TestServer::start(engine).await;
    let [lasting, over] = [offer(&server).await, offer(&server).await];
    server.clock.advance(MINUTE);
    until("both have ended", async || {
        server.get("/v3/alpha/volumes?status=available").await.is(200).rows("volumes").len() == 2
    })
    .await;
    let pending = json!({"transfer": {"volume_id": lasting.volume_id, "expires_in": 3600}});
    let lasting = Offered::of(&server.post(OWN, pending).await.is(202));
    let export =
        |database: &Database| String::from_utf8(binary::run(&["export", "--database-url", &database.url], "").stdout).unwrap();
    let document = export(&server.database);
    let other = TestServer::start(engine).await;
    other.seed(serde_json::from_str(&document).unwrap()).await;
    assert_eq!(export(&other.database), document);
    // once more: nothing of it is taken back
    other.seed(serde_json::from_str(&document).unwrap()).await;
    assert_eq!(state(&other, &over.id).await["state"], "expired");
    ask(&other, "show", &lasting).await.is(200);
    let mut same: Value = serde_json::from_str(&document).unwrap();
    let lasts = same["transfers"].as_array_mut().unwrap().iter_mut().find(|transfer| transfer["state"] == "pending").unwrap();
    lasts["expires_at"] = json!("2999-01-01T00:00:00.000000");
    let output = binary::run(&["import", "--database-url", &other.database.url, "-"], &same.to_string());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && message.contains("expires_at"), "a transfer has the end that it has: {message}");
    other.clock.advance(Duration::from_hours(2));
    ask(&other, "accept", &lasting).await.is(404);

    let refused = |more: Value| {
        let of = volume("alpha");
        let ended = json!({"ended_project_id": "alpha", "ended_user_id": "a", "source_project_id": "alpha"});
        let ended = if more["state"] == "pending" { json!({}) } else { ended };
        let transfer =
            with(with(json!({"id": new_id(), "volume_id": of["id"], "created_at": "2026-01-01T00:00:00"}), ended), more);
        let document = json!({"volumes": [of], "transfers": [transfer]}).to_string();
        let output = binary::run(&["import", "--database-url", &other.database.url, "-"], &document);
        assert!(!output.status.success(), "{transfer}");
        String::from_utf8(output.stderr).unwrap()
    };
    let (early, late) = ("2026-01-02T00:00:00.000000", "2026-01-03T00:00:00.000000");
    for (more, expected) in [
        (json!({"state": "pending", "auth_key": "k", "expires_at": "2026-01-01T00:00:00"}), "a time after created_at expected"),
        (json!({"state": "expired", "ended_at": early}), "nothing given, ended_at expected"),
        (json!({"state": "expired", "ended_at": early, "expires_at": late}), "ended_at expected"),
        (json!({"state": "deleted", "ended_at": late, "expires_at": early}), "a time after ended_at expected"),
        (
            json!({"state": "deleted", "ended_at": late, "expires_at": "2026-01-01T00:00:00"}),
            "a time after created_at expected",
        ),
    ] {
        let message = refused(more);
        assert!(message.contains("expires_at") && message.contains(expected), "{message}");
    }
}

/// As an import does, of another process.
#[apply(both_engines!)]
async fn what_cannot_be_stored_is_gone_all_the_same(server: TestServer) {
    let offered = offer(&server).await;
    let elsewhere = Store::open(&server.database.url, Purpose::Command).await.unwrap();
    let mut lock = elsewhere.transaction().await.unwrap();
    batch::lock(&mut lock, "volumes", "id", [Id::parse(&offered.volume_id).unwrap()]).await.unwrap();
    server.clock.advance(MINUTE);
    for path in ["os-volume-transfer", "os-volume-transfer/detail", "volume-transfers"] {
        assert_eq!(server.get(&format!("/v3/alpha/{path}")).await.is(200).ids(), [""; 0], "{path}");
    }
    ask(&server, "show", &offered).await.is(404);
    let volume = server.get(&format!("/v3/alpha/volumes/{}", offered.volume_id)).await.is(200).one("volume");
    assert_eq!(volume["status"], "available");
    assert_eq!(state(&server, &offered.id).await["state"], "expired");
    assert!(server.stored_transfer(&offered.id).await.state.ended_by().is_none(), "it was not stored");
    drop(lock);
    elsewhere.close().await;
    until("it has ended", async || server.stored_transfer(&offered.id).await.state.ended_by().is_some()).await;
}

/// A volume that waits for an end that its offer does not have, as no operation leaves one.
#[apply(both_engines!)]
async fn what_fits_no_state_is_not_settled_again_and_again(engine: Engine) {
    let server = TestServer::start(engine).await;
    server.offer().await;
    let due = "UPDATE volumes SET status_until = created_at WHERE status = 'awaiting-transfer'";
    assert_eq!(alter(&server.database.url, due).await, 1);
    let app = App::build(&parse(&server.database.url, &[]), Purpose::Command, Arc::new(System)).await.unwrap();
    within("it is left", settling::due(&app.service)).await.unwrap();
    app.store.close().await;
    alter(&server.database.url, "UPDATE volumes SET status_until = NULL").await;
}

#[apply(both_engines!)]
async fn a_volume_whose_offer_is_withdrawn_by_a_reset_does_not_wait_for_its_end(server: TestServer) {
    for status in ["creating", "error", "available"] {
        let offered = offer(&server).await;
        let reset = json!({"os-reset_status": {"status": status}});
        server.act(&offered.volume_id, reset).by("admin:alpha").await.is(202);
        assert_eq!(server.stored_volume(&offered.volume_id).await.provisioning, None, "{status}");
        let ended = state(&server, &offered.id).await;
        assert_eq!(ended["state"], "withdrawn");
        server.clock.advance(MINUTE);
        ask(&server, "accept", &offered).await.is(404);
        let volume = server.get(&format!("/v3/alpha/volumes/{}", offered.volume_id)).await.is(200).one("volume");
        assert_eq!(volume["status"], status);
        assert_eq!(state(&server, &offered.id).await, ended);
    }
}

#[apply(both_engines!)]
async fn a_service_asks_the_database_server_for_the_time_before_it_serves(engine: Engine) {
    let database = Database::fresh(engine);
    let own = Arc::new(TestClock::new());
    own.advance(Duration::from_hours(1));
    let clock = Arc::new(SharedClock::new(own));
    let serving = app::serve(&parse(&database.url, &["--listen=127.0.0.1:0"]), clock.clone(), async |_| Ok(())).await;
    let server = serving.unwrap_or_else(|error| panic!("{error}"));
    let off = clock.now().micros() - System.now().micros();
    let expected = if engine == Engine::Postgres { 0 } else { 3_600_000_000 };
    assert!((off - expected).abs() < 1_000_000, "{off} µs off");
    let handle = server.http.handle();
    let (ran, ()) = join(server.run(), handle.stop(false)).await;
    ran.unwrap();
}

#[apply(both_engines!)]
async fn a_clock_that_is_an_hour_off_is_put_right_by_the_database_server(engine: Engine) {
    let database = Database::fresh(engine);
    let own = Arc::new(TestClock::new());
    own.advance(Duration::from_hours(1));
    let clock = Arc::new(SharedClock::new(own));
    let app = App::build(&parse(&database.url, &[]), Purpose::Command, clock.clone()).await.unwrap();
    app.service.ask_the_time().await.unwrap();
    let off = clock.now().micros() - System.now().micros();
    // a file has no server: there the machine's clock is the only one
    let expected = if engine == Engine::Postgres { 0 } else { 3_600_000_000 };
    assert!((off - expected).abs() < 1_000_000, "{off} µs off");
    app.store.close().await;
}
