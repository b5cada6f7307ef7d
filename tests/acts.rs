//! Acts: every write that is asked for leaves one row, done or refused, and nothing refused leaves anything else.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{
    Answer, Database, Engine, TestServer, Value, alter, apply, binary, both_engines, count, json, new_id, until, volume,
};

/// What `handover acts` prints.
fn acts(database: &Database, arguments: &[&str]) -> Vec<Value> {
    let output = binary::run(&[&["acts", "--database-url", &database.url], arguments].concat(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The act of the request that was answered so.
fn act_of(all: &[Value], answer: &Answer) -> Value {
    let of_it: Vec<&Value> = all.iter().filter(|act| act["request_id"] == answer.request_id()).collect();
    assert_eq!(of_it.len(), 1, "one act of {answer}: {of_it:?}");
    of_it[0].clone()
}

#[apply(both_engines!)]
async fn each_write_leaves_its_act_with_who_when_where_and_what_came_of_it(server: TestServer) {
    let path = "/v2/alpha/os-volume-transfer";
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume}});
    let created = server.post(path, body.clone()).await.is(202);
    let transfer = created.transfer();
    let again = server.post(path, body).await.is(400);
    let accept = format!("/v2/beta/os-volume-transfer/{}/accept", transfer["id"].as_str().unwrap());
    let wrong = server.post(&accept, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await.is(400);
    let key = &transfer["auth_key"];
    let accepted = server.post(&accept, json!({"accept": {"auth_key": key}})).by("bob:beta").await.is(202);
    let late = server.post(&accept, json!({"accept": {"auth_key": key}})).by("bob:beta").await.is(404);

    let all = acts(&server.database, &[]);
    let expected = |answer: &Answer, action: &str, outcome: &str, reasons: Value, who: (&str, &str)| {
        let mut act = act_of(&all, answer);
        let at = act.as_object_mut().unwrap().remove("at").unwrap();
        assert!(handover::domain::Time::parse(at.as_str().unwrap()).is_some(), "{at}");
        let is_create = action == "evs:transfers:create";
        let id = if is_create { &json!(volume) } else { &transfer["id"] };
        let transfer_id = if is_create && outcome != "done" { &Value::Null } else { &transfer["id"] };
        assert_eq!(
            act,
            json!({
                "request_id": answer.request_id(), "action": action, "outcome": outcome, "reasons": reasons,
                "project_id": who.1, "user_id": who.0, "address": "127.0.0.1",
                "kind": if is_create { "volume" } else { "transfer" }, "id": id,
                "volume_id": volume, "transfer_id": transfer_id,
            })
        );
    };
    let (alice, bob) = (("alice", "alpha"), ("bob", "beta"));
    expected(&created, "evs:transfers:create", "done", json!([]), alice);
    expected(&again, "evs:transfers:create", "refused", json!(["status"]), alice);
    expected(&wrong, "evs:transfers:accept", "wrong_key", json!([]), bob);
    expected(&accepted, "evs:transfers:accept", "done", json!([]), bob);
    expected(&late, "evs:transfers:accept", "not_found", json!([]), bob);
    assert_eq!(all.len(), 5, "what only looks leaves none: {all:#?}");
    let times: Vec<&str> = all.iter().map(|act| act["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "oldest first: {times:?}");
}

#[apply(both_engines!)]
async fn a_refusal_leaves_nothing_but_its_act(server: TestServer) {
    let volume = server.volume_with(json!({"frozen": true, "encrypted": true})).await;
    let before = server.stored_volume(&volume).await;
    let (usage, unknown) = (server.usage("alpha").await, new_id());
    let path = format!("/v3/alpha/volumes/{volume}");
    let refused: Vec<(Answer, &str, Value)> = vec![
        (
            server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await.is(400),
            "refused",
            json!(["frozen", "encrypted"]),
        ),
        (server.post(&format!("{path}/action"), json!({"os-extend": {"new_size": 1}})).await.is(400), "invalid", json!([])),
        (server.act(&volume, json!({"os-reset_status": {"status": "error"}})).await.is(403), "forbidden", json!([])),
        (server.put(&format!("/v3/alpha/volumes/{unknown}"), json!({"volume": {}})).await.is(404), "not_found", json!([])),
        (server.delete(&format!("{path}/metadata/none")).await.is(404), "no_metadata", json!([])),
        (
            server.ask("PUT", "/v3/alpha/os-quota-sets/beta").json(&json!({"quota_set": {"volumes": 1}})).await.is(403),
            "forbidden",
            json!([]),
        ),
        (server.delete("/v3/alpha/snapshots/nothing").await.is(404), "", json!([])),
    ];
    let all = acts(&server.database, &[]);
    for (answer, outcome, reasons) in &refused {
        if outcome.is_empty() {
            assert!(all.iter().all(|act| act["request_id"] != answer.request_id()), "nothing was asked of a record: {answer}");
            continue;
        }
        let act = act_of(&all, answer);
        assert_eq!((&act["outcome"], &act["reasons"]), (&json!(outcome), reasons), "{answer}");
    }
    assert_eq!(server.stored_volume(&volume).await, before);
    assert_eq!(server.usage("alpha").await, usage);
    let text = serde_json::to_string(&all).unwrap();
    assert!(text.contains(&unknown) && text.contains("\"quota set\""), "{text}");
}

#[apply(both_engines!)]
async fn of_a_flood_of_refusals_a_thousand_a_project_and_hour_are_kept_and_the_rest_is_counted(server: TestServer) {
    let path = |project: &str| format!("/v2/{project}/os-volume-transfer");
    let flood = async |project: &str, many: usize| {
        let by = format!("mallory:{project}");
        for _ in 0..many / 50 {
            let ask = |_| {
                let body = json!({"transfer": {"volume_id": new_id()}});
                IntoFuture::into_future(server.post(&path(project), body).by(&by))
            };
            join_all((0..50).map(ask)).await.into_iter().for_each(|answer| drop(answer.is(404)));
        }
    };
    let kept = async |project: &str| {
        let sql = match project {
            "flood" => "SELECT count(*) AS n FROM acts WHERE project_id = 'flood'",
            _ => "SELECT count(*) AS n FROM acts WHERE project_id = 'other'",
        };
        count(&server.database.url, sql).await
    };
    // the hour is not to turn meanwhile
    let micros = handover::clock::Clock::now(&*server.clock).micros().rem_euclid(3_600_000_000);
    server.clock.advance(Duration::from_micros(3_600_000_000 - micros.unsigned_abs()));
    // nearly full: what was kept before belongs to the same hour
    let half = "UPDATE refusals SET kept = 900";
    let fill = "DELETE FROM acts WHERE outcome <> 'done'";
    flood("flood", 50).await;
    alter(&server.database.url, half).await;
    flood("flood", 200).await;
    assert_eq!(kept("flood").await, 50 + 100, "a hundred had room");
    flood("other", 50).await;
    assert_eq!(kept("other").await, 50, "another project's share is its own");
    let metrics = server.get("/metrics").by_nobody().await;
    assert!(metrics.text().contains("handover_refusals_not_kept_total 100\n"), "{}", metrics.text());

    server.clock.advance(Duration::from_hours(1));
    flood("flood", 50).await;
    assert_eq!(kept("flood").await, 200, "the next hour has room again");
    // the counts were altered: so that they are true again at the end
    alter(&server.database.url, fill).await;
    alter(&server.database.url, "DELETE FROM refusals").await;
}

#[apply(both_engines!)]
async fn acts_are_kept_as_long_as_the_setting_says(engine: Engine) {
    let server = TestServer::with(engine, &["--history=2h"]).await;
    let first = server.offer().await;
    server.delete(&format!("/v3/alpha/volumes/{}", new_id())).await.is(404);
    server.clock.advance(Duration::from_mins(90));
    let second = server.offer().await;
    let left = async || count(&server.database.url, "SELECT count(*) AS n FROM acts").await;
    assert_eq!(left().await, 3);
    server.clock.advance(Duration::from_mins(45));
    until("the first is kept no longer, the refusal neither", async || left().await == 1).await;
    let all = acts(&server.database, &[]);
    assert_eq!(all[0]["transfer_id"], second.id);
    // what was done stays done
    server.accept_by("beta", &first).await.is(202);
}

#[apply(both_engines!)]
async fn for_ever_is_for_ever(engine: Engine) {
    let server = TestServer::with(engine, &["--history=forever"]).await;
    server.offer().await;
    // a name goes in the same sweep: when it is gone, the acts were swept too
    let volume = server.volume().await;
    server.create_named((crate::support::idempotency::IDEMPOTENCY_KEY, "n"), &volume).await.is(202);
    server.clock.advance(Duration::from_hours(20 * 365 * 24));
    let names = async || count(&server.database.url, "SELECT count(*) AS n FROM idempotency_keys").await;
    until("it was swept", async || names().await == 0).await;
    assert_eq!(acts(&server.database, &[]).len(), 2);
}

#[apply(both_engines!)]
async fn acts_are_asked_for_by_time_project_and_transfer(server: TestServer) {
    let (one, other) = (server.offer().await, server.offer().await);
    server.accept_by("beta", &one).await.is(202);
    // a volume's forced deletion ends its offer
    server.delete(&format!("/v3/alpha/volumes/{}?force=true", other.volume_id)).by("admin:alpha").await.is(202);
    let actions = |arguments: &[&str]| -> Vec<String> {
        acts(&server.database, arguments).iter().map(|act| act["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(actions(&["--transfer", &one.id]), ["evs:transfers:create", "evs:transfers:accept"]);
    assert_eq!(actions(&["--transfer", &other.id]), ["evs:transfers:create", "volumes:delete_by_force"]);
    assert_eq!(actions(&["--project", "beta"]), ["evs:transfers:accept"]);
    assert_eq!(actions(&["--project", "nobody"]), [""; 0]);
    assert_eq!(actions(&["--since", "1h"]).len(), 4);
    assert_eq!(actions(&["--since", "2999-01-01T00:00:00"]), [""; 0]);
    let second = acts(&server.database, &[])[1]["at"].as_str().unwrap().to_owned();
    assert_eq!(actions(&["--since", &second]).len(), 3, "from that very moment on");
    let unknown = new_id();
    let accept = format!("/v2/beta/os-volume-transfer/{unknown}/accept");
    server.post(&accept, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await.is(404);
    assert_eq!(actions(&["--transfer", &unknown]), ["evs:transfers:accept"], "an attempt at one that is not there");
    for (flag, wrong) in [("--since", "yesterday"), ("--project", "a b"), ("--transfer", "x")] {
        let output = binary::run(&["acts", "--database-url", &server.database.url, flag, wrong], "");
        assert_eq!(output.status.code(), Some(2), "{flag}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(flag) && said.contains(wrong) && said.contains("allowed is"), "{said}");
    }
}

#[apply(both_engines!)]
async fn no_key_is_in_an_act_and_neither_export_nor_import_knows_them(server: TestServer) {
    let offered = server.offer().await;
    server.accept_by("beta", &offered).await.is(202);
    let printed = serde_json::to_string(&acts(&server.database, &[])).unwrap();
    assert!(!printed.contains(&offered.key));
    let output = binary::run(&["export", "--database-url", &server.database.url], "");
    assert!(!String::from_utf8(output.stdout).unwrap().contains("\"acts\""));
}

#[apply(both_engines!)]
async fn check_names_an_act_that_fits_nothing(server: TestServer) {
    server.offer().await;
    alter(&server.database.url, "UPDATE acts SET reasons = '[\"status\"]'").await;
    let output = binary::run(&["check", "--database-url", &server.database.url], "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("an act is done, or refused with a code"), "{said}");
    alter(&server.database.url, "UPDATE acts SET reasons = '[]'").await;
    server.delete(&format!("/v3/alpha/volumes/{}", new_id())).await.is(404);
    for (altered, mended) in [
        ("UPDATE refusals SET kept = 0", "UPDATE refusals SET kept = 1"),
        ("UPDATE refusals SET kept = 1001", "UPDATE refusals SET kept = 1"),
    ] {
        alter(&server.database.url, altered).await;
        let output = binary::run(&["check", "--database-url", &server.database.url], "");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("of a project no more refusals are kept in an hour than are counted"), "{altered}: {said}");
        alter(&server.database.url, mended).await;
    }
}

#[apply(both_engines!)]
async fn a_seed_leaves_no_act(server: TestServer) {
    server.seed(json!({"volumes": [volume("alpha")]})).await;
    assert_eq!(acts(&server.database, &[]), [Value::Null; 0]);
}
