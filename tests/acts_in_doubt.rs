//! Each operation, and a COMMIT whose answer is lost: its act tells what became of it, whatever others do meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handover::domain::act::Outcome;
use handover::domain::{Act, Id, Time};
use handover::store::acts::{self, Witness};
use handover::store::write::MaybeStore;
use handover::store::{Db, Purpose, Store, StoreError, Write};
use sqlx::{Connection, Executor, PgConnection};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::support::proxy::{Network, Proxy};
use crate::support::{Answer, Ask, Database, Engine, TestServer, Value, apply, count, json, limited, new_id, until, volume};

/// A server behind a proxy that breaks its database, and one with a way of its own to the same.
struct Pair {
    server: TestServer,
    other: TestServer,
    proxy: Proxy,
}

impl Pair {
    async fn start() -> Self {
        let proxy = Proxy::start();
        let database = Arc::new(Database::fresh(Engine::Postgres));
        let server = TestServer::over(database.clone(), &[&format!("--database-url={}", proxy.url(&database))]).await;
        let other = TestServer::over(database, &[]).await;
        Self { server, other, proxy }
    }

    /// A request whose COMMIT meets this fault.
    async fn disturbed(&self, network: Network, ask: Ask) -> Answer {
        self.proxy.set(network);
        let answer = ask.await;
        assert_eq!(self.proxy.now(), Network::Works, "the COMMIT was met: {answer}");
        answer
    }
}

