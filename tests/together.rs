//! Writers of an SQLite file that come together are committed together: one flush of the disk for all, and nobody's failure is
//! another's.

use std::fs;
use std::future::IntoFuture;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use handover::store::{Db, Purpose, Store, StoreError, Write};
use tokio::sync::Notify;

use crate::support::{Database, Engine, TestServer, apply, count, json, limited, until, within};

/// What becomes of a writer.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It writes.
    Writes,
    /// It has written, and then says no.
    Refuses,
    /// It has written, and then waits to be told to go on.
    Waits,
    /// What it writes first is there already.
    Clashes,
    /// It asks for nothing.
    Idles,
    /// The same, and then waits to be told to go on.
    Lingers,
    /// It says no before it has asked for anything.
    Declines,
}

/// A writer of one row.
struct Writer {
    number: usize,
    fate: Fate,
    go_on: Arc<Notify>,
}

impl Write for Writer {
    type Done = usize;
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<usize, StoreError> {
        let text = "INSERT INTO refusals (project_id, hour, kept) VALUES ($1, 1, 1)";
        let number = if self.fate == Fate::Clashes { 0 } else { self.number };
        match self.fate {
            Fate::Idles | Fate::Lingers => {}
            Fate::Declines => return Err(StoreError::UnknownFilter { list: "none", name: "none" }),
            _ => drop(db.sql(text).bind(format!("p{number}").as_str()).run().await?),
        }
        match self.fate {
            Fate::Writes | Fate::Clashes | Fate::Idles | Fate::Declines => {}
            Fate::Refuses => return Err(StoreError::UnknownFilter { list: "none", name: "none" }),
            Fate::Waits | Fate::Lingers => self.go_on.notified().await,
        }
        Ok(self.number)
    }
}

/// An empty database, open, and where it is.
async fn opened() -> (Database, Store) {
    let database = Database::empty(Engine::Sqlite);
    let store = Store::open(&database.url, Purpose::Serve { connections: 4, threads: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    (database, store)
}

/// The same, where the last writers were several: what comes now is flushed behind its COMMIT.
async fn shared() -> (Database, Store) {
    let (database, store) = opened().await;
    all_behind(Fate::Lingers, &store, &[Fate::Idles]).await;
    (database, store)
}

/// How many commits stand in the file's log: the frames that say how large the database is then.
fn commits(database: &Database) -> usize {
    let log = fs::read(format!("{}-wal", database.url.trim_start_matches("sqlite://"))).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (page, salt) = (number(8) as usize, number(16));
    let frames = (32..log.len()).step_by(24 + page);
    frames.filter(|at| at + 24 + page <= log.len() && number(at + 8) == salt && number(at + 4) > 0).count()
}

/// The rows that are there.
async fn rows(database: &Database) -> Vec<String> {
    let pool = sqlx::SqlitePool::connect(&database.url).await.unwrap();
    let rows = sqlx::query_scalar("SELECT project_id FROM refusals ORDER BY CAST(substr(project_id, 2) AS INTEGER)");
    let rows = rows.fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows
}

/// Writers, of which the first waits until all the others do; what each was answered, and in which order.
async fn all(store: &Store, fates: &[Fate]) -> (Vec<Result<usize, StoreError>>, Vec<usize>) {
    all_behind(Fate::Waits, store, fates).await
}

async fn all_behind(first: Fate, store: &Store, fates: &[Fate]) -> (Vec<Result<usize, StoreError>>, Vec<usize>) {
    let go_on = Arc::new(Notify::new());
    let order = Arc::new(Mutex::new(Vec::new()));
    let fates = [&[first], fates].concat();
    let writers = fates.into_iter().enumerate().map(|(number, fate)| {
        let (store, order) = (store.clone(), Arc::clone(&order));
        let writer = Writer { number, fate, go_on: Arc::clone(&go_on) };
        tokio::spawn(async move {
            let done = store.write(&writer).await;
            order.lock().unwrap().push(number);
            done
        })
    });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(Duration::from_millis(200)).await; // each has come as far as it can
    go_on.notify_one();
    let answers = within("they are answered", join_all(writers)).await.into_iter().map(Result::unwrap).collect();
    let order = order.lock().unwrap().clone();
    (answers, order)
}

#[apply(limited!)]
#[tokio::test]
async fn those_who_wait_are_committed_at_once_and_answered_in_their_order() {
    let (database, store) = shared().await;
    let before = commits(&database);
    let (answers, order) = all(&store, &[Fate::Writes; 40]).await;
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), (0..41).collect::<Vec<_>>());
    assert_eq!(order, (0..41).collect::<Vec<_>>());
    assert_eq!(commits(&database) - before, 1);
    assert_eq!(rows(&database).await.len(), 41);
    store.close().await;
}

