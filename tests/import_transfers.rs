//! Transfers in a document: under the same rules as the API, and never against what is stored.

use handover::store::Sql;

use crate::support::operator_cli::{NONE, ONE_UNCHANGED, ONE_UPDATED, said};
use crate::support::{OperatorCli, TestServer, Value, alter, apply, both_engines, copy, json, new_id, pending, volume, with};

#[apply(both_engines!)]
async fn a_pending_transfer_puts_its_volume_on_offer_and_opens_with_its_key(server: TestServer) {
    let [word, number] = [volume("alpha"), volume("alpha")];
    let by_number = with(pending(&number), json!({"auth_key": 9_266_359_563_584_664_u64}));
    let by_word = pending(&word);
    server.seed(json!({"volumes": [word, number], "transfers": [by_word, by_number]})).await;
    for (volume, transfer, key) in [(&word, &by_word, "9266c59563c84664"), (&number, &by_number, "9266359563584664")] {
        let stored = server.stored_volume(volume["id"].as_str().unwrap()).await;
        assert_eq!((stored.status.as_str(), stored.project_id.as_str()), ("awaiting-transfer", "alpha"));
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", transfer["id"].as_str().unwrap());
        server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await.is(400);
        server.post(&path, json!({"accept": {"auth_key": key}})).by("bob:beta").await.is(202);
    }
}

#[apply(both_engines!)]
async fn a_pending_transfer_that_the_rules_refuse_refuses_the_document_with_every_reason(desk: OperatorCli) {
    let bad = with(volume("alpha"), json!({"status": "in-use", "frozen": true, "snapshots": [copy("available")]}));
    let why = desk.refused(&json!({"volumes": [volume("alpha"), bad], "transfers": [pending(&bad)]}));
    assert!(why.contains("transfers[0] (id ") && why.contains(": volume_id: "), "{why}");
    for code in ["status (", "frozen (", "has_snapshots ("] {
        assert!(why.contains(code), "{code}: {why}");
    }
    let why = desk.refused(&json!({"transfers": [pending(&volume("alpha"))]}));
    assert!(why.contains("is neither in this document nor in the database"), "{why}");
    let one = volume("alpha");
    let why =
        desk.refused(&json!({"volumes": [one], "transfers": [with(pending(&one), json!({"source_project_id": "beta"}))]}));
    assert!(why.contains("source_project_id: beta given, but the volume is of alpha"), "{why}");
    let why = desk.refused(&json!({"volumes": [one], "transfers": [pending(&one), pending(&one)]}));
    assert!(why.contains("transfers[1]") && why.contains("is on offer already, by transfer"), "{why}");
}

#[apply(both_engines!)]
async fn a_volume_on_offer_keeps_offer_and_status_and_takes_the_rest(server: TestServer) {
    let offered = server.offer().await;
    let desk = OperatorCli(server.database.clone());
    let before = desk.export();
    let record = |more: Value| json!({"volumes": [with(json!({"id": offered.volume_id, "project_id": "alpha"}), more)]});
    for status in ["available", "awaiting-transfer"] {
        assert_eq!(desk.import(&record(json!({"status": status, "updated_at": null}))), said(ONE_UNCHANGED, NONE));
    }
    assert_eq!(desk.export(), before);
    let why = desk.refused(&record(json!({"status": "in-use"})));
    assert!(why.contains("status: in-use given, but the volume is on offer"), "{why}");
    let why = desk.refused(&json!({"volumes": [{"id": offered.volume_id, "project_id": "beta"}]}));
    assert!(why.contains("project_id: beta given, but the volume is on offer by alpha"), "{why}");

    assert_eq!(desk.import(&record(json!({"frozen": true}))), said(ONE_UPDATED, NONE));
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    let answer = server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.is(400);
    assert_eq!(answer.reasons(), ["frozen"]);
}

