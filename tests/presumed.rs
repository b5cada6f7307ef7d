//! What was read before anything was locked is taken to be so still; what is written is held to it, so that whatever has changed
//! since is seen.

use std::sync::atomic::{AtomicUsize, Ordering};

use handover::domain::quota::{Limits, Overrides, Quota, Resource as Quotable, Usage};
use handover::domain::transfer::{MadeOn, Resource, Stamp};
use handover::domain::{Id, Offer, ProjectId, Time};
use handover::store::volumes::{self, Candidate};
use handover::store::{Db, Engine, Purpose, Sql, Store, StoreError, Write, limits, usage};

use crate::support::{Database, TestServer, Value, apply, binary, both_engines, copy, json, limited, volume, with};

const fn same(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text }
}

/// What may become of a volume between the look at it and the lock: all that the rules ask about, whose it is, when it was changed, and
/// what it counts for.
const CHANGES: [Sql; 14] = [
    same("UPDATE volumes SET status = 'error' WHERE id = $1"),
    same("UPDATE volumes SET billing = 'prepaid' WHERE id = $1"),
    same("UPDATE volumes SET frozen = NOT frozen WHERE id = $1"),
    same("UPDATE volumes SET encrypted = NOT encrypted WHERE id = $1"),
    same("UPDATE volumes SET backup_policy_id = 'nightly' WHERE id = $1"),
    same("UPDATE volumes SET dedicated_storage = 'dss' WHERE id = $1"),
    same("UPDATE volumes SET system_disk = NOT system_disk WHERE id = $1"),
    same("UPDATE volumes SET replication_enabled = NOT replication_enabled WHERE id = $1"),
    same("UPDATE volumes SET consistency_group_id = 'group' WHERE id = $1"),
    same("UPDATE volumes SET project_id = 'beta' WHERE id = $1"),
    Sql {
        sqlite: "UPDATE volumes SET updated_at = created_at + 1 WHERE id = $1",
        postgres: "UPDATE volumes SET updated_at = created_at + INTERVAL '1 microsecond' WHERE id = $1",
    },
    same("UPDATE volumes SET size = size + 1 WHERE id = $1"),
    same("UPDATE volumes SET consumes_quota = NOT consumes_quota WHERE id = $1"),
    // counted by whatever changes one of its snapshots or backups
    same("UPDATE volumes SET copy_changes = copy_changes + 1 WHERE id = $1"),
];

/// What is done to a volume that was seen so.
type Move = fn(&mut Db, &Offer, &Candidate);

fn give(db: &mut Db, offer: &Offer, seen: &Candidate) {
    volumes::give(db, &offer.made, seen);
}

/// Moves a volume that was seen so, at the first try.
struct Moving {
    how: Move,
    offer: Offer,
    seen: Candidate,
    tries: AtomicUsize,
}

impl Write for Moving {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        if self.tries.fetch_add(1, Ordering::SeqCst) > 0 {
            return Err(StoreError::UnknownFilter { list: "none", name: "none" });
        }
        db.presume(true);
        (self.how)(db, &self.offer, &self.seen);
        Ok(())
    }
}

async fn seen(store: &Store, id: Id) -> Candidate {
    volumes::candidate(&mut store.reader().await.unwrap(), id).await.unwrap().unwrap()
}

/// Whether it was moved as it was `seen`, or was to be looked at again.
async fn is_moved(store: &Store, how: Move, seen: Candidate) -> bool {
    let made = Stamp {
        at: seen.changed_at,
        project_id: ProjectId::parse("alpha").unwrap(),
        user_id: "alice".to_owned(),
        request_id: seen.id,
    };
    let offer = Offer {
        id: seen.id,
        volume_id: seen.id,
        name: None,
        made,
        made_on: MadeOn { resource: Resource::OsVolumeTransfer, microversion: None },
        no_snapshots: false,
        expires_at: None,
    };
    let moving = Moving { how, offer, seen, tries: AtomicUsize::new(0) };
    let outcome = store.write(&moving).await;
    let tries = moving.tries.load(Ordering::SeqCst);
    assert!(
        matches!((&outcome, tries), (Ok(()), 1) | (Err(StoreError::UnknownFilter { .. }), 2)),
        "{outcome:?}, {tries} tries"
    );
    outcome.is_ok()
}

