//! The rule set `openstack`: looser at newer microversions, and what becomes of snapshots.

use handover::domain::ProjectId;

use crate::support::{Answer, Engine, Fixture, TestServer, Value, apply, both_engines, copy, json, volume, with};

/// A server of that rule set.
struct Openstack(TestServer);

impl Fixture for Openstack {
    async fn on(engine: Engine) -> Self {
        Self(TestServer::with(engine, &["--rules=openstack"]).await)
    }
}

impl std::ops::Deref for Openstack {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.0
    }
}

const OS: &str = "/v3/alpha/os-volume-transfer";
const VT: &str = "/v3/alpha/volume-transfers";

async fn create(server: &TestServer, path: &str, version: Option<&str>, volume: &str, no_snapshots: Option<bool>) -> Answer {
    let mut transfer = json!({"volume_id": volume});
    if let Some(no_snapshots) = no_snapshots {
        transfer["no_snapshots"] = json!(no_snapshots);
    }
    server.post(path, json!({"transfer": transfer})).at_or_none(version).await
}

async fn accept(server: &TestServer, path: &str, version: Option<&str>, transfer: &Value) -> Answer {
    let path = format!("{}/{}/accept", path.replace("alpha", "beta"), transfer["id"].as_str().unwrap());
    server.post(&path, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").at_or_none(version).await
}

fn snapshot_projects(server: &TestServer, volume: &str) -> Vec<String> {
    let output = crate::support::binary::run(&["export", "--database-url", &server.database.url], "");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let volume = document["volumes"].as_array().unwrap().iter().find(|row| row["id"] == volume).unwrap();
    let snapshots = volume["snapshots"].as_array().unwrap();
    // a snapshot that says no project is its volume's
    let project = |snapshot: &Value| snapshot.get("project_id").unwrap_or(&volume["project_id"]).as_str().unwrap().to_owned();
    snapshots.iter().map(project).collect()
}

#[apply(both_engines!)]
async fn what_only_evs_refuses_passes(server: Openstack) {
    for fields in [
        json!({"billing": "prepaid"}),
        json!({"frozen": true}),
        json!({"snapshots": [copy("available")]}),
        json!({"backups": [copy("available")]}),
        json!({"backup_policy_id": "p"}),
        json!({"dedicated_storage": "dss"}),
        json!({"system_disk": true}),
        json!({"replication_enabled": true}),
    ] {
        let volume = server.volume_with(fields).await;
        create(&server, "/v2/alpha/os-volume-transfer", None, &volume, None).await.is(202);
    }
}

#[apply(both_engines!)]
async fn an_encrypted_volume_goes_on_volume_transfers_from_3_70_without_no_snapshots_only(server: Openstack) {
    let volume = server.volume_with(json!({"encrypted": true})).await;
    for (path, version, no_snapshots) in [
        ("/v2/alpha/os-volume-transfer", None, None),
        (OS, None, None),
        (OS, Some("3.70"), None),
        (OS, Some("latest"), None),
        (VT, None, None),
        (VT, Some("3.69"), None),
        (VT, Some("3.69"), Some(false)),
        (VT, Some("3.70"), Some(true)),
        (VT, Some("latest"), Some(true)),
    ] {
        let answer = create(&server, path, version, &volume, no_snapshots).await;
        let message = answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), ["encrypted"], "{path} at {version:?}");
        assert!(message.starts_with("Invalid volume: transferring encrypted volume is not supported"), "{message}");
    }
    for (version, no_snapshots) in [("3.70", None), ("3.71", Some(false)), ("latest", None)] {
        let transfer = create(&server, VT, Some(version), &volume, no_snapshots).await.is(202).transfer();
        server.delete(&format!("{OS}/{}", transfer["id"].as_str().unwrap())).await.is(202);
    }
}

#[apply(both_engines!)]
async fn accept_judges_by_the_version_that_the_offer_was_made_at(server: Openstack) {
    let volume = server.volume_with(json!({"encrypted": true})).await;
    let offered = create(&server, VT, Some("3.70"), &volume, None).await.is(202).transfer();
    // older path and version of the one who accepts do not matter
    accept(&server, OS, None, &offered).await.is(202);

    let plain = server.volume().await;
    let offered = create(&server, VT, Some("3.69"), &plain, None).await.is(202).transfer();
    let encrypted =
        with(crate::support::volume("alpha"), json!({"id": plain, "status": "awaiting-transfer", "encrypted": true}));
    server.seed(json!({"volumes": [encrypted]})).await;
    let answer = accept(&server, VT, Some("3.71"), &offered).await;
    answer.fails(400, "EVS.5400");
    assert_eq!(answer.reasons(), ["encrypted"]);
}

#[apply(both_engines!)]
async fn a_snapshot_that_is_not_available_holds_its_volume_back_unless_it_stays(server: Openstack) {
    let volume = server.volume_with(json!({"snapshots": [copy("available"), copy("error")]})).await;
    for (path, version, no_snapshots) in [(OS, None, None), (VT, Some("3.55"), None), (VT, Some("3.55"), Some(false))] {
        let answer = create(&server, path, version, &volume, no_snapshots).await;
        answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), ["snapshot_status"], "{path} at {version:?}");
    }
    let offered = create(&server, VT, Some("3.55"), &volume, Some(true)).await.is(202).transfer();
    accept(&server, VT, Some("3.55"), &offered).await.is(202);
}

#[apply(both_engines!)]
async fn snapshots_move_with_their_volume(server: Openstack) {
    let volume = server.volume_with(json!({"snapshots": [copy("available"), copy("available")]})).await;
    let offered = create(&server, OS, None, &volume, None).await.is(202).transfer();
    accept(&server, OS, None, &offered).await.is(202);
    assert_eq!(server.stored_volume(&volume).await.project_id, ProjectId::parse("beta").unwrap());
    assert_eq!(snapshot_projects(&server, &volume), ["beta", "beta"]);
}

#[apply(both_engines!)]
async fn snapshots_stay_with_their_donor_under_no_snapshots(server: Openstack) {
    let volume = server.volume_with(json!({"snapshots": [copy("available"), copy("creating")]})).await;
    let offered = create(&server, VT, Some("3.55"), &volume, Some(true)).await.is(202).transfer();
    accept(&server, VT, Some("3.55"), &offered).await.is(202);
    assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), "beta");
    assert_eq!(snapshot_projects(&server, &volume), ["alpha", "alpha"]);
}

#[apply(both_engines!)]
async fn a_snapshot_that_stayed_with_an_earlier_donor_holds_nothing_back(server: Openstack) {
    let left = with(copy("error"), json!({"project_id": "omega"}));
    let volume = server.volume_with(json!({"snapshots": [left]})).await;
    let transfer = create(&server, VT, Some("3.55"), &volume, None).await.is(202).transfer();
    accept(&server, VT, Some("3.55"), &transfer).await.is(202);
}

#[apply(both_engines!)]
async fn a_consistency_group_holds_its_volume_back(server: Openstack) {
    let grouped = with(volume("alpha"), json!({"consistency_group_id": "g"}));
    server.seed(json!({"volumes": [grouped]})).await;
    for (path, version) in [(OS, None), (VT, Some("3.71"))] {
        let answer = create(&server, path, version, grouped["id"].as_str().unwrap(), None).await;
        answer.fails(400, "EVS.5400");
        assert_eq!(answer.reasons(), ["consistency_group"]);
    }
}
