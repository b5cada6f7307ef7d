//! Accept and quotas: what a project has moves with the volume, and a project with no room for it is told so.

use handover::domain::quota::Usage;

use crate::support::{
    Answer, Engine, Offered, OperatorCli, TestServer, Value, apply, both_engines, copy, json, new_id, volume, with,
};

const ALPHA: &str = "/v3/alpha/volume-transfers";

/// A server on which every project has these limits.
async fn limited(engine: Engine, quotas: &str) -> TestServer {
    TestServer::with(engine, &["--rules=openstack", &format!("--quotas={quotas}")]).await
}

/// Offers a volume of alpha's on a path that can leave its snapshots behind.
async fn offer(server: &TestServer, volume: &str, no_snapshots: bool) -> Offered {
    let body = json!({"transfer": {"volume_id": volume, "no_snapshots": no_snapshots}});
    let transfer = server.post(ALPHA, body).at("3.55").await.is(202).transfer();
    let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
    Offered { id: text("id"), key: text("auth_key"), volume_id: text("volume_id") }
}

fn snapshot(project: &str, size: i64) -> Value {
    with(copy("available"), json!({"project_id": project, "size": size}))
}

#[apply(both_engines!)]
async fn what_a_project_has_moves_with_the_volume(server: TestServer) {
    let volume = server.volume_with(json!({"size": 7})).await;
    server.volumes("beta", 2).await;
    let offered = server.offer_of(&volume).await;
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [Usage::volume(7), of(2, 2)]);
    server.accept_by("beta", &offered).await.is(202);
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [Usage::NONE, of(3, 9)]);
}

/// So many volumes of so many GiB.
fn of(volumes: i64, gigabytes: i64) -> Usage {
    Usage { volumes, ..Usage::larger(gigabytes) }
}

#[apply(both_engines!)]
async fn snapshots_that_travel_are_counted_with_the_volume_and_others_stay_with_whose_they_are(engine: Engine) {
    let server = limited(engine, "none").await;
    let snapshots = json!([snapshot("alpha", 2), snapshot("alpha", 3), snapshot("gamma", 4)]);
    let volume = server.volume_with(json!({"size": 5, "snapshots": snapshots, "backups": [snapshot("alpha", 6)]})).await;
    let backup = Usage::backup(6);
    let gamma = Usage::snapshot(4);

    let all = Usage::volume(5) + Usage::snapshot(2) + Usage::snapshot(3);
    assert_eq!([server.usage("alpha").await, server.usage("gamma").await], [all + backup, gamma]);
    server.accept_by("beta", &offer(&server, &volume, false).await).await.is(202);
    let after = ["alpha", "beta", "gamma"].map(|project| server.usage(project));
    assert_eq!(futures_util::future::join_all(after).await, [backup, all, gamma]);
    let stored = OperatorCli(server.database.clone()).volume(&json!(volume));
    let others = stored["snapshots"].as_array().unwrap().iter().filter_map(|snapshot| snapshot["project_id"].as_str());
    assert_eq!(others.collect::<Vec<_>>(), ["gamma"], "another project's snapshot is not the recipient's to have");
}

#[apply(both_engines!)]
async fn snapshots_that_stay_behind_stay_counted_where_they_are(engine: Engine) {
    let server = limited(engine, "snapshots=1").await;
    let snapshots = json!([snapshot("alpha", 2), snapshot("alpha", 3)]);
    let volume = server.volume_with(json!({"size": 5, "snapshots": snapshots})).await;
    server.accept_by("beta", &offer(&server, &volume, true).await).await.is(202);
    let left = Usage { snapshots: 2, gigabytes: 5, ..Usage::NONE };
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [left, Usage::volume(5)]);
}

/// An accept that would bring `beta` over a limit: said in Cinder's words in both dialects, and nothing is changed.
async fn is_over_quota(server: &TestServer, offered: &Offered, words: &str) {
    let desk = OperatorCli(server.database.clone());
    let before = (desk.text(), server.usage("alpha").await, server.usage("beta").await);
    for path in ["/v2/beta/os-volume-transfer", "/v3/beta/os-volume-transfer", "/v3/beta/volume-transfers"] {
        let path = format!("{path}/{}/accept", offered.id);
        let answer = server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await;
        let message = answer.fails(413, "EVS.5413");
        assert!(message.starts_with(words), "{message}");
        assert!(message.contains("ask an admin to raise the project's "), "{message}");
    }
    assert_eq!((desk.text(), server.usage("alpha").await, server.usage("beta").await), before);
}

#[apply(both_engines!)]
async fn over_quota_the_offer_stays_pending_with_its_key(engine: Engine) {
    let server = limited(engine, "volumes=1").await;
    server.volumes("beta", 1).await;
    let offered = server.offer().await;
    let words = "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.";
    is_over_quota(&server, &offered, words).await;
    server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    server.accept_by("gamma", &offered).await.is(202); // who has none yet
    assert_eq!(server.usage("gamma").await, Usage::volume(1));
}

