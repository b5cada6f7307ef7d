//! The past of transfers and volumes, on our own paths: what was given and got, who did what, why a volume is as it is, and what a
//! request would come to.

use std::time::Duration;

use handover::domain::act::Outcome;
use handover::domain::{Act, KnownStatus, ProjectId};

use crate::support::{Answer, Offered, TestServer, Value, apply, binary, both_engines, copy, json, note, stored_acts};

const OWN: &str = "/handover/v1";

async fn accept(server: &TestServer, offered: &Offered, key: &str, who: &str) -> Answer {
    let project = who.split(':').nth(1).unwrap();
    let path = format!("/v3/{project}/os-volume-transfer/{}/accept", offered.id);
    server.post(&path, json!({"accept": {"auth_key": key}})).by(who).await
}

/// An offer of alpha's that gamma has tried and beta has got.
async fn handed_over(server: &TestServer) -> Offered {
    let offered = server.offer().await;
    accept(server, &offered, "0000000000000000", "carl:gamma").await.is(400);
    accept(server, &offered, &offered.key, "bob:beta").await.is(202);
    offered
}

async fn listed(server: &TestServer, query: &str, who: &str) -> Vec<String> {
    server.get(&format!("{OWN}/transfers{query}")).by(who).await.is(200).ids()
}

#[apply(both_engines!)]
async fn a_project_lists_what_it_gave_and_got_newest_first_a_page_at_a_time(server: TestServer) {
    let mut all = Vec::new();
    for n in 0..6 {
        let offered = server
            .offer_by(
                if n % 2 == 0 { "alpha" } else { "beta" },
                &server.volumes(if n % 2 == 0 { "alpha" } else { "beta" }, 1).await[0],
            )
            .await;
        if n < 4 {
            let who = if n % 2 == 0 { "bob:beta" } else { "alice:alpha" };
            accept(&server, &offered, &offered.key, who).await.is(202);
        }
        all.insert(0, offered.id);
    }
    let given_to_itself = server.offer().await;
    accept(&server, &given_to_itself, &given_to_itself.key, "alice:alpha").await.is(202);
    all.insert(0, given_to_itself.id.clone());

    // of the last two each is its donor's alone
    let alphas: Vec<String> = all.iter().filter(|id| **id != all[1]).cloned().collect();
    let betas: Vec<String> = all.iter().filter(|id| **id != all[0] && **id != all[2]).cloned().collect();
    assert_eq!(listed(&server, "", "alice:alpha").await, alphas);
    assert_eq!(listed(&server, "", "bob:beta").await, betas);
    assert_eq!(listed(&server, "", "carl:gamma").await, [""; 0]);
    assert_eq!(listed(&server, "?all_tenants=1", "admin:gamma").await, all);
    assert_eq!(listed(&server, "?all_tenants=1", "carl:gamma").await, [""; 0]);
    assert_eq!(
        listed(&server, "?sort=created_at:asc&offset=1", "alice:alpha").await,
        alphas.iter().rev().skip(1).cloned().collect::<Vec<_>>()
    );
    assert_eq!(listed(&server, "?offset=2&limit=2", "alice:alpha").await, alphas[2..4]);
    assert_eq!(listed(&server, "?state=pending", "alice:alpha").await, [all[2].clone()]);
    assert_eq!(listed(&server, "?state=lost", "alice:alpha").await, [""; 0]);

    let mut walked = Vec::new();
    let mut marker = String::new();
    for _ in 0..alphas.len() {
        let answer = server.get(&format!("{OWN}/transfers?limit=1{marker}")).by("alice:alpha").await.is(200);
        walked.extend(answer.ids());
        let is_last = walked.len() == alphas.len();
        assert_eq!(answer.json().get("transfers_links").is_none(), is_last, "{answer}");
        marker = format!("&marker={}", walked.last().unwrap());
    }
    assert_eq!(walked, alphas);
    server.get(&format!("{OWN}/transfers?marker={}", all[1])).by("alice:alpha").await.is(404);
}