#[apply(limited!)]
#[tokio::test]
async fn more_than_64_are_committed_in_two_goes() {
    let (database, store) = shared().await;
    let before = commits(&database);
    let (answers, _) = all(&store, &[Fate::Writes; 100]).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((commits(&database) - before, rows(&database).await.len()), (2, 101));
    store.close().await;
}

/// Whose COMMIT is followed by a checkpoint, the next begins the log anew.
#[apply(limited!)]
#[tokio::test]
async fn the_log_is_emptied_behind_each_128() {
    let (database, store) = opened().await;
    let write = async |number: usize| {
        let writer = Writer { number, fate: Fate::Writes, go_on: Arc::default() };
        store.write(&writer).await.unwrap();
    };
    let before = commits(&database);
    for number in 0..128 {
        write(number).await;
    }
    assert_eq!(commits(&database) - before, 128);
    let written = AtomicUsize::new(128);
    until("what was committed is no part of the log any more", async || {
        tokio::time::sleep(Duration::from_millis(200)).await; // they are moved meanwhile
        write(written.fetch_add(1, Ordering::Relaxed)).await;
        commits(&database) == 1
    })
    .await;
    assert_eq!(rows(&database).await.len(), written.into_inner());
    store.close().await;
}

/// What leads there where the log was: `/dev/null` can be opened, and not be flushed.
fn led_to(database: &Database, there: Option<&str>) {
    let log = format!("{}-wal", database.url.trim_start_matches("sqlite://"));
    fs::remove_file(&log).unwrap();
    if let Some(there) = there {
        std::os::unix::fs::symlink(there, log).unwrap();
    }
}

/// Each is told so, who wrote and who was refused: none is answered before the flush.
#[apply(limited!)]
#[tokio::test]
async fn nothing_goes_on_behind_a_flush_that_fails() {
    let (database, store) = shared().await;
    led_to(&database, Some("/dev/null"));
    let (answers, _) = all(&store, &[Fate::Writes, Fate::Refuses, Fate::Idles]).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::OutcomeUnknown(_)))), "{answers:?}");
    let later = store.write(&Writer { number: 7, fate: Fate::Writes, go_on: Arc::default() }).await;
    assert!(matches!(later, Err(StoreError::OutcomeUnknown(_))));
    assert!(matches!(store.check_place(), Err(StoreError::OutcomeUnknown(_))));
    assert!(matches!(store.reader().await.err(), Some(StoreError::OutcomeUnknown(_))));
    store.close().await;
}

#[apply(limited!)]
#[tokio::test]
async fn those_who_are_refused_leave_no_log_open() {
    let (database, store) = shared().await;
    let log = PathBuf::from(format!("{}-wal", database.url.trim_start_matches("sqlite://")));
    let open = || {
        let open = fs::read_dir("/proc/self/fd").unwrap().filter_map(|file| fs::read_link(file.unwrap().path()).ok());
        open.filter(|file| *file == log).count()
    };
    let before = open();
    for number in 0..50 {
        store.write(&Writer { number, fate: Fate::Refuses, go_on: Arc::default() }).await.unwrap_err();
    }
    // SQLite has it open itself
    assert!(before > 0 && open() <= before + 1, "{before} before, {} now", open());
    store.close().await;
}

/// By its COMMIT, which has the log open already.
#[apply(limited!)]
#[tokio::test]
async fn what_one_writes_alone_or_where_no_log_can_be_opened_sqlite_flushes() {
    let (database, store) = opened().await;
    led_to(&database, Some("/dev/null"));
    store.write(&Writer { number: 0, fate: Fate::Writes, go_on: Arc::default() }).await.unwrap();
    store.check_place().unwrap();
    store.close().await;
    let (database, store) = shared().await;
    led_to(&database, None);
    let (answers, _) = all(&store, &[Fate::Writes; 3]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    store.close().await;
}

#[apply(limited!)]
#[tokio::test]
async fn one_that_fails_takes_no_other_with_it() {
    let (database, store) = shared().await;
    let fates: Vec<Fate> = (1..60).map(|number| if number % 3 == 0 { Fate::Refuses } else { Fate::Writes }).collect();
    let (answers, _) = all(&store, &fates).await;
    let kept: Vec<usize> = (0..60).filter(|number| *number == 0 || number % 3 != 0).collect();
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(done) => assert!(kept.contains(done) && *done == number),
            Err(error) => assert!(!kept.contains(&number) && matches!(error, StoreError::UnknownFilter { .. }), "{error}"),
        }
    }
    assert_eq!(rows(&database).await, kept.iter().map(|number| format!("p{number}")).collect::<Vec<_>>());
    store.close().await;
}