/// One of its acts is done.
async fn assert_done_once(server: &TestServer, answer: &Answer) {
    let request = answer.request_id().trim_start_matches("req-").to_owned();
    let mut database = PgConnection::connect(&server.database.url).await.unwrap();
    let sql = "SELECT outcome FROM acts WHERE request_id = CAST($1 AS UUID)";
    let outcomes: Vec<String> = sqlx::query_scalar(sql).bind(request).fetch_all(&mut database).await.unwrap();
    assert_eq!(outcomes, ["done"], "{answer}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_operation_is_done_once_whatever_becomes_of_its_commit() {
    for network in [Network::LosesTheAnswerToCommit, Network::LosesCommit] {
        let pair = Pair::start().await;
        let server = &pair.server;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let done = async |ask: Ask, status: u16| {
            let answer = pair.disturbed(network, ask).await.is(status);
            assert_done_once(server, &answer).await;
            answer
        };
        let made = done(server.post("/v3/alpha/volumes", json!({"volume": {"size": 3}})), 202).await.one("volume");
        let path = format!("/v3/alpha/volumes/{}", text(&made["id"]));
        done(server.put(&path, json!({"volume": {"name": "n"}})), 200).await;
        done(server.post(&format!("{path}/metadata"), json!({"metadata": {"k": "v"}})), 200).await;
        done(server.delete(&format!("{path}/metadata/k")), 200).await;
        for (action, status) in [
            (json!({"os-extend": {"new_size": 4}}), 202),
            (json!({"os-set_bootable": {"bootable": true}}), 200),
            (json!({"os-update_readonly_flag": {"readonly": true}}), 202),
            (json!({"os-update_readonly_flag": {"readonly": false}}), 202),
            (json!({"os-reserve": {}}), 202),
            (json!({"os-unreserve": {}}), 202),
            (json!({"os-attach": {"host_name": "h", "mountpoint": "/dev/vdb"}}), 202),
            (json!({"os-begin_detaching": {}}), 202),
            (json!({"os-roll_detaching": {}}), 202),
            (json!({"os-detach": {}}), 202),
        ] {
            done(server.post(&format!("{path}/action"), action), status).await;
        }
        let reset = || json!({"os-reset_status": {"status": "available"}});
        done(server.post(&format!("{path}/action"), reset()).by("admin:alpha"), 202).await;
        done(server.put(&format!("{path}/metadata"), json!({"metadata": {"k": "w"}})), 200).await;
        let body = json!({"snapshot": {"volume_id": made["id"]}});
        let snapshot = done(server.post("/v3/alpha/snapshots", body), 202).await.one("snapshot");
        let of_snapshot = format!("/v3/alpha/snapshots/{}", text(&snapshot["id"]));
        done(server.put(&of_snapshot, json!({"snapshot": {"name": "n"}})), 200).await;
        done(server.post(&format!("{of_snapshot}/metadata"), json!({"metadata": {"k": "v"}})), 200).await;
        let reset = json!({"os-reset_status": {"status": "error"}});
        done(server.post(&format!("{of_snapshot}/action"), reset).by("admin:alpha"), 202).await;
        done(server.delete(&of_snapshot), 202).await;
        let body = json!({"backup": {"volume_id": made["id"]}});
        let backup = done(server.post("/v3/alpha/backups", body), 202).await.one("backup");
        let of_backup = format!("/v3/alpha/backups/{}", text(&backup["id"]));
        done(server.put(&of_backup, json!({"backup": {"name": "n"}})).at("3.9"), 200).await;
        done(server.delete(&of_backup), 202).await;
        let classes = server.put("/v3/ops/os-quota-class-sets/default", json!({"quota_class_set": {"volumes": -1}}));
        done(classes.by("admin:ops"), 200).await;
        let quotas = "/v3/ops/os-quota-sets/alpha";
        let set = server.put(quotas, json!({"quota_set": {"volumes": 30}})).by("admin:ops");
        done(set, 200).await;
        done(server.delete(quotas).by("admin:ops"), 200).await;

        let create = || server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": made["id"]}}));
        let withdrawn = done(create(), 202).await.transfer();
        done(server.delete(&format!("/v2/alpha/os-volume-transfer/{}", text(&withdrawn["id"]))), 202).await;
        let offered = done(create(), 202).await.transfer();
        let accept = format!("/v2/beta/os-volume-transfer/{}/accept", text(&offered["id"]));
        done(server.post(&accept, json!({"accept": {"auth_key": offered["auth_key"]}})).by("bob:beta"), 202).await;
        done(server.delete(&format!("/v3/beta/volumes/{}", text(&made["id"]))).by("bob:beta"), 202).await;
        let forced = server.volume_with(json!({"status": "error_deleting"})).await;
        done(server.act(&forced, json!({"os-force_delete": {}})).by("admin:alpha"), 202).await;

        assert_eq!(count(&server.database.url, "SELECT count(*) AS n FROM acts WHERE outcome <> 'done'").await, 0);
        let usage = server.usage("alpha").await;
        assert_eq!((usage.volumes, usage.gigabytes, usage.snapshots, usage.backups), (0, 0, 0, 0));
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_refusal_whose_commit_is_in_doubt_is_kept_and_counted_once() {
    let pair = Pair::start().await;
    let server = &pair.server;
    let nothing = json!({"transfer": {"volume_id": new_id()}});
    let create = server.post("/v2/alpha/os-volume-transfer", nothing);
    pair.disturbed(Network::LosesTheAnswerToCommit, create).await.is(404);
    let url = &server.database.url;
    assert_eq!(count(url, "SELECT count(*) AS n FROM acts WHERE outcome = 'not_found'").await, 1);
    assert_eq!(count(url, "SELECT CAST(sum(kept) AS BIGINT) AS n FROM refusals").await, 1);
    let metrics = server.get("/metrics").by_nobody().await.is(200);
    assert!(metrics.text().contains("handover_refusals_not_kept_total 0\n"), "{}", metrics.text());
}

/// A writer whose COMMIT is in doubt while another waits for the same volume, and changes it before anybody looks: by a clock
/// that is behind, so that no time tells which of the two was the later one.
async fn overtaken(network: Network, ask: impl Fn(&TestServer, &str) -> Ask, status: u16) -> (Pair, String) {
    let pair = Pair::start().await;
    let (server, other) = (&pair.server, &pair.other);
    server.clock.advance(std::time::Duration::from_hours(1));
    let id = server.volume().await;
    let mut holder = PgConnection::connect(&server.database.url).await.unwrap();
    holder.execute("BEGIN").await.unwrap();
    let lock = "SELECT id FROM volumes WHERE id = CAST($1 AS UUID) FOR UPDATE";
    sqlx::query(lock).bind(&id).fetch_one(&mut holder).await.unwrap();
    let first = pair.disturbed(network, ask(server, &id));
    let second = async {
        server.database.until_so_many_wait(1).await;
        let rename = other.put(&format!("/v3/alpha/volumes/{id}"), json!({"volume": {"description": "later"}}));
        let renaming = tokio::spawn(IntoFuture::into_future(rename));
        server.database.until_so_many_wait(2).await;
        holder.execute("COMMIT").await.unwrap();
        renaming.await.unwrap().is(200)
    };
    let (first, _) = tokio::join!(first, second);
    assert_done_once(server, &first.is(status)).await;
    (pair, id)
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_change_in_doubt_is_known_to_be_done_though_another_came_after_it() {
    let extend = |server: &TestServer, id: &str| server.act(id, json!({"os-extend": {"new_size": 7}}));
    let (pair, id) = overtaken(Network::LosesTheAnswerToCommit, extend, 202).await;
    let stored = pair.server.stored_volume(&id).await;
    assert_eq!((stored.size, stored.description.as_deref()), (7, Some("later")), "neither has undone the other");
    let usage = pair.server.usage("alpha").await;
    assert_eq!(usage.gigabytes, 7);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_change_that_was_lost_is_done_after_another_and_undoes_nothing() {
    let rename =
        |server: &TestServer, id: &str| server.put(&format!("/v3/alpha/volumes/{id}"), json!({"volume": {"name": "n"}}));
    let (pair, id) = overtaken(Network::LosesCommit, rename, 200).await;
    let stored = pair.server.stored_volume(&id).await;
    assert_eq!((stored.name.as_deref(), stored.description.as_deref()), (Some("n"), Some("later")));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn when_a_volume_was_changed_never_runs_backwards_though_clocks_differ() {
    let pair = Pair::start().await;
    let ahead = &pair.server;
    ahead.clock.advance(std::time::Duration::from_hours(1));
    let seed = volume("alpha");
    ahead.seed(json!({"volumes": [seed]})).await;
    let id = seed["id"].as_str().unwrap();
    let path = format!("/v3/alpha/volumes/{id}");
    let changed = async |server: &TestServer, name: &str| {
        let volume = server.put(&path, json!({"volume": {"name": name}})).await.is(200).one("volume");
        volume["updated_at"].as_str().unwrap().to_owned()
    };
    let first = changed(ahead, "one").await;
    assert!(changed(&pair.other, "two").await >= first);
    let offered = pair.other.offer_of(id).await;
    let shown = pair.other.get(&format!("/v3/alpha/volume-transfers/{}", offered.id)).await.is(200).transfer();
    assert!(shown["created_at"].as_str().unwrap() >= first.as_str(), "an offer follows what it offers");
    pair.other.delete(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(202);
    assert!(pair.other.stored_volume(id).await.updated_at.unwrap().to_string() >= first);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_offer_is_younger_than_the_last_of_its_project_though_clocks_differ() {
    let pair = Pair::start().await;
    pair.server.clock.advance(std::time::Duration::from_millis(900));
    let mut offered = Vec::new();
    for server in [&pair.server, &pair.other, &pair.other] {
        let id = server.offer_of(&server.volume().await).await.id;
        let shown = server.get(&format!("/v3/alpha/volume-transfers/{id}")).await.is(200).transfer();
        offered.push(shown["created_at"].as_str().unwrap().to_owned());
    }
    assert!(offered.is_sorted_by(|one, next| one < next), "{offered:?}");
    // a clock that was set wrong once makes no other wait for it
    pair.server.clock.advance(std::time::Duration::from_hours(1));
    pair.server.offer().await;
    let id = pair.other.offer().await.id;
    let shown = pair.other.get(&format!("/v3/alpha/volume-transfers/{id}")).await.is(200).transfer();
    let hour_ahead = handover::clock::Clock::now(&*pair.server.clock).to_string();
    assert!(shown["created_at"].as_str().unwrap() < &hour_ahead[..13], "{shown}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn of_two_offers_of_a_project_the_younger_is_never_seen_first() {
    let pair = Pair::start().await;
    let (server, other) = (&pair.server, &pair.other);
    let (slow, quick) = (server.volume().await, server.volume().await);
    // somebody holds what the first offer needs last: the counters
    let mut holder = PgConnection::connect(&server.database.url).await.unwrap();
    holder.execute("BEGIN").await.unwrap();
    holder.execute("SELECT slot FROM transfer_counts FOR UPDATE").await.unwrap();
    let offers = async {
        tokio::join!(server.offer_of(&slow), async {
            server.database.until_so_many_wait(1).await;
            other.offer_of(&quick).await
        })
    };
    let watched = async {
        server.database.until_so_many_wait(2).await;
        let listed = other.get("/v2/alpha/os-volume-transfer").await.is(200).ids();
        assert_eq!(listed, [""; 0], "the second waits for the first");
        holder.execute("COMMIT").await.unwrap();
        // who waits for the counters gives up its turn in the end, so that either may be the first
        let mut seen = Vec::new();
        until("both are there", async || {
            seen.push(other.get("/v2/alpha/os-volume-transfer").await.is(200).ids());
            seen.last().is_some_and(|ids| ids.len() == 2)
        })
        .await;
        seen
    };
    let ((first, second), seen) = tokio::join!(offers, watched);
    let listed = other.get("/v2/alpha/os-volume-transfer").await.is(200).ids();
    assert!(listed.len() == 2 && [first.id, second.id].iter().all(|id| listed.contains(id)), "{listed:?}");
    assert!(seen.iter().all(|ids| listed.starts_with(ids)), "in the order in which they could be seen: {seen:?}, {listed:?}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_two_replicas_sweep_at_once_is_gone_once_and_nothing_else() {
    let pair = Pair::start().await;
    for _ in 0..3 {
        pair.server.offer().await;
    }
    for server in [&pair.server, &pair.other] {
        server.clock.advance(std::time::Duration::from_hours(91 * 24));
    }
    pair.other.offer().await;
    let left = async || count(&pair.server.database.url, "SELECT count(*) AS n FROM acts").await;
    until("the old ones go, the new one stays", async || left().await == 1).await;
}

/// Does one statement, which is held up; meets a no at its second try, before which the statement arrives or not.
struct Tried<'a> {
    pair: &'a Pair,
    act: Act,
    arrives: bool,
    no: fn() -> No,
    tries: AtomicUsize,
}

/// What is said no with.
#[derive(Debug)]
enum No {
    Store(StoreError),
    Refused,
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl MaybeStore for No {
    fn as_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl Write for Tried<'_> {
    type Done = usize;
    type Error = No;

    async fn run(&self, db: &mut Db) -> Result<usize, No> {
        let tries = self.tries.fetch_add(1, Ordering::SeqCst) + 1;
        if tries == 2 {
            let open = "SELECT count(*) AS n FROM pg_stat_activity
                        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            let url = &self.pair.server.database.url;
            let is_alone = until("nobody looks for it, and this try is the only one", async || count(url, open).await == 1);
            block_in_place(|| Handle::current().block_on(is_alone));
            if self.arrives {
                self.pair.proxy.deliver().await;
            }
            return Err((self.no)());
        }
        db.presume(true);
        acts::insert(db, &self.act);
        Ok(tries)
    }

    fn witness(&self) -> Option<Witness> {
        Some(Witness { target: self.act.target, request_id: self.act.request_id })
    }
}

/// What comes of such a statement.
async fn late(arrives: bool, no: fn() -> No) -> Result<usize, No> {
    let pair = Pair::start().await;
    let nothing = json!({"transfer": {"volume_id": new_id()}});
    pair.server.post("/v2/alpha/os-volume-transfer", nothing).await.is(404);
    let url = pair.proxy.url(&pair.server.database);
    let store = Store::open(&url, Purpose::Serve { connections: 4, threads: 1 }).await.unwrap();
    let first = (Time::EPOCH, Id::new(uuid::Uuid::nil()));
    let act = acts::behind(&mut store.reader().await.unwrap(), first).await.unwrap().remove(0);
    let act = Act { request_id: Id::parse(&new_id()).unwrap(), outcome: Outcome::Done, ..act };
    let tried = Tried { pair: &pair, act, arrives, no, tries: AtomicUsize::new(0) };
    pair.proxy.set(Network::HoldsCommit);
    let outcome = store.write(&tried).await;
    assert_eq!(tried.tries.load(Ordering::SeqCst), 2, "it was looked for, and tried again");
    let done = count(&pair.server.database.url, "SELECT count(*) AS n FROM acts WHERE outcome = 'done'").await;
    assert_eq!(done, i64::from(arrives));
    store.close().await;
    outcome
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn of_a_statement_that_may_arrive_after_it_was_looked_for_nothing_untrue_is_said() {
    let failed = || No::Store(StoreError::UnknownFilter { list: "none", name: "none" });
    for no in [failed, || No::Refused] {
        let done = late(true, no).await;
        assert!(matches!(done, Ok(1)), "the first try is what is done: {done:?}");
    }
    let refused = late(false, || No::Refused).await;
    assert!(matches!(refused, Err(No::Refused)), "{refused:?}");
    let unknown = late(false, failed).await;
    assert!(matches!(unknown, Err(No::Store(StoreError::OutcomeUnknown(_)))), "it may come yet: {unknown:?}");
}
