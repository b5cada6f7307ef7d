//! Import and quotas: what a project has is right after every document, and no limit refuses one.

use crate::support::operator_cli::{NONE, ONE_CREATED, ONE_UNCHANGED, ONE_UPDATED};
use crate::support::{
    Engine, OperatorCli, Replicas, TestServer, Value, apply, both_engines, copy, json, limited, new_id, stored_usage, volume,
    with,
};
use futures_util::future::join_all;
use handover::domain::quota::Usage;
use handover::domain::{Id, ProjectId};
use handover::store::{Db, Purpose, Store, usage};

/// A snapshot or a backup of this size.
fn sized(size: i64) -> Value {
    with(copy("available"), json!({"size": size}))
}

async fn usage(desk: &OperatorCli, project: &str) -> Usage {
    stored_usage(&desk.0.url, project).await
}

#[apply(both_engines!)]
async fn everything_that_a_document_changes_is_counted(desk: OperatorCli) {
    let (kept, gone, backup) = (sized(2), sized(3), sized(4));
    let one = with(volume("alpha"), json!({"size": 10, "snapshots": [kept, gone], "backups": [backup]}));
    desk.import(&json!({"volumes": [one, volume("alpha"), volume("beta")]}));
    let all = Usage { volumes: 2, snapshots: 2, gigabytes: 16, volume_gigabytes: 11, backups: 1, backup_gigabytes: 4 };
    assert_eq!([usage(&desk, "alpha").await, usage(&desk, "beta").await], [all, Usage::volume(1)]);

    // the same again, and a change that is not counted
    desk.import(&json!({"volumes": [one]}));
    desk.import(&json!({"volumes": [with(one.clone(), json!({"name": "renamed"}))]}));
    assert_eq!(usage(&desk, "alpha").await, all);

    // a larger volume, a snapshot that is gone, another's that is smaller, a backup more
    let shrunk = with(kept.clone(), json!({"size": 1}));
    desk.import(&json!({"volumes": [with(one.clone(), json!({"size": 11, "snapshots": [shrunk]}))]}));
    desk.import(&json!({"backups": [with(sized(5), json!({"volume_id": one["id"]}))]}));
    let all = Usage { volumes: 2, snapshots: 1, gigabytes: 13, volume_gigabytes: 12, backups: 2, backup_gigabytes: 9 };
    assert_eq!(usage(&desk, "alpha").await, all);

    // to another project, which leaves behind what the document does not speak of
    let moving = json!({"volumes": [{"id": one["id"], "project_id": "gamma", "snapshots": [kept]}]});
    assert_eq!(desk.run(&["import", "--move", "-"], &moving.to_string()).status, Some(0));
    let left = Usage { backups: 2, backup_gigabytes: 9, ..Usage::volume(1) };
    // 11, since a size that the record does not say is the stored one
    let moved = Usage::volume(11) + Usage::snapshot(2);
    assert_eq!([usage(&desk, "alpha").await, usage(&desk, "gamma").await], [left, moved]);
}

#[apply(both_engines!)]
async fn a_rehearsal_counts_nothing(desk: OperatorCli) {
    let document = json!({"volumes": [volume("alpha")]});
    let ran = desk.run(&["import", "--check", "-"], &document.to_string());
    assert_eq!((ran.status, usage(&desk, "alpha").await), (Some(0), Usage::NONE), "{}", ran.err);
}

#[apply(both_engines!)]
async fn no_limit_refuses_a_document(desk: OperatorCli) {
    let document = json!({"volumes": [volume("alpha"), volume("alpha")]});
    let ran = desk.run(&["import", "--quotas", "volumes=1,gigabytes=0", "-"], &document.to_string());
    assert_eq!((ran.status, usage(&desk, "alpha").await.volumes), (Some(0), 2), "{}", ran.err);
}

#[apply(both_engines!)]
async fn documents_and_accepts_at_the_same_moment_lose_nothing(replicas: Replicas) {
    let server = replicas.nth(0);
    let volumes = server.volumes("alpha", 24).await;
    let accepts = volumes.iter().enumerate().map(async |(n, volume)| {
        let offered = replicas.nth(n).offer_of(volume).await;
        replicas.nth(n + 1).accept_by("beta", &offered).await.is(202);
    });
    // volumes of the same projects, each of another size than before
    let others: Vec<Value> = ["alpha", "beta"].iter().map(|project| volume(project)).collect();
    let imports = async {
        for size in 1..=12 {
            let resized: Vec<Value> = others.iter().map(|volume| with(volume.clone(), json!({"size": size}))).collect();
            server.seed(json!({"volumes": resized})).await;
        }
    };
    tokio::join!(join_all(accepts), imports);
    let of = |volumes, gigabytes| Usage { volumes, ..Usage::larger(gigabytes) };
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [of(1, 12), of(25, 36)]);
}

/// Gives a volume of alpha's to beta, as an accept does, up to where it moves what they have.
async fn give(db: &mut Db, volume: &str) {
    let statement = db.sql("UPDATE volumes SET project_id = 'beta' WHERE id = $1").bind(Id::parse(volume).unwrap());
    assert_eq!(statement.run().await.unwrap(), 1);
}

/// Moves what they have.
async fn count(db: &mut Db) {
    for (project, change) in [("alpha", -Usage::volume(1)), ("beta", Usage::volume(1))] {
        usage::add(db, &ProjectId::parse(project).unwrap(), change).await.unwrap();
    }
}