/// Whoever were done again would wait to be told so again: nobody is, and that in one COMMIT.
#[apply(limited!)]
#[tokio::test]
async fn one_whose_first_statement_fails_or_that_has_none_is_no_trouble_to_the_others() {
    let mixed = [Fate::Clashes, Fate::Writes, Fate::Idles, Fate::Writes, Fate::Declines, Fate::Clashes, Fate::Writes];
    for first in [Fate::Writes, Fate::Clashes, Fate::Idles, Fate::Declines] {
        let (database, store) = if first == Fate::Writes { opened().await } else { shared().await };
        let before = commits(&database);
        let fates = [&[first], &mixed[..]].concat();
        let (answers, _) = all(&store, &fates).await;
        let mut kept = vec!["p0".to_owned()];
        for (number, (fate, answer)) in fates.iter().zip(answers.iter().skip(1)).enumerate() {
            match fate {
                Fate::Clashes => assert!(matches!(answer, Err(StoreError::Duplicate { .. })), "{number}: {answer:?}"),
                Fate::Declines => assert!(matches!(answer, Err(StoreError::UnknownFilter { .. })), "{number}: {answer:?}"),
                _ => assert_eq!(*answer.as_ref().unwrap(), number + 1),
            }
            if *fate == Fate::Writes {
                kept.push(format!("p{}", number + 1));
            }
        }
        assert_eq!(rows(&database).await, kept);
        assert_eq!(commits(&database) - before, 1);
        store.close().await;
    }
}

#[apply(limited!)]
#[tokio::test]
async fn one_that_is_cut_off_in_its_turn_is_undone_and_the_others_are_committed() {
    let (database, store) = shared().await;
    let go_on = Arc::new(Notify::new());
    let spawn = |number: usize, fate: Fate, go_on: &Arc<Notify>| {
        let (store, go_on) = (store.clone(), Arc::clone(go_on));
        tokio::spawn(async move { store.write(&Writer { number, fate, go_on }).await })
    };
    let never = Arc::new(Notify::new());
    for round in [0, 10] {
        let one = spawn(round, Fate::Waits, &go_on);
        let hung = spawn(round + 1, Fate::Waits, &never);
        let [other, last] = [spawn(round + 2, Fate::Writes, &never), spawn(round + 3, Fate::Waits, &never)];
        tokio::time::sleep(Duration::from_millis(200)).await; // each has come as far as it can
        go_on.notify_one();
        tokio::time::sleep(Duration::from_millis(200)).await;
        // the first's work is in the same transaction
        assert_eq!((one.is_finished(), other.is_finished()), (false, false), "{round}");
        hung.abort();
        assert!(within("it is answered", one).await.unwrap().is_ok());
        // nobody is behind this one, who would commit the other's
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!other.is_finished());
        last.abort();
        assert!(within("it is answered", other).await.unwrap().is_ok());
        // and one that is alone
        let alone = spawn(round + 4, Fate::Waits, &never);
        tokio::time::sleep(Duration::from_millis(200)).await;
        alone.abort();
        assert!(within("it is answered", spawn(round + 5, Fate::Writes, &never)).await.unwrap().is_ok());
        assert!(hung.await.unwrap_err().is_cancelled() && last.await.unwrap_err().is_cancelled());
        assert!(alone.await.unwrap_err().is_cancelled());
    }
    assert_eq!(rows(&database).await, ["p0", "p2", "p5", "p10", "p12", "p15"]);
    store.close().await;
}

#[apply(limited!)]
#[tokio::test]
async fn one_that_goes_away_before_its_turn_leaves_nobody_uncommitted() {
    let (database, store) = shared().await;
    let go_on = Arc::new(Notify::new());
    let [first, next] = [0, 1].map(|number| {
        let (store, go_on) = (store.clone(), Arc::clone(&go_on));
        tokio::spawn(async move { store.write(&Writer { number, fate: Fate::Waits, go_on }).await })
    });
    tokio::time::sleep(Duration::from_millis(200)).await; // the first has its turn, and the next waits for it
    // the first sees that somebody waits, and leaves the COMMIT to who is gone when the turn comes
    go_on.notify_one();
    next.abort();
    assert_eq!(within("it is answered", first).await.unwrap().unwrap(), 0);
    assert!(next.await.unwrap_err().is_cancelled());
    assert_eq!(rows(&database).await, ["p0"]);
    store.close().await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_and_refusals_of_many_callers_at_once_are_each_true() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (volumes, busy) = (server.volumes("alpha", 64).await, server.volume_with(json!({"status": "in-use"})).await);
    for round in 0..3 {
        let shared = &volumes[60 + round];
        let asked: Vec<&String> = volumes[round * 20..][..20].iter().chain([&busy; 10]).chain([shared; 10]).collect();
        let create = |volume: &&String| server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}}));
        let answers = join_all(asked.iter().map(|volume| create(volume).into_future())).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses[..20], [202; 20]);
        assert_eq!(statuses[20..30], [400; 10]);
        assert_eq!(statuses[30..].iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    }
    let pending = count(&server.database.url, "SELECT count(*) AS n FROM transfers WHERE state = 'pending'").await;
    assert_eq!(pending, 63);
    let acts = count(&server.database.url, "SELECT count(*) AS n FROM acts WHERE outcome <> 'done'").await;
    assert_eq!(acts, 57);
}