#[apply(both_engines!)]
async fn who_neither_gave_nor_got_a_transfer_sees_nothing_of_it(server: TestServer) {
    let (pending, ended) = (server.offer().await, handed_over(&server).await);
    let sees = async |offered: &Offered, who: &str| {
        let of = format!("{OWN}/transfers/{}", offered.id);
        let [one, acts] = [server.get(&of).by(who).await, server.get(&format!("{of}/history")).by(who).await];
        assert_eq!(one.status, acts.status, "{who}");
        one.status
    };
    for (who, of_pending, of_ended) in
        [("alice:alpha", 200, 200), ("bob:beta", 404, 200), ("carl:gamma", 404, 404), ("admin:gamma", 200, 200)]
    {
        assert_eq!((sees(&pending, who).await, sees(&ended, who).await), (of_pending, of_ended), "{who}");
    }
    let shown = server.get(&format!("{OWN}/transfers/{}", ended.id)).by("bob:beta").await.is(200).transfer();
    for (key, expected) in [
        ("state", json!("accepted")),
        ("source_project_id", json!("alpha")),
        ("source_user_id", json!("alice")),
        ("destination_project_id", json!("beta")),
        ("destination_user_id", json!("bob")),
        ("failed_attempts", json!(1)),
        ("expires_at", Value::Null),
    ] {
        assert_eq!(shown[key], expected, "{key}");
    }
    assert!(!shown.to_string().contains(&ended.key));
}

/// Of each act its outcome, and its project and user: another project's are an admin's to see, and nobody else's.
#[apply(both_engines!)]
async fn a_history_says_who_did_what_and_of_other_projects_not_who(server: TestServer) {
    let offered = handed_over(&server).await;
    let path = format!("{OWN}/transfers/{}/history", offered.id);
    let acts = [
        ("evs:transfers:create", "done", "alpha", "alice"),
        ("evs:transfers:accept", "wrong_key", "gamma", "carl"),
        ("evs:transfers:accept", "done", "beta", "bob"),
    ];
    for (who, own) in [("alice:alpha", Some("alpha")), ("bob:beta", Some("beta")), ("admin:gamma", None)] {
        let answer = server.get(&path).by(who).await.is(200);
        assert!(!answer.text().contains(&offered.key), "{answer}");
        let rows = answer.rows("acts");
        assert_eq!(rows.len(), acts.len(), "{rows:?}");
        for (row, (action, outcome, project, user)) in rows.iter().zip(acts) {
            let is_seen = own.is_none_or(|own| own == project);
            let (project, user) = if is_seen { (json!(project), json!(user)) } else { (Value::Null, Value::Null) };
            assert_eq!(
                (&row["action"], &row["outcome"], &row["reasons"]),
                (&json!(action), &json!(outcome), &json!([])),
                "{who}"
            );
            assert_eq!((&row["project_id"], &row["user_id"]), (&project, &user), "{who}: {row}");
            assert_eq!(row["address"], "127.0.0.1");
            assert!(row["request_id"].as_str().unwrap().starts_with("req-") && row["at"].is_string());
            assert_eq!(row.as_object().unwrap().len(), 8, "{row}");
        }
    }
}

async fn explained(server: &TestServer, volume: &str) -> Value {
    server.get(&format!("{OWN}/volumes/{volume}/explain")).await.is(200).one("explanation")
}

#[apply(both_engines!)]
async fn every_status_is_explained_with_a_way_out_of_it(server: TestServer) {
    let mut seen = 0;
    for (word, id) in server.volume_in_each_status(json!({})).await {
        let found = explained(&server, &id).await;
        assert_eq!(found["status"], word);
        assert!(found["since"].is_string() && found["request_id"].is_null(), "an import has no request: {found}");
        assert!(found["text"].as_str().unwrap().ends_with('.'), "{found}");
        let ends = found["ends"].as_array().unwrap();
        let calls: Vec<&str> = ends.iter().map(|way| way["call"].as_str().unwrap()).collect();
        assert!(!calls.is_empty() && calls.iter().all(|call| call.contains(&id) && !call.contains("{volume}")), "{found}");
        assert_eq!(calls.iter().any(|call| call.contains("os-reset_status")), word != "available", "{found}");
        seen += 1;
    }
    assert!(seen + 1 >= KnownStatus::WORDS.len(), "{seen} statuses");
    let waiting = server.volume_with(json!({"status": "creating", "creating_until": "2999-01-01T00:00:00.000000"})).await;
    let looked_at = server.volume_with(json!({"status": "creating", "creating_reads": 3})).await;
    let texts =
        [explained(&server, &waiting).await, explained(&server, &looked_at).await].map(|found| found["text"].to_string());
    assert!(texts[0].contains("at 2999-01-01") && texts[1].contains("times more: 3"), "{texts:?}");
}

