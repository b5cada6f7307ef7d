//! `POST snapshots/{id}/action`: what an admin makes of a snapshot, and what its maker reports.

use crate::support::{TestServer, apply, both_engines, json, new_id};

#[apply(both_engines!)]
async fn an_admin_sets_a_snapshots_status_and_nobody_else(server: TestServer) {
    let id = server.snapshot(&server.volume().await).await;
    for (status, stored) in
        [("error", "error"), ("Backing-Up", "backing-up"), ("creating", "creating"), ("available", "available")]
    {
        for base in ["/v2/ops/snapshots", "/v3/ops/snapshots", "/v3/snapshots"] {
            let answer = server.reset(&format!("{base}/{id}"), status).await.is(202);
            assert!(answer.body.is_empty(), "{answer}");
            let shown = server.get(&format!("/v3/alpha/snapshots/{id}")).await.is(200).one("snapshot");
            assert_eq!(shown["status"], stored);
        }
    }
    for (base, action, policy) in [
        ("/v2/alpha/snapshots", json!({"os-reset_status": {"status": "error"}}), "reset_status"),
        ("/v3/alpha/snapshots", json!({"os-force_delete": {}}), "force_delete"),
    ] {
        let message = server.post(&format!("{base}/{id}/action"), action).await.fails(403, "EVS.5403");
        let words = format!("Policy doesn't allow volume_extension:snapshot_admin_actions:{policy} to be performed.");
        assert!(message.starts_with(&words), "{message}");
    }
    let shown = server.get(&format!("/v3/alpha/snapshots/{id}")).await.is(200).one("snapshot");
    assert_eq!(shown["status"], "available");
}

#[apply(both_engines!)]
async fn an_admin_deletes_a_snapshot_whatever_its_status(server: TestServer) {
    let volume = server.volume().await;
    let before = server.usage("alpha").await;
    for (status, nothing) in [("creating", json!({})), ("deleting", json!(null)), ("error_deleting", json!("x"))] {
        let id = server.snapshot(&volume).await;
        server.reset(&format!("/v3/ops/snapshots/{id}"), status).await.is(202);
        let action = json!({"os-force_delete": nothing});
        server.post(&format!("/v3/ops/snapshots/{id}/action"), action).by("admin:ops").await.is(202);
        server.get(&format!("/v3/alpha/snapshots/{id}")).await.fails(404, "EVS.5404");
    }
    assert_eq!(server.usage("alpha").await, before);
}

#[apply(both_engines!)]
async fn who_makes_a_snapshot_reports_how_far_it_is(server: TestServer) {
    let id = server.snapshot(&server.volume().await).await;
    let report = async |fields: serde_json::Value| {
        server.post(&format!("/v3/alpha/snapshots/{id}/action"), json!({"os-update_snapshot_status": fields})).await
    };
    let message = report(json!({"status": "error"})).await.fails(400, "EVS.5400");
    assert!(message.starts_with("Snapshot status available not allowed for update_snapshot_status"), "{message}");

    server.reset(&format!("/v3/ops/snapshots/{id}"), "creating").await.is(202);
    let message = report(json!({"status": "deleting"})).await.fails(400, "EVS.5400");
    assert!(
        message.starts_with("Provided snapshot status deleting not allowed for snapshot with status creating."),
        "{message}"
    );

    report(json!({"status": "error", "progress": "80%"})).await.is(202);
    let shown = server.get(&format!("/v3/alpha/snapshots/{id}")).await.is(200).one("snapshot");
    assert_eq!((&shown["status"], &shown["os-extended-snapshot-attributes:progress"]), (&json!("error"), &json!("80%")));
}

#[apply(both_engines!)]
async fn what_is_no_action_is_refused_by_name(server: TestServer) {
    let id = server.snapshot(&server.volume().await).await;
    let backup = server.backup(&server.volume().await).await;
    for (path, body, said) in [
        (format!("/v2/alpha/snapshots/{id}"), json!({"os-dance": {}}), "There is no such action: `os-dance`."),
        (format!("/v3/alpha/snapshots/{id}"), json!({}), "names no action"),
        (format!("/v3/alpha/snapshots/{id}"), json!([]), "a list"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-force_delete": {}, "os-reset_status": {}}), "beside"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-reset_status": {}}), "status"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-reset_status": null}), "null"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-reset_status": {"status": 7}}), "Snapshot status: 7 is invalid"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-reset_status": {"status": "lost"}}), "valid statuses are"),
        (format!("/v3/alpha/snapshots/{id}"), json!({"os-reset_status": {"status": "error", "progress": "1%"}}), "progress"),
        (format!("/v3/alpha/backups/{backup}"), json!({"os-reset_status": {"status": "creating"}}), "valid statuses are"),
        (format!("/v2/alpha/backups/{backup}"), json!({"os-update_snapshot_status": {"status": "error"}}), "no such action"),
    ] {
        let message = server.post(&format!("{path}/action"), body).await.fails(400, "EVS.5400");
        assert!(message.contains(said), "{message}");
    }
    let nobodys = format!("/v3/ops/snapshots/{}", new_id());
    server.reset(&nobodys, "error").await.fails(404, "EVS.5404");
}
