//! Statements that are left for later: done with those beside them, each changes its one row, and nothing is committed without it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use handover::store::statement::Only;
use handover::store::{Db, Purpose, Store, StoreError, Write};
use tokio::time::timeout;

use crate::support::{Database, Engine, apply, both_engines};

const INSERT: &str = "INSERT INTO refusals (project_id, hour, kept) VALUES ($1, $2, $3)";
const MOVE: &str = "UPDATE refusals SET kept = kept + $2 WHERE project_id = $1";

/// Makes a row and moves those of some others, all of it later.
struct Moving<'a> {
    made: &'a str,
    moved: &'a [&'a str],
}

impl Write for Moving<'_> {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<u64, StoreError> {
        db.sql_later(INSERT).bind(self.made).bind(1_i64).bind(1_i64).later("refusals");
        // what is asked for in between sees what was left for later
        let seen = db.sql("UPDATE refusals SET hour = hour WHERE project_id = $1").bind(self.made).run().await?;
        for project in self.moved {
            db.sql_later(MOVE).bind(*project).bind(10_i64).later("moved");
        }
        Ok(seen)
    }
}

async fn opened(engine: Engine) -> (Database, Store) {
    let database = Database::empty(engine);
    let store = Store::open(&database.url, Purpose::Serve { connections: 4, threads: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    (database, store)
}

async fn kept(store: &Store) -> String {
    let mut db = store.reader().await.unwrap();
    let rows: Vec<Kept> = db.sql("SELECT project_id, kept FROM refusals ORDER BY project_id").all().await.unwrap();
    rows.iter().map(|Kept(project, kept)| format!("{project}={kept}")).collect::<Vec<_>>().join(" ")
}

struct Kept(String, i64);

impl handover::store::FromRow for Kept {
    const TABLE: &'static str = "refusals";

    fn from_row(row: &handover::store::Row) -> Result<Self, handover::store::statement::BadColumn> {
        Ok(Self(row.get("project_id")?, row.get("kept")?))
    }
}

#[apply(both_engines!)]
async fn each_is_done_with_its_own_parameters(engine: Engine) {
    let (_database, store) = opened(engine).await;
    assert_eq!(store.write(&Moving { made: "a", moved: &[] }).await.unwrap(), 1, "it is there for the statement behind it");
    store.write(&Moving { made: "b", moved: &["a"] }).await.unwrap();
    store.write(&Moving { made: "c", moved: &["a", "b"] }).await.unwrap();
    assert_eq!(kept(&store).await, "a=21 b=11 c=1");
    store.close().await;
}

#[apply(both_engines!)]
async fn one_that_changes_no_row_lets_nothing_be_committed(engine: Engine) {
    let (_database, store) = opened(engine).await;
    store.write(&Moving { made: "a", moved: &[] }).await.unwrap();
    for moved in [["nobody", "a"], ["a", "nobody"]] {
        let error = store.write(&Moving { made: "b", moved: &moved }).await.unwrap_err();
        let StoreError::Inconsistent { table: "moved", ref row, .. } = error else { panic!("{error}") };
        assert_eq!(row, "0 of one");
    }
    let twice = store.write(&Moving { made: "a", moved: &[] }).await.unwrap_err();
    assert!(matches!(twice, StoreError::Duplicate { ref table, .. } if table == "refusals"), "{twice}");
    assert_eq!(kept(&store).await, "a=1");
    store.close().await;
}

/// The same moves as all of a transaction, held to what was read before: tried once.
struct Presumed<'a>(&'a [&'a str], AtomicUsize);

impl Write for Presumed<'_> {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        ensure_first(&self.1)?;
        db.presume(true);
        for project in self.0 {
            db.sql_later(MOVE).bind(*project).bind(10_i64).later("moved");
        }
        Ok(())
    }
}

fn ensure_first(tries: &AtomicUsize) -> Result<(), StoreError> {
    let is_first = tries.fetch_add(1, Ordering::SeqCst) == 0;
    if is_first { Ok(()) } else { Err(StoreError::UnknownFilter { list: "none", name: "none" }) }
}

#[apply(both_engines!)]
async fn as_all_of_a_transaction_they_are_done_all_or_none_and_wait_for_nobody(engine: Engine) {
    let (_database, store) = opened(engine).await;
    for made in ["a", "b"] {
        store.write(&Moving { made, moved: &[] }).await.unwrap();
    }
    let moving = |projects| Presumed(projects, AtomicUsize::new(0));
    store.write(&moving(&["a", "b"])).await.unwrap();
    assert_eq!(kept(&store).await, "a=11 b=11");
    for projects in [&["a", "nobody"] as &[_], &["nobody", "b"]] {
        let again = store.write(&moving(projects)).await.unwrap_err();
        assert!(matches!(again, StoreError::UnknownFilter { .. }), "it is tried again: {again}");
        assert_eq!(kept(&store).await, "a=11 b=11", "of {projects:?} nothing is done");
    }
    if engine == Engine::Postgres {
        let mut holder = store.transaction().await.unwrap();
        holder.sql("UPDATE refusals SET kept = 0 WHERE project_id = 'b'").run().await.unwrap();
        let tried = moving(&["a", "b"]);
        // others wait for 8 seconds
        let again = timeout(Duration::from_secs(4), store.write(&tried)).await.expect("it waits for a moment").unwrap_err();
        assert!(matches!(again, StoreError::UnknownFilter { .. }), "it gives up while another has the row: {again}");
        holder.commit().await.unwrap();
        store.write(&moving(&["a", "b"])).await.unwrap();
        assert_eq!(kept(&store).await, "a=21 b=10");
        let limit = store.reader().await.unwrap().sql("SELECT current_setting('lock_timeout') AS n").one().await;
        assert_eq!(
            limit.map(|Only::<String>(limit)| limit).unwrap(),
            "8s",
            "who has the connection next waits as long as ever"
        );
    }
    store.close().await;
}
