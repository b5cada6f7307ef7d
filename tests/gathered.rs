//! Looks for single volumes that come at the same moment are asked together: each hears of its own, whatever becomes of the others.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all, maybe_done};
use futures_util::poll;
use handover::domain::{Id, Volume};
use handover::store::{Db, Gathered, Purpose, Store, StoreError, volumes};

use crate::support::{Database, Engine, Value, alter, apply, binary, both_engines, ids, json, until, volume, with};

/// A database with so many volumes, whose names are their numbers, open.
async fn opened(engine: Engine, count: usize) -> (Database, Store, Vec<Id>) {
    let database = Database::fresh(engine);
    let document =
        json!({"volumes": (0..count).map(|n| with(volume("alpha"), json!({"name": n.to_string()}))).collect::<Vec<Value>>()});
    binary::import(&database.url, &document);
    let store = Store::open(&database.url, Purpose::Serve { connections: 4, threads: 1 }).await.unwrap();
    let known = ids(&document["volumes"]).into_iter().map(|id| Id::parse(id).unwrap()).collect();
    (database, store, known)
}

type Found = Result<Option<Volume>, StoreError>;

fn id_of(found: &Found) -> Option<Id> {
    found.as_ref().unwrap().as_ref().map(|volume| volume.id)
}

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[apply(both_engines!)]
async fn those_at_the_same_moment_are_few_statements_and_each_hears_of_its_own(engine: Engine) {
    let (_database, store, known) = opened(engine, 40).await;
    let looks = Gathered::of(&volumes::TABLE);
    let nobody = Id::parse("00000000-0000-4000-8000-000000000000").unwrap();
    // some of them twice
    let asked: Vec<Id> = known.iter().copied().chain([nobody]).chain(known[..9].iter().copied()).collect();
    let log = Log::default();
    let writer = {
        let log = log.clone();
        move || log.clone()
    };
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(writer).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    // where the machine pauses, those who have waited for a moment ask by themselves
    until("fifty looks are some five statements", async || {
        log.0.lock().unwrap().clear();
        let found = join_all(asked.iter().map(|id| looks.by_id(&store, *id))).await;
        for (id, found) in asked.iter().zip(&found) {
            assert_eq!(id_of(found), (*id != nobody).then_some(*id));
        }
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        // the first by itself, and then 16 at a time; sometimes the first has its answer before the next has come
        (5..=10).contains(&log.matches("FROM volumes").count())
    })
    .await;
    store.close().await;
}

#[apply(both_engines!)]
async fn a_row_that_fits_no_state_is_told_of_to_those_alone_who_look_for_it(engine: Engine) {
    let (database, store, known) = opened(engine, 12).await;
    alter(&database.url, "UPDATE volumes SET extra = 'nope' WHERE name = '5'").await;
    let looks = Gathered::of(&volumes::TABLE);
    let found = join_all(known.iter().map(|id| looks.by_id(&store, *id))).await;
    for (n, found) in found.iter().enumerate() {
        match found {
            Err(StoreError::Inconsistent { table: "volumes", column: "extra", row }) => {
                assert_eq!((n, row), (5, &known[5].to_string()));
            }
            found => assert_eq!(id_of(found), Some(known[n])),
        }
    }
    assert!(found[5].is_err());
    store.close().await;
}

#[apply(both_engines!)]
async fn nobody_hears_of_a_moment_before_it_asked(engine: Engine) {
    let (database, store, known) = opened(engine, 1).await;
    let looks = Gathered::of(&volumes::TABLE);
    for size in 2..12 {
        let mut first = Box::pin(maybe_done(looks.by_id(&store, known[0])));
        let _ = poll!(&mut first); // it is under way, and may see either
        alter(&database.url, "UPDATE volumes SET size = size + 1").await;
        let second = join(first, looks.by_id(&store, known[0])).await.1;
        assert_eq!(second.unwrap().unwrap().size, size);
    }
    store.close().await;
}

#[apply(both_engines!)]
async fn who_asks_for_others_and_is_cut_off_takes_nobody_along(engine: Engine) {
    let (_database, store, known) = opened(engine, 4).await;
    let looks = Gathered::of(&volumes::TABLE);
    // as it asks by itself, has just been given the turn, or asks for others
    for polls in 0..60 {
        let look = |n: usize| Box::pin(maybe_done(looks.by_id(&store, known[n])));
        let (mut other, mut cut) = (look(0), [look(1), look(2), look(3)]);
        for n in 0..polls {
            let _ = poll!(if n % 4 == 1 { &mut other } else { &mut cut[n % 4 * 2 / 3] });
            tokio::task::yield_now().await;
        }
        drop(cut);
        other.as_mut().await;
        assert_eq!(id_of(&other.as_mut().take_output().unwrap()), Some(known[0]), "cut off at {polls}");
    }
    store.close().await;
}

/// The connections that there are for looks.
async fn all_lent(store: &Store) -> Vec<Db> {
    join_all((0..4).map(|_| store.reader())).await.into_iter().map(Result::unwrap).collect()
}

#[apply(both_engines!)]
async fn a_turn_that_is_cut_off_goes_on_and_one_that_hangs_holds_nobody_up(engine: Engine) {
    let (_database, store, known) = opened(engine, 3).await;
    let looks = Gathered::of(&volumes::TABLE);
    // it took the next no moment longer: on a machine that pauses not each time
    until("the turn goes on at once", async || {
        let all = all_lent(&store).await;
        let [mut cut, mut given, mut other] = [0, 1, 2].map(|n| Box::pin(looks.by_id(&store, known[n])));
        for look in [&mut cut, &mut other, &mut given] {
            assert!(poll!(look).is_pending());
        }
        let since = Instant::now();
        drop((cut, given, all));
        assert_eq!(id_of(&other.await), Some(known[2]));
        since.elapsed() < Duration::from_millis(40)
    })
    .await;
    let all = all_lent(&store).await;
    let mut hanging = Box::pin(looks.by_id(&store, known[0]));
    assert!(poll!(&mut hanging).is_pending());
    drop(all);
    for id in &known[1..] {
        assert_eq!(id_of(&looks.by_id(&store, *id).await), Some(*id));
    }
    assert_eq!(id_of(&hanging.await), Some(known[0]));
    store.close().await;
}