#[apply(both_engines!)]
async fn each_way_into_and_out_of_an_offer_is_explained_with_its_request(server: TestServer) {
    let act = async |id: &str, action: Value| server.act(id, action).await.is(202);
    let made = server.post("/v3/alpha/volumes", json!({"volume": {"size": 1}})).await.is(202);
    let id = made.one("volume")["id"].as_str().unwrap().to_owned();
    let is_told = async |answer: &Answer, status: &str, words: &str, transfer: Option<&str>| {
        let found = explained(&server, &id).await;
        assert_eq!((&found["status"], &found["request_id"]), (&json!(status), &json!(answer.request_id())), "{found}");
        assert_eq!(found["transfer_id"], json!(transfer), "{found}");
        assert!(found["text"].as_str().unwrap().contains(words), "{found}");
        found
    };
    is_told(&made, "available", "made then", None).await;
    let reserved = act(&id, json!({"os-reserve": {}})).await;
    is_told(&reserved, "attaching", "reserved", None).await;
    let unreserved = act(&id, json!({"os-unreserve": {}})).await;
    // what changes nothing is no cause
    act(&id, json!({"os-unreserve": {}})).await;
    server.put(&format!("/v3/alpha/volumes/{id}"), json!({"volume": {"name": "n"}})).await.is(200);
    is_told(&unreserved, "available", "given up", None).await;

    let offering = json!({"transfer": {"volume_id": id, "expires_in": 60}});
    let offer = async || {
        let answer = server.post(&format!("{OWN}/transfers"), offering.clone()).await.is(202);
        (Offered::of(&answer), answer)
    };
    let (offered, answer) = offer().await;
    let found = is_told(&answer, "awaiting-transfer", "on offer", Some(&offered.id)).await;
    let ends = found["ends"].as_array().unwrap();
    let ways: Vec<String> =
        ends.iter().map(|way| format!("{} {}", way["who"].as_str().unwrap(), way["call"].as_str().unwrap())).collect();
    for way in ["by itself at 20", "key POST", "donor, or an admin DELETE", "an admin POST"] {
        assert!(ways.iter().any(|known| known.contains(way)), "{way}: {ways:?}");
    }
    let deleted = server.delete(&format!("/v3/alpha/volume-transfers/{}", offered.id)).await.is(202);
    is_told(&deleted, "available", "taken back", Some(&offered.id)).await;

    let (offered, _) = offer().await;
    server.clock.advance(Duration::from_mins(1));
    let found = explained(&server, &id).await;
    assert_eq!((&found["status"], &found["transfer_id"]), (&json!("available"), &json!(offered.id)));
    assert!(found["text"].as_str().unwrap().contains("ended by itself"), "{found}");

    offer().await;
    let reset = server.act(&id, json!({"os-reset_status": {"status": "error"}})).by("admin:alpha").await.is(202);
    is_told(&reset, "error", "reset its status", None).await;
    server.act(&id, json!({"os-reset_status": {"status": "available"}})).by("admin:alpha").await.is(202);

    let (offered, _) = offer().await;
    let accepted = accept(&server, &offered, &offered.key, "bob:beta").await.is(202);
    server.get(&format!("{OWN}/volumes/{id}/explain")).await.is(404);
    let found = server.get(&format!("{OWN}/volumes/{id}/explain")).by("bob:beta").await.is(200).one("explanation");
    assert_eq!((&found["request_id"], &found["transfer_id"]), (&json!(accepted.request_id()), &json!(offered.id)));
    assert!(found["text"].as_str().unwrap().contains("accepted"), "{found}");
}