#[apply(both_engines!)]
async fn whatever_has_changed_since_a_volume_was_seen_is_looked_at_again(engine: Engine) {
    let database = Database::fresh(engine);
    let volumes: Vec<Value> = (0..28).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    let store = Store::open(&database.url, Purpose::Command).await.unwrap();
    let mut ids = volumes.iter().map(|volume| Id::parse(volume["id"].as_str().unwrap()).unwrap());
    let moves: [(Move, &str); 2] = [(volumes::offer, "awaiting-transfer"), (give, "available")];
    for (n, change) in CHANGES.into_iter().enumerate() {
        for (how, status) in moves {
            let id = ids.next().unwrap();
            if status == "available" {
                assert!(is_moved(&store, volumes::offer, seen(&store, id).await).await);
            }
            let before = seen(&store, id).await;
            let mut db = store.transaction().await.unwrap();
            assert_eq!(db.sql(change).bind(id).run().await.unwrap(), 1, "{change:?}");
            db.commit().await.unwrap();
            assert!(!is_moved(&store, how, before).await, "{change:?}");
            let after = seen(&store, id).await;
            assert_ne!(after.facts.status.as_str(), status, "{change:?}");
            // as it is now, where its status lets it
            assert_eq!(is_moved(&store, how, after).await, n > 0, "{change:?}");
            let moved = seen(&store, id).await.facts.status;
            assert_eq!(moved.as_str(), if n > 0 { status } else { "error" }, "{change:?}");
        }
    }
    store.close().await;
}

#[apply(both_engines!)]
async fn each_change_of_a_snapshot_or_a_backup_is_counted_at_its_volume(server: TestServer) {
    let volume = server.volume().await;
    let store = Store::open(&server.database.url, Purpose::Command).await.unwrap();
    let id = Id::parse(&volume).unwrap();
    let mut counted = 0;
    let mut has_grown = async |by: &str| {
        let now = seen(&store, id).await.copy_changes;
        assert!(now > counted, "{by}: {now} behind {counted}");
        counted = now;
    };
    for (kind, one) in [("snapshots", "snapshot"), ("backups", "backup")] {
        let made = if kind == "snapshots" { server.snapshot(&volume).await } else { server.backup(&volume).await };
        has_grown(one).await;
        let path = format!("/v3/alpha/{kind}/{made}");
        server.put(&path, json!({one: {"name": "n"}})).at("3.9").await.is(200);
        has_grown("its name").await;
        server.reset(&format!("/v3/ops/{kind}/{made}"), "error").await.is(202);
        has_grown("its status").await;
        server.delete(&path).await.is(202);
        has_grown("its end").await;

        let loose = with(copy("available"), json!({"volume_id": volume}));
        server.seed(json!({kind: [loose]})).await;
        has_grown("an import by itself").await;
        let listing = |copies: Value| json!({"volumes": [{"id": volume, "project_id": "alpha", "size": 1, kind: copies}]});
        server.seed(listing(json!([copy("available")]))).await;
        has_grown("an import that lists another").await;
        server.seed(listing(json!([]))).await;
        has_grown("an import that lists none").await;
    }
    let before = seen(&store, id).await.copy_changes;
    server.put(&format!("/v3/alpha/volumes/{volume}"), json!({"volume": {"name": "n"}})).await.is(200);
    assert_eq!(seen(&store, id).await.copy_changes, before, "the volume's own changes are not");
    store.close().await;
}

