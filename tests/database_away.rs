//! PostgreSQL goes away: before a transaction, within one, at its COMMIT, for good or for a moment. What the service then
//! answers is true, never a 500, and it works again when the database does.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::support::proxy::{Network, Proxy};
use crate::support::{Answer, Database, Engine, Offered, TestServer, apply, json, limited, until};

/// A server whose database is behind a proxy. Seeds and the check at the end go past it.
struct FlakyDatabase {
    server: TestServer,
    proxy: Proxy,
}

impl FlakyDatabase {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(flags: &[&str]) -> Self {
        let proxy = Proxy::start();
        let database = Arc::new(Database::fresh(Engine::Postgres));
        let url = format!("--database-url={}", proxy.url(&database));
        Self { server: TestServer::over(database, &[flags, &[&*url]].concat()).await, proxy }
    }

    async fn create(&self, volume: &str) -> Answer {
        self.server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).await
    }

    async fn accept(&self, offered: &Offered) -> Answer {
        let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
        self.server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await
    }

    async fn delete(&self, offered: &Offered) -> Answer {
        self.server.delete(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await
    }

    async fn status(&self, volume: &str) -> String {
        self.server.stored_volume(volume).await.status.to_string()
    }

    /// Waits until the service is ready again: its pool may hold connections that are gone.
    async fn recovers(&self) {
        self.proxy.set(Network::Works);
        until("it works again", async || self.server.get("/health/ready").await.status == 200).await;
    }
}

