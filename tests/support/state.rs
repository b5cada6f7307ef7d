//! The state behind the answers, written and read as an operator's command would.

use handover::app::App;
use handover::domain::quota::Usage;
use handover::domain::{Act, Id, ProjectId, Time, Transfer, Volume, VolumeCopy};
use handover::service::import::{Options, Source, import};
use handover::store::copies;
use handover::store::statement::Only;
use handover::store::{Purpose, Sql, Store, acts, invariants, transfers, usage, volumes};
use handover::system::System;

use super::{Value, new_id, settings};

/// Loads a document, as `handover import` does.
pub async fn seed(url: &str, document: &Value) {
    let app = App::build(&settings::parse(url, &[]), Purpose::Command, std::sync::Arc::new(System)).await.unwrap();
    let text = std::io::Cursor::new(document.to_string());
    import(&app.service, Source::stream(text), Options::default()).await.unwrap_or_else(|error| panic!("{error}: {document}"));
    app.store.close().await;
}

/// Every invariant that does not hold, with the rows at fault.
pub async fn faults(url: &str) -> Vec<String> {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let mut db = store.snapshot().await.unwrap();
    let mut found = Vec::new();
    for invariant in invariants::all() {
        for fault in invariants::faults(&mut db, invariant).await.unwrap() {
            found.push(format!("{:?}: {}: {}", invariants::rule(invariant), fault.id, fault.found));
        }
    }
    drop(db);
    store.close().await;
    found
}

/// A volume as it is stored.
pub async fn stored_volume(url: &str, id: &str) -> Volume {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let volume = volumes::TABLE.of(&mut store.reader().await.unwrap(), "id", [Id::parse(id).unwrap()]).await.unwrap().pop();
    store.close().await;
    volume.unwrap_or_else(|| panic!("no volume {id}"))
}

/// The backups of a volume, which may be gone.
pub async fn stored_backups(url: &str, volume: &str) -> Vec<VolumeCopy> {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let mut db = store.reader().await.unwrap();
    let backups = copies::BACKUPS.of(&mut db, "volume_id", [Id::parse(volume).unwrap()]).await.unwrap();
    drop(db);
    store.close().await;
    backups
}

/// Every act, oldest first; of a test there are fewer than five batches.
pub async fn stored_acts(url: &str) -> Vec<Act> {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let (mut acts, mut behind) = (Vec::new(), (Time::EPOCH, Id::NIL));
    for _ in 0..5 {
        acts.extend(acts::behind(&mut store.reader().await.unwrap(), behind).await.unwrap());
        behind = acts.last().map_or(behind, |last: &Act| (last.at, last.request_id));
    }
    store.close().await;
    acts
}

/// Notes an act so many times, each of a request of its own.
pub async fn note(url: &str, times: usize, act: &Act) {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let mut db = store.transaction().await.unwrap();
    for _ in 0..times {
        acts::insert(&mut db, &Act { request_id: Id::parse(&new_id()).unwrap(), ..act.clone() });
        db.flush().await.unwrap();
    }
    db.commit().await.unwrap();
    store.close().await;
}

/// What a project has, as it is counted.
pub async fn stored_usage(url: &str, project: &str) -> Usage {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let usage = usage::of(&mut store.reader().await.unwrap(), &ProjectId::parse(project).unwrap()).await.unwrap();
    store.close().await;
    usage
}

/// A transfer as it is stored, ended ones too.
pub async fn stored_transfer(url: &str, id: &str) -> Transfer {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let transfer = transfers::TABLE.by_id(&mut store.reader().await.unwrap(), Id::parse(id).unwrap()).await.unwrap();
    store.close().await;
    transfer.unwrap_or_else(|| panic!("no transfer {id}"))
}

/// Does to a database what no operation does; how many rows it changed.
pub async fn alter(url: &str, sql: impl Into<Sql>) -> u64 {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let mut db = store.transaction().await.unwrap();
    let changed = db.sql(sql).run().await.unwrap();
    db.commit().await.unwrap();
    store.close().await;
    changed
}

/// The number that a statement gives as `n`.
pub async fn count(url: &str, sql: &'static str) -> i64 {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let Only(n) = store.reader().await.unwrap().sql(sql).one().await.unwrap();
    store.close().await;
    n
}