#[apply(both_engines!)]
async fn an_offer_moves_to_another_database_and_its_key_still_opens_it(server: TestServer) {
    let offered = server.offer().await;
    let ended = server.offer().await;
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", ended.id)).await.is(202);
    // what the rules would refuse today comes back too, and is refused at accept
    let desk = OperatorCli(server.database.clone());
    let frozen = server.offer().await;
    desk.import(&json!({"volumes": [{"id": frozen.volume_id, "project_id": "alpha", "frozen": true}]}));

    let elsewhere = TestServer::start(server.database.engine).await;
    let there = OperatorCli(elsewhere.database.clone());
    there.import(&desk.export());
    assert_eq!(there.text(), desk.text());
    let accept = |id: &str| format!("/v2/beta/os-volume-transfer/{id}/accept");
    elsewhere.post(&accept(&offered.id), json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.is(202);
    elsewhere.post(&accept(&ended.id), json!({"accept": {"auth_key": ended.key}})).by("bob:beta").await.fails(404, "EVS.5404");
    let answer = elsewhere.post(&accept(&frozen.id), json!({"accept": {"auth_key": frozen.key}})).by("bob:beta").await.is(400);
    assert_eq!(answer.reasons(), ["frozen"]);
}

#[apply(both_engines!)]
async fn a_transfer_that_is_there_already_is_the_same_or_refused(desk: OperatorCli) {
    let one = volume("alpha");
    let offer = pending(&one);
    desk.import(&json!({"volumes": [one], "transfers": [offer]}));
    assert_eq!(desk.import(&json!({"transfers": [offer]})), said(NONE, ONE_UNCHANGED));
    for (more, field) in [
        (json!({"name": "another"}), "name"),
        (json!({"auth_key": "feedfacecafebeef"}), "auth_key"),
        (json!({"no_snapshots": true}), "no_snapshots"),
        (json!({"created_at": "2015-02-25T03:56:53.081642"}), "created_at"),
    ] {
        let why = desk.refused(&json!({"transfers": [with(offer.clone(), more)]}));
        assert!(why.contains(&format!("{field}: differs from the transfer")) && !why.contains("feedface"), "{why}");
    }
    let another = with(pending(&one), json!({"name": "another"}));
    assert!(desk.refused(&json!({"transfers": [another]})).contains("is on offer already"));
    let mut ended = with(
        offer,
        json!({"state": "accepted", "ended_at": "2030-01-01T00:00:00", "ended_project_id": "beta", "ended_user_id": "bob"}),
    );
    ended.as_object_mut().unwrap().remove("auth_key");
    assert!(desk.refused(&json!({"transfers": [ended]})).contains("state: differs"));
}

#[apply(both_engines!)]
async fn a_transfer_that_has_ended_stays_ended(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.is(202);
    let desk = OperatorCli(server.database.clone());
    let all = desk.export();
    assert_eq!(desk.import(&all), said(ONE_UNCHANGED, ONE_UNCHANGED));
    let again = json!({"id": offered.id, "volume_id": offered.volume_id, "auth_key": offered.key});
    let why = desk.refused(&json!({"transfers": [again]}));
    assert!(why.contains("has ended in the database (accepted on ") && why.contains("give the transfer a new id"), "{why}");
    let record = with(all["transfers"][0].clone(), json!({"ended_at": "2001-01-01T00:00:00", "id": new_id()}));
    assert!(desk.refused(&json!({"transfers": [record]})).contains("ended_at: "));
}

/// No counter takes a change any more.
const STUCK: Sql = Sql {
    sqlite: "CREATE TRIGGER stuck BEFORE UPDATE ON transfer_counts BEGIN SELECT RAISE(ABORT, 'stuck'); END",
    postgres: "ALTER TABLE transfer_counts ADD CONSTRAINT stuck CHECK (pending < 0) NOT VALID",
};
const FREE: Sql = Sql { sqlite: "DROP TRIGGER stuck", postgres: "ALTER TABLE transfer_counts DROP CONSTRAINT stuck" };

#[apply(both_engines!)]
async fn a_document_that_fails_at_its_last_statement_leaves_nothing(desk: OperatorCli) {
    let one = volume("alpha");
    let document = json!({"volumes": [one, volume("beta")], "transfers": [pending(&one)]});
    alter(&desk.0.url, STUCK).await;
    let why = desk.refused(&document);
    assert!(why.contains("stuck"), "{why}");
    assert_eq!(desk.export()["volumes"], json!([]));
    alter(&desk.0.url, FREE).await;
    desk.import(&document);
    assert_eq!(desk.export()["transfers"].as_array().unwrap().len(), 1);
}

#[apply(both_engines!)]
async fn all_that_does_not_go_with_the_rules_or_the_database_is_told_at_once(desk: OperatorCli) {
    let stored: [Value; 2] = std::array::from_fn(|_| volume("alpha"));
    desk.import(&json!({"volumes": stored}));
    let frozen: [Value; 3] = std::array::from_fn(|_| with(volume("alpha"), json!({"frozen": true})));
    let orphan = with(volume("alpha"), json!({"status": "awaiting-transfer"}));
    let moved = stored.clone().map(|volume| with(volume, json!({"project_id": "beta"})));
    let offer = |volume: &Value| json!({"id": new_id(), "volume_id": volume["id"], "auth_key": "k"});
    let offers: Vec<Value> = frozen.iter().chain(&moved).map(offer).collect();
    let lost: [Value; 2] = std::array::from_fn(|_| json!({"id": new_id(), "volume_id": new_id()}));
    let volumes: Vec<&Value> = frozen.iter().chain(&moved).chain([&orphan]).collect();
    let why = desk.refused(&json!({"volumes": volumes, "snapshots": lost, "transfers": offers}));
    for (list, of, said) in [
        ("transfers", &offers[..3], "may not be transferred"),
        ("volumes", &moved, "give the project it has"),
        ("snapshots", &lost, "is neither in this document nor in the database"),
        ("volumes", std::slice::from_ref(&orphan), "the transfer is neither in this document"),
    ] {
        for record in of {
            let id = record["id"].as_str().unwrap();
            let told = |line: &str| line.contains(list) && line.contains(&format!("(id {id})")) && line.contains(said);
            assert_eq!(why.lines().filter(|line| told(line)).count(), 1, "{said} {id}: {why}");
        }
    }
    assert_eq!(why.lines().filter(|line| line.contains("(id ")).count(), 8, "and nothing that follows from another: {why}");
}

#[apply(both_engines!)]
async fn an_old_export_of_an_offer_that_has_ended_has_one_fault(server: TestServer) {
    let offer = server.offer().await;
    let desk = OperatorCli(server.database.clone());
    let exported = desk.export();
    server.delete(&format!("/v3/alpha/volume-transfers/{}", offer.id)).await.is(202);
    let why = desk.refused(&exported);
    assert!(why.contains("transfers[0]") && why.contains("has ended in the database"), "{why}");
    assert!(!why.contains("volumes[0]"), "{why}");
}