#[track_caller]
fn unavailable(answer: &Answer) {
    answer.fails(503, "EVS.5503");
    let wait = answer.header("retry-after").and_then(|wait| wait.parse::<u32>().ok());
    assert!(wait.is_some_and(|wait| wait >= 1), "{answer}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn while_the_database_is_away_every_operation_is_503_with_retry_after() {
    let away = FlakyDatabase::start().await;
    let offered = away.server.offer().await;
    let volume = away.server.volume().await;
    away.proxy.set(Network::IsDown);
    unavailable(&away.create(&volume).await);
    unavailable(&away.accept(&offered).await);
    unavailable(&away.delete(&offered).await);
    unavailable(&away.server.get("/v2/alpha/os-volume-transfer").await);
    unavailable(&away.server.get("/v2/alpha/os-volume-transfer/detail").await);
    unavailable(&away.server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await);
    let answer = away.server.get("/v3/alpha/volume-transfers").await;
    answer.fails(503, "EVS.5503");
    assert!(answer.header("retry-after").is_some(), "{answer}");
    // what needs no database is answered as ever
    away.server.get("/health/live").await.is(200);
    away.server.get("/v3/").await.is(200);
    away.server.post_text("/v2/alpha/os-volume-transfer", "{").await.fails(400, "EVS.5400");

    away.recovers().await;
    assert_eq!(
        (away.status(&volume).await, away.status(&offered.volume_id).await),
        ("available".into(), "awaiting-transfer".into())
    );
    away.create(&volume).await.is(202);
    away.accept(&offered).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_answer_to_commit_is_read_back_and_answered_as_done() {
    let away = FlakyDatabase::start().await;
    let volume = away.server.volume().await;

    away.proxy.set(Network::LosesTheAnswerToCommit);
    let transfer = away.create(&volume).await.is(202).transfer();
    assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
    let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
    let offered = Offered { id: text("id"), key: text("auth_key"), volume_id: volume.clone() };
    assert_eq!(away.status(&volume).await, "awaiting-transfer");

    away.proxy.set(Network::LosesTheAnswerToCommit);
    away.accept(&offered).await.is(202);
    assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
    assert_eq!(away.server.stored_volume(&volume).await.project_id.as_str(), "beta");

    let again = away.server.offer().await;
    away.proxy.set(Network::LosesTheAnswerToCommit);
    away.delete(&again).await.is(202);
    assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
    assert_eq!(away.status(&again.volume_id).await, "available");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_commit_is_seen_to_be_lost_and_done_again() {
    let away = FlakyDatabase::start().await;
    let volume = away.server.volume().await;
    away.proxy.set(Network::LosesCommit);
    let transfer = away.create(&volume).await.is(202).transfer();
    assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
    let shown = away.server.get("/v2/alpha/os-volume-transfer").await.is(200);
    assert_eq!(shown.ids(), [transfer["id"].as_str().unwrap()], "once, and as it was answered");

    let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
    let offered = Offered { id: text("id"), key: text("auth_key"), volume_id: volume.clone() };
    away.proxy.set(Network::LosesCommit);
    away.accept(&offered).await.is(202);
    assert_eq!(away.server.stored_volume(&volume).await.project_id.as_str(), "beta");

    let again = away.server.offer().await;
    away.proxy.set(Network::LosesCommit);
    away.delete(&again).await.is(202);
    assert_eq!(away.status(&again.volume_id).await, "available");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_volume_is_made_looked_at_renamed_and_deleted_once_whatever_becomes_of_a_commit() {
    for network in [Network::LosesCommit, Network::LosesTheAnswerToCommit] {
        let away = FlakyDatabase::with(&["--volume-creation=1reads"]).await;
        let server = &away.server;
        let disturbed = || away.proxy.set(network);
        let met = || assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
        disturbed();
        let made = server.post("/v3/alpha/volumes", json!({"volume": {"size": 3}})).await.is(202).one("volume");
        met();
        let path = format!("/v3/alpha/volumes/{}", made["id"].as_str().unwrap());
        assert_eq!(server.get("/v3/alpha/volumes").await.is(200).rows("volumes").len(), 1);
        let usage = async || {
            let usage = server.usage("alpha").await;
            (usage.volumes, usage.gigabytes)
        };
        assert_eq!(usage().await, (1, 3));
        disturbed();
        assert_eq!(server.get(&path).await.is(200).one("volume")["status"], "creating");
        met();
        assert_eq!(server.get(&path).await.is(200).one("volume")["status"], "available");
        disturbed();
        let renamed = server.put(&path, json!({"volume": {"name": "n"}})).await.is(200).one("volume");
        met();
        assert_eq!(server.get(&path).await.is(200).one("volume")["updated_at"], renamed["updated_at"]);
        disturbed();
        server.delete(&path).await.is(202);
        met();
        server.get(&path).await.is(404);
        assert_eq!(usage().await, (0, 0));
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn limits_whose_commit_is_in_doubt_are_set_and_taken_back() {
    let away = FlakyDatabase::start().await;
    let path = "/v3/ops/os-quota-sets/alpha";
    for network in [Network::LosesTheAnswerToCommit, Network::LosesCommit] {
        for (method, volumes) in [("PUT", 3), ("DELETE", -1)] {
            away.proxy.set(network);
            let ask = away.server.ask(method, path).by("admin:ops").json(&json!({"quota_set": {"volumes": 3}}));
            ask.await.is(200);
            assert_eq!(away.proxy.now(), Network::Works, "the COMMIT was met");
            assert_eq!(away.server.get(path).by("admin:ops").await.is(200).json()["quota_set"]["volumes"], volumes);
        }
    }
}

/// A create whose COMMIT is in doubt while the database stays away, and what is found when it is back.
async fn in_doubt(network: Network, landed: bool) {
    let away = FlakyDatabase::start().await;
    let volume = away.server.volume().await;
    away.proxy.set(network);
    let answer = away.create(&volume).await;
    unavailable(&answer);
    assert!(answer.message().contains("look before you repeat it"), "{answer}");
    away.recovers().await;
    assert_eq!(away.status(&volume).await, if landed { "awaiting-transfer" } else { "available" });
    // the donor looks: the offer is in the list if it was made, and can be withdrawn; if not, it can be made
    let path = format!("/v2/alpha/os-volume-transfer?volume_id={volume}");
    match away.server.get(&path).await.is(200).ids().as_slice() {
        [id] if landed => drop(away.server.delete(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(202)),
        [] if !landed => drop(away.create(&volume).await.is(202)),
        ids => panic!("{landed}: {ids:?}"),
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_commit_that_landed_on_a_database_that_stays_away_is_503_and_says_to_look() {
    in_doubt(Network::LosesTheAnswerToCommitAndGoesDown, true).await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_commit_that_was_lost_on_a_database_that_stays_away_is_503_and_says_to_look() {
    in_doubt(Network::LosesCommitAndGoesDown, false).await;
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn connections_that_were_cut_while_idle_cost_no_request() {
    let away = FlakyDatabase::start().await;
    let offered = away.server.offer().await;
    away.proxy.set(Network::IsDown);
    away.proxy.set(Network::Works);
    away.server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    away.accept(&offered).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_database_that_hangs_is_503_too_and_never_a_hang() {
    let away = FlakyDatabase::start().await;
    let offered = away.server.offer().await;
    away.proxy.set(Network::Stalls);
    let ready = away.server.get("/health/ready").await;
    ready.fails(503, "EVS.5503");
    unavailable(&away.server.get("/v2/alpha/os-volume-transfer").await);
    unavailable(&away.accept(&offered).await);
    away.recovers().await;
    assert_eq!(away.status(&offered.volume_id).await, "awaiting-transfer");
    away.accept(&offered).await.is(202);
}

/// A dozen connections in the pool that were in use just now.
async fn warm(away: &FlakyDatabase, offered: &Offered) {
    let path = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
    for answer in join_all((0..48).map(|_| away.server.get(&path).into_future())).await {
        answer.is(200);
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn idle_connections_that_died_without_a_word_cost_no_request() {
    let away = FlakyDatabase::start().await;
    let offered = away.server.offer().await;
    warm(&away, &offered).await;
    away.proxy.forget();
    // what was in use a moment ago is not asked whether it lives
    tokio::time::sleep(Duration::from_millis(1100)).await;
    warm(&away, &offered).await;
    away.accept(&offered).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn connections_that_die_without_a_word_under_a_statement_leave_the_pool() {
    let away = FlakyDatabase::with(&["--database-connections=2"]).await;
    let offered = away.server.offer().await;
    warm(&away, &offered).await;
    away.proxy.forget();
    let path = format!("/v2/alpha/os-volume-transfer/{}", offered.id);
    for answer in join_all((0..4).map(|_| away.server.get(&path).into_future())).await {
        // those that had a dead one are answered by another in the end; the others have waited for theirs in vain
        assert!(answer.status == 200 || answer.status == 503, "{answer}");
    }
    warm(&away, &offered).await;
    away.accept(&offered).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_restarted_by_its_operator_costs_a_moment() {
    // PostgreSQL ends every connection, as a restart or a failover does
    let away = FlakyDatabase::start().await;
    let offered = away.server.offer().await;
    let pool = sqlx::PgPool::connect(&away.server.database.url).await.unwrap();
    let ended = sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handover'",
    );
    ended.execute(&pool).await.unwrap();
    pool.close().await;
    away.server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    away.accept(&offered).await.is(202);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn readiness_says_what_is_missing() {
    let away = FlakyDatabase::start().await;
    assert_eq!(away.server.get("/health/ready").await.is(200).json(), json!({"status": "ok"}));
    away.proxy.set(Network::IsDown);
    let answer = away.server.get("/health/ready").await;
    assert!(answer.fails(503, "EVS.5503").contains("database"), "{answer}");
    away.recovers().await;
    assert_eq!(away.server.get("/health/ready").await.is(200).json(), json!({"status": "ok"}));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_a_database_that_is_just_coming_up() {
    let proxy = Proxy::start();
    proxy.set(Network::IsDown);
    let database = Arc::new(Database::empty(Engine::Postgres));
    let url = format!("--database-url={}", proxy.url(&database));
    let starting =
        tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(TestServer::over(database, &[&url])));
    proxy.refused().await;
    proxy.set(Network::Works);
    starting.await.unwrap().get("/health/ready").await.is(200);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_a_database_that_takes_no_writes_yet() {
    let database = Arc::new(Database::fresh(Engine::Postgres));
    database.set_read_only(true).await;
    let over = database.clone();
    let starting = tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(TestServer::over(over, &[])));
    // it has come as far as to be refused
    let asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handover'";
    let watch = sqlx::PgPool::connect(&database.url).await.unwrap();
    let tried = async || sqlx::query_scalar::<_, i64>(asked).fetch_one(&watch).await.unwrap() > 0;
    until("it has asked the database", tried).await;
    watch.close().await;
    database.set_read_only(false).await;
    starting.await.unwrap().get("/health/ready").await.is(200);
}