#[apply(both_engines!)]
async fn a_check_says_all_that_would_be_refused_and_does_nothing(server: TestServer) {
    let check = async |body: Value, who: &str| server.post(&format!("{OWN}/check"), body).by(who).await.is(200).json();
    let create = |id: &str| json!({"create": {"volume_id": id}});
    let accept_body = |id: &str, key: &str| json!({"accept": {"transfer_id": id, "auth_key": key}});
    let free = server.volume().await;
    let before = stored_acts(&server.database.url).await.len();
    assert_eq!(check(create(&free), "alice:alpha").await, json!({"would": true}));
    server.get(&format!("/v3/alpha/volumes/{free}")).await.is(200);
    assert!(server.stored_volume(&free).await.status.is(KnownStatus::Available));
    let [foreign, missing] =
        [check(create(&free), "bob:beta").await, check(create(&crate::support::new_id()), "bob:beta").await];
    for refused in [foreign, missing] {
        assert_eq!(
            (&refused["would"], &refused["status"], &refused["code"]),
            (&json!(false), &json!(404), &json!("not_found"))
        );
    }
    let bad = server.volume_with(json!({"frozen": true, "billing": "prepaid", "snapshots": [copy("available")]})).await;
    let refused = check(create(&bad), "alice:alpha").await;
    assert_eq!((&refused["status"], &refused["code"]), (&json!(400), &json!("refused")));
    let codes: Vec<&str> = refused["reasons"].as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["prepaid", "frozen", "has_snapshots"]);
    assert_eq!(stored_acts(&server.database.url).await.len(), before, "nothing was asked to be done");

    let offered = server.offer().await;
    assert_eq!(check(accept_body(&offered.id, &offered.key), "bob:beta").await, json!({"would": true}));
    assert!(server.stored_volume(&offered.volume_id).await.status.is(KnownStatus::AwaitingTransfer));
    let refused = check(accept_body(&offered.id, "0000000000000000"), "bob:beta").await;
    assert_eq!((&refused["status"], &refused["code"], &refused["reasons"]), (&json!(400), &json!("wrong_key"), &json!([])));
    let shown = server.get(&format!("{OWN}/transfers/{}", offered.id)).await.is(200).transfer();
    assert_eq!((&shown["failed_attempts"], &shown["state"]), (&json!(1), &json!("pending")));
    accept(&server, &offered, &offered.key, "bob:beta").await.is(202);

    let lasting = json!({"create": {"volume_id": free, "name": "n", "expires_in": 60, "no_snapshots": true}});
    assert_eq!(check(lasting, "alice:alpha").await, json!({"would": true}));
    for (body, words) in [
        (json!({}), "names no action"),
        (json!({"take": {}}), "no such action"),
        (json!({"create": {"volume_id": free}, "accept": {}}), "too many body keys"),
        (json!({"create": {"volume_id": free, "expires_in": 0}}), "expires_in"),
        (json!({"accept": {"transfer_id": offered.id}}), "auth_key"),
        (json!({"accept": {"transfer_id": "x", "auth_key": "y"}}), "UUID"),
    ] {
        let message = server.post(&format!("{OWN}/check"), body).await.is(400).message();
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[apply(both_engines!)]
async fn our_paths_have_no_version_and_no_project_and_answer_strangers_as_others_do(server: TestServer) {
    let answer = server.get(&format!("{OWN}/transfers")).await.is(200);
    assert_eq!((answer.header("openstack-api-version"), answer.header("vary")), (None, None));
    server.get(&format!("{OWN}/transfers")).by_nobody().await.is(401);
    server.get("/handover/v1").await.is(404);
    server.get("/handover/v2/transfers").await.is(404);
    server.delete(&format!("{OWN}/transfers")).await.is(405);
}

#[apply(both_engines!)]
async fn a_history_shows_a_thousand_acts_and_all_that_was_done(server: TestServer) {
    let offered = server.offer().await;
    let filler = stored_acts(&server.database.url).await.pop().expect("the create's");
    let outcome = Outcome::Refused { code: "wrong_key".to_owned(), reasons: Vec::new() };
    let project_id = ProjectId::parse("gamma").unwrap();
    note(&server.database.url, 1100, &Act { outcome, project_id, ..filler }).await;
    accept(&server, &offered, &offered.key, "bob:beta").await.is(202);
    let rows = server.get(&format!("{OWN}/transfers/{}/history", offered.id)).await.is(200).rows("acts");
    assert_eq!(rows.len(), 1000);
    assert_eq!(rows.iter().filter(|act| act["outcome"] == "done").count(), 2);
    assert_eq!((&rows[999]["outcome"], &rows[999]["action"]), (&json!("done"), &json!("evs:transfers:accept")));
}

/// A table for people, or a line of JSON a record; by the database, or by a service and what a token sees there.
#[apply(both_engines!)]
async fn the_command_prints_transfers_and_explains_a_volume(server: TestServer) {
    let (ended, pending) = (handed_over(&server).await, server.offer().await);
    let url = server.database.url.clone();
    let service = format!("http://{}", server.host());
    let run = |arguments: &[&str], token: &str| {
        let mut command = binary::command(arguments);
        command.env("HANDOVER_DATABASE_URL", &url).env("OS_TOKEN", token);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let rows = |arguments: &[&str], token: &str| -> Vec<Value> {
        let (status, out, errors) = run(&[&["transfers", "--json"], arguments].concat(), token);
        assert_eq!(status, Some(0), "{errors}");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let shown = server.get(&format!("{OWN}/transfers")).await.is(200).rows("transfers");
    assert_eq!(rows(&[], ""), shown);
    for (arguments, expected) in [
        (["--state", "accepted"], &shown[1..]),
        (["--volume", &pending.volume_id], &shown[..1]),
        (["--project", "beta"], &shown[1..]),
        (["--limit", "1"], &shown[..1]),
        (["--marker", &pending.id], &shown[1..]),
    ] {
        assert_eq!(rows(&arguments, ""), expected, "{arguments:?}");
        let asked = [&arguments[..], &["--service", &service]].concat();
        assert_eq!(rows(&asked, "admin:alpha"), expected, "{asked:?}");
    }
    assert_eq!(rows(&["--service", &service], "bob:beta"), &shown[1..]);

    let (_, table, _) = run(&["transfers"], "");
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..3], ["id", "state", "volume"]);
    assert_eq!((lines[1][0], lines[2][..2].to_vec()), (pending.id.as_str(), vec![ended.id.as_str(), "accepted"]));
    assert_eq!(lines.len(), 3, "{table}");

    let found = explained(&server, &pending.volume_id).await;
    for of_service in [&[][..], &["--service", &service]] {
        let asked = [&["explain", &pending.volume_id], of_service].concat();
        let (_, out, errors) = run(&[&asked[..], &["--json"]].concat(), "alice:alpha");
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), found, "{errors}");
        let (_, out, _) = run(&asked, "alice:alpha");
        assert!(out.starts_with("status       awaiting-transfer\n") && out.contains("ends by      whoever"), "{out}");
    }
    let missing = crate::support::new_id();
    for (arguments, token, status, words) in [
        (&["explain", &missing][..], "", 1, "there is no volume"),
        (&["explain", &missing, "--service", &service], "alice:alpha", 1, "404"),
        (&["transfers", "--service", &service], "", 1, "401"),
        (&["transfers", "--service", "http://127.0.0.1:1"], "", 1, "does not answer"),
        (&["transfers", "--state", "lost"], "", 2, "pending"),
        (&["explain", "x"], "", 2, "UUID"),
    ] {
        let (found, _, errors) = run(arguments, token);
        assert_eq!((found, errors.contains(words)), (Some(status), true), "{arguments:?}: {errors}");
        assert!(token.is_empty() || !errors.contains(token), "{errors}");
    }
}