#[apply(both_engines!)]
async fn each_limit_of_the_recipients_is_asked(engine: Engine) {
    for (quotas, words) in [
        (
            "gigabytes=17",
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. \
             Requested 9G, quota is 17G and 9G has been consumed.",
        ),
        ("snapshots=1", "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded."),
        (
            "per_volume_gigabytes=4,volumes=0",
            "VolumeSizeExceedsLimit: Requested volume size 5G is larger than maximum allowed limit 4G.",
        ),
        ("volumes=1,gigabytes=1", "VolumeSizeExceedsAvailableQuota: "),
    ] {
        let server = limited(engine, quotas).await;
        server.seed(json!({"volumes": [with(volume("beta"), json!({"size": 9}))]})).await;
        let snapshots = json!([snapshot("alpha", 2), snapshot("alpha", 2)]);
        let volume = server.volume_with(json!({"size": 5, "snapshots": snapshots})).await;
        is_over_quota(&server, &offer(&server, &volume, false).await, words).await;
    }
    // exactly as much as is allowed, and what is not counted here is not asked
    let server = limited(engine, "volumes=1,gigabytes=9,snapshots=2,per_volume_gigabytes=5,backups=0,backup_gigabytes=0").await;
    let snapshots = json!([snapshot("alpha", 2), snapshot("alpha", 2)]);
    let volume = server.volume_with(json!({"size": 5, "snapshots": snapshots})).await;
    server.accept_by("beta", &offer(&server, &volume, false).await).await.is(202);
}

#[apply(both_engines!)]
async fn each_limit_is_asked_of_a_volume_without_snapshots_too(engine: Engine) {
    let of_two = ["beta", "gamma"].map(|project| with(volume(project), json!({"size": 9})));
    for (quotas, words) in [
        ("volumes=1", "VolumeLimitExceeded: "),
        ("gigabytes=13", "VolumeSizeExceedsAvailableQuota: "),
        ("gigabytes=4", "VolumeSizeExceedsAvailableQuota: "),
        ("per_volume_gigabytes=4", "VolumeSizeExceedsLimit: "),
    ] {
        let server = limited(engine, quotas).await;
        server.seed(json!({"volumes": of_two})).await;
        let volume = server.volume_with(json!({"size": 5})).await;
        is_over_quota(&server, &offer(&server, &volume, false).await, words).await;
    }
    let server = limited(engine, "volumes=2,gigabytes=14,per_volume_gigabytes=5").await;
    server.seed(json!({"volumes": of_two})).await;
    for project in ["beta", "gamma"] {
        let volume = server.volume_with(json!({"size": 5})).await;
        server.accept_by(project, &offer(&server, &volume, false).await).await.is(202);
    }
    // who has nothing yet, and may have nothing
    let server = limited(engine, "volumes=0").await;
    let volume = server.volume_with(json!({"size": 5})).await;
    is_over_quota(&server, &offer(&server, &volume, false).await, "VolumeLimitExceeded: ").await;
}

#[apply(both_engines!)]
async fn a_project_that_accepts_its_own_offer_needs_no_room(engine: Engine) {
    let server = limited(engine, "volumes=0,gigabytes=0,snapshots=0,per_volume_gigabytes=0").await;
    let volume = server.volume_with(json!({"size": 5, "snapshots": [snapshot("alpha", 2)]})).await;
    let before = server.usage("alpha").await;
    server.accept_by("alpha", &offer(&server, &volume, false).await).await.is(202);
    assert_eq!(server.usage("alpha").await, before);
}

#[apply(both_engines!)]
async fn a_donor_that_has_more_than_it_may_have_can_give_away(engine: Engine) {
    let server = limited(engine, "volumes=1").await;
    let volumes = server.volumes("alpha", 3).await;
    server.accept_by("beta", &server.offer_of(&volumes[0]).await).await.is(202);
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [of(2, 2), of(1, 1)]);
}

#[apply(both_engines!)]
async fn the_key_is_asked_before_the_rules_and_these_before_the_quota(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=volumes=0"]).await;
    let offered = server.offer().await;
    let frozen = json!({"id": offered.volume_id, "project_id": "alpha", "frozen": true});
    server.seed(json!({"volumes": [frozen]})).await;
    let wrong = Offered { key: "0000000000000000".to_owned(), ..offered.clone() };
    let said = |answer: Answer| answer.is(400).message();
    assert!(said(server.accept_by("beta", &wrong).await).starts_with("Invalid auth key: "));
    assert!(said(server.accept_by("beta", &offered).await).starts_with("Invalid volume: a frozen volume"));
    server.seed(json!({"volumes": [with(frozen, json!({"frozen": false}))]})).await;
    server.accept_by("beta", &offered).await.fails(413, "EVS.5413");
    let unknown = Offered { id: new_id(), ..offered };
    server.accept_by("beta", &unknown).await.fails(404, "EVS.5404");
}