// SQLite has one writer, so that nobody comes between

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_document_counts_what_another_has_moved_while_it_waited() {
    let server = TestServer::start(Engine::Postgres).await;
    let volumes = server.volumes("alpha", 3).await;
    let store = Store::open(&server.database.url, Purpose::Command).await.unwrap();
    let mut other = store.transaction().await.unwrap();
    give(&mut other, &volumes[0]).await;
    count(&mut other).await;
    let resized = json!({"id": volumes[1], "project_id": "alpha", "size": 5});
    let commit = async {
        server.database.until_somebody_waits().await;
        other.commit().await.unwrap();
    };
    tokio::join!(server.seed(json!({"volumes": [resized]})), commit);
    let of = |volumes, gigabytes| Usage { volumes, ..Usage::larger(gigabytes) };
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [of(2, 6), of(1, 1)]);
    store.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_document_leaves_to_another_what_that_has_yet_to_move() {
    let server = TestServer::start(Engine::Postgres).await;
    let volumes = server.volumes("alpha", 3).await;
    let store = Store::open(&server.database.url, Purpose::Command).await.unwrap();
    let mut other = store.transaction().await.unwrap();
    give(&mut other, &volumes[0]).await;
    let [resized, new] =
        [json!({"id": volumes[1], "project_id": "alpha", "size": 5}), with(volume("beta"), json!({"size": 2}))];
    server.seed(json!({"volumes": [resized, new]})).await;
    count(&mut other).await;
    other.commit().await.unwrap();
    let of = |volumes, gigabytes| Usage { volumes, ..Usage::larger(gigabytes) };
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [of(2, 6), of(2, 3)]);
    store.close().await;
}

#[apply(both_engines!)]
async fn a_pending_transfer_in_a_document_stays_counted_with_its_donor(server: TestServer) {
    let one = with(volume("alpha"), json!({"size": 3}));
    let offer = json!({"id": new_id(), "volume_id": one["id"], "auth_key": "9266c59563c84664"});
    server.seed(json!({"volumes": [one], "transfers": [offer]})).await;
    assert_eq!(server.usage("alpha").await, Usage::volume(3));
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offer["id"].as_str().unwrap());
    server.post(&path, json!({"accept": {"auth_key": "9266c59563c84664"}})).by("bob:beta").await.is(202);
    assert_eq!([server.usage("alpha").await, server.usage("beta").await], [Usage::NONE, Usage::volume(3)]);
}

/// What an import says of quotas when it touches nothing else.
fn said(quotas: &str) -> String {
    format!("volumes: {NONE}; snapshots: {NONE}; backups: {NONE}; transfers: {NONE}; quotas: {quotas}")
}

#[apply(both_engines!)]
async fn limits_are_set_by_documents_and_those_that_are_not_named_stay(desk: OperatorCli) {
    assert_eq!(desk.export().get("quotas"), None, "a list that has nothing is not written");
    let own = json!({"project_id": "alpha", "volumes": 10, "gigabytes": -1});
    let class = json!({"project_id": null, "volumes": 3, "per_volume_gigabytes": 100});
    let document = json!({"quotas": [own, class]});
    assert_eq!(desk.import(&document), said("2 created, 0 updated, 0 unchanged"));
    let before = desk.text();
    assert_eq!(desk.import(&document), said("0 created, 0 updated, 2 unchanged"));
    assert_eq!(desk.text(), before);
    assert_eq!(desk.export()["quotas"], json!([class, own]), "the default class first, then by project");

    let more = json!({"project_id": "alpha", "volumes": 0, "backups": 5});
    assert_eq!(desk.import(&json!({"quotas": [more]})), said(ONE_UPDATED));
    assert_eq!(desk.import(&json!({"quotas": [{"project_id": "alpha", "backups": 5}]})), said(ONE_UNCHANGED));
    let expected = json!({"project_id": "alpha", "volumes": 0, "gigabytes": -1, "backups": 5});
    assert_eq!(desk.export()["quotas"], json!([class, expected]));

    let ran = desk.run(&["import", "--check", "-"], &json!({"quotas": [{"project_id": "beta", "groups": 1}]}).to_string());
    assert_eq!(ran.out, format!("standard input: {} (checked, nothing written)\n", said(ONE_CREATED)));
    assert_eq!(desk.export()["quotas"], json!([class, expected]));
}

#[apply(both_engines!)]
async fn limits_of_more_projects_than_a_batch_holds_come_back_one_by_one(desk: OperatorCli) {
    let quotas: Vec<Value> = (0..2003).map(|n| json!({"project_id": format!("p{n:04}"), "volumes": n})).collect();
    desk.import(&json!({"quotas": quotas}));
    assert_eq!(desk.export()["quotas"], json!(quotas));
    let there = OperatorCli::new(desk.0.engine);
    there.import(&desk.export());
    assert_eq!(there.text(), desk.text());
}

#[apply(both_engines!)]
async fn limits_of_documents_are_enforced(server: TestServer) {
    let (first, second) = (server.offer().await, server.offer().await);
    server.seed(json!({"quotas": [{"project_id": "beta", "volumes": 1}, {"project_id": null, "volumes": 0}]})).await;
    server.accept_by("beta", &first).await.is(202);
    server.accept_by("beta", &second).await.fails(413, "EVS.5413");
    server.accept_by("gamma", &second).await.fails(413, "EVS.5413");
    server.seed(json!({"quotas": [{"project_id": null, "volumes": 1}]})).await;
    server.accept_by("beta", &second).await.fails(413, "EVS.5413");
    server.accept_by("gamma", &second).await.is(202);
}
