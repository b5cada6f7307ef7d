//! Each rule of each rule set says no at create and at accept, on each path, in each dialect: walked from the rules' table,
//! so that a new rule without a volume that it refuses fails here.

use handover::domain::rules::RuleSet;

use crate::support::{
    Answer, Engine, TestServer, Value, apply, assert_answer, both_engines, copy, json, limited, new_id, volume, with,
};

/// What a volume must be for the rule to refuse it, and nothing else to.
fn refused_by(rule: &str) -> Value {
    match rule {
        "status" => json!({"status": "in-use"}),
        "prepaid" => json!({"billing": "prepaid"}),
        "frozen" => json!({"frozen": true}),
        "encrypted" => json!({"encrypted": true}),
        "has_snapshots" => json!({"snapshots": [copy("available")]}),
        "has_backups" => json!({"backups": [copy("available")]}),
        "backup_policy" => json!({"backup_policy_id": new_id()}),
        "dss" => json!({"dedicated_storage": "dss"}),
        "dess" => json!({"dedicated_storage": "dess"}),
        "system_disk" => json!({"system_disk": true, "bootable": true}),
        "replication" => json!({"replication_enabled": true}),
        "snapshot_status" => json!({"snapshots": [copy("creating"), copy("available")]}),
        "consistency_group" => json!({"consistency_group_id": new_id()}),
        rule => panic!("no volume here is refused by {rule}: add one"),
    }
}

/// Cinder's words of a rule that Cinder has; every other rule's message begins like them.
fn leading_words(rule: &str) -> &'static str {
    match rule {
        "status" => "Invalid volume: status must be available",
        "encrypted" => "Invalid volume: transferring encrypted volume is not supported",
        _ => "Invalid volume: ",
    }
}

const ALL: [RuleSet; 2] = [RuleSet::Evs, RuleSet::Openstack];
const PATHS: [&str; 3] = ["/v2/alpha/os-volume-transfer", "/v3/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"];

async fn create(server: &TestServer, path: &str, volume: &str) -> Answer {
    server.post(path, json!({"transfer": {"volume_id": volume}})).await
}

#[apply(both_engines!)]
async fn each_rule_refuses_alone_at_create(engine: Engine) {
    for rules in ALL {
        let server = TestServer::with(engine, &[&format!("--rules={}", rules.as_str())]).await;
        for rule in rules.rules() {
            let volume = server.volume_with(refused_by(rule.code)).await;
            let before = server.stored_volume(&volume).await;
            for path in PATHS {
                let answer = create(&server, path, &volume).await;
                let message = answer.fails(400, "EVS.5400");
                assert_eq!(answer.reasons(), [rule.code], "{rules:?}, {path}");
                assert!(message.starts_with(leading_words(rule.code)), "{message}");
            }
            assert_eq!(server.stored_volume(&volume).await, before, "a refused volume is as it was");
        }
        assert!(server.get(PATHS[0]).await.is(200).ids().is_empty());
    }
}

#[apply(both_engines!)]
async fn each_rule_but_status_refuses_alone_at_accept(engine: Engine) {
    for rules in ALL {
        let server = TestServer::with(engine, &[&format!("--rules={}", rules.as_str())]).await;
        for rule in rules.rules() {
            let offered = server.offer().await;
            let change = refused_by(rule.code);
            if change.get("status").is_some() {
                continue; // an offer changes it itself
            }
            let changed = with(volume("alpha"), json!({"id": offered.volume_id, "status": "awaiting-transfer"}));
            server.seed(json!({"volumes": [with(changed, change)]})).await;
            for path in ["/v2/beta/os-volume-transfer", "/v3/beta/os-volume-transfer", "/v3/beta/volume-transfers"] {
                let path = format!("{path}/{}/accept", offered.id);
                let answer = server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await;
                let message = answer.fails(400, "EVS.5400");
                assert_eq!(answer.reasons(), [rule.code], "{rules:?}, {path}");
                assert!(message.starts_with(leading_words(rule.code)), "{message}");
            }
            let after = server.stored_volume(&offered.volume_id).await;
            assert_eq!((after.project_id.as_str(), after.status.as_str()), ("alpha", "awaiting-transfer"));
            assert!(server.stored_transfer(&offered.id).await.pending_hash().is_some());
        }
    }
}

#[apply(both_engines!)]
async fn all_that_apply_are_reported_in_the_tables_order(engine: Engine) {
    for rules in ALL {
        let server = TestServer::with(engine, &[&format!("--rules={}", rules.as_str())]).await;
        let mut everything = json!({});
        let mut expected = Vec::new();
        for rule in rules.rules().iter().filter(|rule| rule.code != "dess") {
            // a volume lies in one sort of dedicated storage
            everything = with(everything, refused_by(rule.code));
            expected.push(rule.code);
        }
        let volume = server.volume_with(everything).await;
        for path in PATHS {
            let answer = create(&server, path, &volume).await;
            let message = answer.fails(400, "EVS.5400");
            assert_eq!(answer.reasons(), expected, "{rules:?}, {path}");
            let all: Vec<_> =
                rules.rules().iter().filter(|rule| expected.contains(&rule.code)).map(|rule| rule.message).collect();
            assert_eq!(message, all.join(" "), "most clients show the message alone");
        }
    }
}

#[apply(limited!)]
#[test]
fn the_tables_are_the_contracts() {
    let codes: Vec<&str> = RuleSet::Evs.rules().iter().map(|rule| rule.code).collect();
    let expected = [
        "status", "prepaid", "frozen", "encrypted", "has_snapshots", "has_backups", "backup_policy", "dss", "dess",
        "system_disk", "replication",
    ];
    assert_eq!(codes, expected);
    let codes: Vec<&str> = RuleSet::Openstack.rules().iter().map(|rule| rule.code).collect();
    assert_eq!(codes, ["status", "encrypted", "snapshot_status", "consistency_group"]);
}

#[apply(both_engines!)]
async fn a_refusal_is_shown_whole_in_each_dialect(server: TestServer) {
    let fields = json!({"status": "in-use", "encrypted": true, "snapshots": [copy("available")]});
    let volume = server.volume_with(fields).await;
    assert_answer("three-refusals-on-v2", &server, &create(&server, PATHS[0], &volume).await);
    assert_answer("three-refusals-on-v3", &server, &create(&server, PATHS[1], &volume).await);
}

#[apply(both_engines!)]
async fn every_status_but_available_is_refused(server: TestServer) {
    for status in ["in-use", "creating", "error", "maintenance", "deleting", "reserved", "attaching", "backing-up"] {
        let volume = server.volume_with(json!({"status": status})).await;
        let answer = create(&server, PATHS[0], &volume).await;
        answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), ["status"], "{status}");
    }
}

#[apply(both_engines!)]
async fn a_boot_flag_is_no_system_disk_and_a_data_disk_passes(server: TestServer) {
    for fields in [json!({"bootable": true}), json!({"multiattach": true}), json!({"consistency_group_id": new_id()})] {
        let volume = server.volume_with(fields).await;
        create(&server, PATHS[0], &volume).await.is(202);
    }
}