#[apply(both_engines!)]
async fn what_comes_to_a_project_is_held_to_the_limits_in_force(engine: Engine) {
    let database = Database::fresh(engine);
    binary::import(&database.url, &json!({"volumes": [volume("alpha"), with(volume("beta"), json!({"size": 5}))]}));
    let store = Store::open(&database.url, Purpose::Command).await.unwrap();
    // a volume of 5 GiB more, where the settings, the default class, and the project have these limits
    let comes = async |project: &str, counted: Usage, limits: [Value; 3]| {
        let project = ProjectId::parse(project).unwrap();
        let mut defaults = Limits::default();
        let mut db = store.transaction().await.unwrap();
        for (whose, limited) in [None, Some(None), Some(Some(project.clone()))].into_iter().zip(&limits) {
            let named = |resource: &&Quotable| limited.get(resource.as_str()).is_some();
            let mut own = Overrides::default();
            for resource in Quotable::ALL.iter().filter(named) {
                let limit = limited[resource.as_str()].as_i64().unwrap();
                defaults.set(*resource, if whose.is_none() { limit } else { defaults.get(*resource) });
                own.set(*resource, Some(limit));
            }
            if let Some(project_id) = whose {
                limits::TABLE.merge(&mut db, &[Quota { project_id, limits: own }]).await.unwrap();
            }
        }
        db.presume(true);
        usage::add_later(&mut db, &project, counted, 5, &defaults);
        // never committed
        match db.flush().await {
            Ok(()) => true,
            Err(StoreError::Contended(_)) => false,
            Err(error) => panic!("{error}"),
        }
    };
    let (none, one) = (json!({}), Usage::volume(5));
    assert!(comes("beta", one, [none.clone(), none.clone(), none.clone()]).await, "nothing is limited");
    for (enough, too_few) in [
        (json!({"volumes": 2}), json!({"volumes": 1})),
        (json!({"volumes": -1}), json!({"volumes": 0})),
        (json!({"gigabytes": 10}), json!({"gigabytes": 9})),
        (json!({"gigabytes": -1}), json!({"gigabytes": 0})),
        (json!({"per_volume_gigabytes": 5}), json!({"per_volume_gigabytes": 4})),
        (json!({"per_volume_gigabytes": -1}), json!({"per_volume_gigabytes": 0})),
    ] {
        for (fits, limits) in [
            (true, [&enough, &none, &none]),
            (false, [&too_few, &none, &none]),
            (true, [&too_few, &enough, &none]),
            (false, [&enough, &too_few, &none]),
            (true, [&too_few, &too_few, &enough]),
            (false, [&enough, &enough, &too_few]),
        ] {
            assert_eq!(comes("beta", one, limits.map(Clone::clone)).await, fits, "{limits:?}");
        }
        // what does not count is held to the size of a volume alone
        let is_size = too_few.get("per_volume_gigabytes").is_some();
        assert_eq!(comes("beta", Usage::NONE, [none.clone(), none.clone(), too_few]).await, !is_size);
    }
    let other = json!({"snapshots": 0, "backups": 0, "backup_gigabytes": 0, "groups": 0});
    assert!(comes("beta", one, [other.clone(), other.clone(), other]).await, "what does not come is not asked about");
    assert!(!comes("gamma", one, [none.clone(), none.clone(), none]).await, "who never had anything gets a row under the lock");
    store.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_offer_is_committed_behind_a_later_one_of_its_project() {
    let database = Database::fresh(Engine::Postgres);
    binary::import(&database.url, &json!({"volumes": [volume("alpha")]}));
    let store = Store::open(&database.url, Purpose::Command).await.unwrap();
    let asked = async |micros: i64, has_turn: bool| {
        let mut db = store.transaction().await.unwrap();
        db.presume(!has_turn);
        usage::offered(&mut db, &ProjectId::parse("alpha").unwrap(), Time::from_micros(micros).unwrap(), has_turn);
        db
    };
    let offer = async |micros: i64, has_turn: bool| {
        let mut db = asked(micros, has_turn).await;
        match db.flush().await {
            Ok(()) => db.commit().await.is_ok(),
            Err(StoreError::Contended(_)) => false,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(offer(100, false).await);
    assert!(!offer(99, false).await, "an earlier time is taken anew, behind the turn");
    assert!(!offer(100, false).await, "nor is one the same: which comes first would be the ids' to say");
    assert!(offer(101, false).await);
    // a later one that commits while this waits for it
    let (mut later, mut early) = (asked(200, false).await, asked(199, false).await);
    later.flush().await.unwrap();
    let committing = async {
        database.until_somebody_waits().await;
        later.commit().await.unwrap();
    };
    let (done, ()) = tokio::join!(early.flush(), committing);
    assert!(matches!(done, Err(StoreError::Contended(_))), "it was on its way before, and comes behind it: {done:?}");
    drop(early);
    // a clock that was ahead once makes no other wait for it
    assert!(offer(50, true).await);
    assert!(offer(51, false).await);
    let mut db = store.transaction().await.unwrap();
    let last = usage::take_turn(&mut db, &ProjectId::parse("alpha").unwrap()).await.unwrap();
    assert_eq!(last.micros(), 51, "who takes the turn knows when the last was");
    drop(db);
    store.close().await;
}
