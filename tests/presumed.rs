//! What was read before anything was locked is taken to be so still; what is written is held to it, so that whatever has changed
//! since is seen.

use std::sync::atomic::{AtomicUsize, Ordering};

use handover::domain::transfer::{MadeOn, Resource, Stamp};
use handover::domain::{Id, Offer, ProjectId};
use handover::store::volumes::{self, Candidate};
use handover::store::{Db, Engine, Purpose, Sql, Store, StoreError, Write};

use crate::support::{Database, Value, apply, binary, both_engines, json, volume};

const fn same(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text }
}

/// What may become of a volume between the look at it and the lock: all that the rules ask about, whose it is, and when it was changed.
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
    same(
        "INSERT INTO snapshots (volume_id, id, project_id, status, size, consumes_quota, metadata, extra, created_at)
         SELECT id, id, project_id, 'available', size, consumes_quota, '{}', '{}', created_at FROM volumes WHERE id = $1",
    ),
    same("UPDATE snapshots SET status = 'error' WHERE volume_id = $1"),
    same(
        "INSERT INTO backups (volume_id, id, project_id, status, size, consumes_quota, metadata, extra, created_at)
         SELECT id, id, project_id, 'available', size, consumes_quota, '{}', '{}', created_at FROM volumes WHERE id = $1",
    ),
];

/// Moves a volume on offer that was seen so, at the first try.
struct Offering {
    offer: Offer,
    seen: Candidate,
    tries: AtomicUsize,
}

impl Write for Offering {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        if self.tries.fetch_add(1, Ordering::SeqCst) > 0 {
            return Err(StoreError::UnknownFilter { list: "none", name: "none" });
        }
        db.presume(true);
        volumes::offer(db, &self.offer, &self.seen);
        Ok(())
    }
}

async fn seen(store: &Store, id: Id) -> Candidate {
    volumes::candidate(&mut store.reader().await.unwrap(), id).await.unwrap().unwrap()
}

/// Whether it went on offer as it was `seen`, or was to be looked at again.
async fn is_offered(store: &Store, seen: Candidate) -> bool {
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
    let offering = Offering { offer, seen, tries: AtomicUsize::new(0) };
    let outcome = store.write(&offering).await;
    let tries = offering.tries.load(Ordering::SeqCst);
    assert!(
        matches!((&outcome, tries), (Ok(()), 1) | (Err(StoreError::UnknownFilter { .. }), 2)),
        "{outcome:?}, {tries} tries"
    );
    outcome.is_ok()
}

#[apply(both_engines!)]
async fn whatever_has_changed_since_a_volume_was_seen_is_looked_at_again(engine: Engine) {
    let database = Database::fresh(engine);
    let volumes: Vec<Value> = (0..12).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    let store = Store::open(&database.url, Purpose::Command).await.unwrap();
    for (n, change) in CHANGES.into_iter().enumerate() {
        // what its snapshots and backups become is one volume's
        let id = Id::parse(volumes[n.min(11)]["id"].as_str().unwrap()).unwrap();
        let before = seen(&store, id).await;
        let mut db = store.transaction().await.unwrap();
        assert_eq!(db.sql(change).bind(id).run().await.unwrap(), 1, "{change:?}");
        db.commit().await.unwrap();
        assert!(!is_offered(&store, before).await, "{change:?}");
        let after = seen(&store, id).await;
        assert_ne!(after.facts.status.as_str(), "awaiting-transfer", "{change:?}");
        if n < 11 {
            // as it is now, where its status lets it
            assert_eq!(is_offered(&store, after).await, n > 0, "{change:?}");
            let status = seen(&store, id).await.facts.status;
            assert_eq!(status.as_str(), if n > 0 { "awaiting-transfer" } else { "error" }, "{change:?}");
        }
    }
    store.close().await;
}
