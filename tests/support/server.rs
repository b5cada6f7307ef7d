//! The real server in this process, on port 0, over a database of its own. Dropped, it proves every invariant.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use handover::app;
use handover::domain::quota::Usage;
use handover::domain::{Dialect, KnownStatus, Transfer, Volume, VolumeCopy};
use handover::http::transport::under_way::UnderWay;
use tokio::sync::oneshot;

use super::{
    Answer, Ask, Client, Database, Engine, Fixture, OpenApiContract, TestClock, Value, faults, json, state, volume, with,
};

/// A running server and a client of it.
pub struct TestServer {
    /// Stopped and its database judged before the database goes: fields are dropped in this order.
    running: Running,
    client: Client,
    /// The server's clock.
    pub clock: Arc<TestClock>,
    pub database: Arc<Database>,
}

/// An offer that was made, as its donor sees it.
#[derive(Debug, Clone)]
pub struct Offered {
    pub id: String,
    pub key: String,
    pub volume_id: String,
}

impl Offered {
    /// By the answer to its create.
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        let transfer = answer.transfer();
        let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
        Self { id: text("id"), key: text("auth_key"), volume_id: text("volume_id") }
    }
}

impl TestServer {
    pub async fn start(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// With flags of `serve` beside those that every test has.
    pub async fn with(engine: Engine, flags: &[&str]) -> Self {
        Self::over(Database::fresh(engine).into(), flags).await
    }

    /// The requests that it is at.
    pub const fn under_way(&self) -> &UnderWay {
        &self.running.under_way
    }

    /// One more server over a database; `database` may be reached by another URL (`--database-url` among the flags).
    pub async fn over(database: Arc<Database>, flags: &[&str]) -> Self {
        let clock = Arc::new(TestClock::new());
        let running = Running::start(&database.url, flags, clock.clone()).await;
        let dialect = flags.iter().find_map(|flag| flag.strip_prefix("--dialect=")).and_then(Dialect::parse);
        let address = running.address.to_string();
        let client = match flags.iter().find_map(|flag| flag.strip_prefix("--tls-certificate=")) {
            Some(certificate) => Client::over_tls(&address, certificate.as_ref()),
            None => Client::new(&address),
        };
        let client = client.held_to(OpenApiContract::with(dialect));
        Self { running, client, clock, database }
    }

    /// Loads a document of our own format.
    pub async fn seed(&self, document: Value) {
        state::seed(&self.database.url, &document).await;
    }

    /// Loads `count` volumes of a project; their ids.
    pub async fn volumes(&self, project: &str, count: usize) -> Vec<String> {
        let volumes: Vec<Value> = (0..count).map(|_| volume(project)).collect();
        self.seed(json!({"volumes": volumes})).await;
        volumes.iter().map(|volume| volume["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Loads a volume of the project `alpha`; its id.
    pub async fn volume(&self) -> String {
        self.volumes("alpha", 1).await.remove(0)
    }

    /// Loads a volume of the project `alpha` with these fields; its id.
    pub async fn volume_with(&self, fields: Value) -> String {
        let volume = with(volume("alpha"), fields);
        self.seed(json!({"volumes": [volume]})).await;
        volume["id"].as_str().unwrap().to_owned()
    }

    /// Loads a volume of the project `alpha` and offers it, without a name.
    pub async fn offer(&self) -> Offered {
        self.offer_of(&self.volume().await).await
    }

    /// Offers a volume of the project `alpha`, without a name.
    pub async fn offer_of(&self, volume_id: &str) -> Offered {
        self.offer_by("alpha", volume_id).await
    }

    /// Offers a volume of a project's, without a name.
    pub async fn offer_by(&self, project: &str, volume_id: &str) -> Offered {
        let path = format!("/v2/{project}/os-volume-transfer");
        let body = json!({"transfer": {"volume_id": volume_id}});
        Offered::of(&self.post(&path, body).by(&format!("alice:{project}")).await.is(202))
    }

    /// Claims an offer for a project, on v2.
    pub async fn accept_by(&self, project: &str, offered: &Offered) -> Answer {
        let path = format!("/v2/{project}/os-volume-transfer/{}/accept", offered.id);
        self.post(&path, json!({"accept": {"auth_key": offered.key}})).by(&format!("bob:{project}")).await
    }

    /// What a project has, as it is counted.
    pub async fn usage(&self, project: &str) -> Usage {
        state::stored_usage(&self.database.url, project).await
    }

    /// Loads a volume of the project `alpha` with these fields in every status that Cinder knows but `awaiting-transfer`, which
    /// no volume has without a transfer; each status with its volume's id.
    pub async fn volume_in_each_status(&self, fields: Value) -> Vec<(&'static str, String)> {
        let statuses = KnownStatus::WORDS.iter().copied().filter(|status| *status != "awaiting-transfer");
        let volumes: Vec<(&str, Value)> =
            statuses.map(|status| (status, with(with(volume("alpha"), fields.clone()), json!({"status": status})))).collect();
        self.seed(json!({"volumes": volumes.iter().map(|(_, volume)| volume).collect::<Vec<_>>()})).await;
        volumes.iter().map(|(status, volume)| (*status, volume["id"].as_str().unwrap().to_owned())).collect()
    }

    /// Does something to a volume of the project `alpha`.
    pub fn act(&self, volume_id: &str, action: Value) -> Ask {
        self.post(&format!("/v3/alpha/volumes/{volume_id}/action"), action)
    }

    /// A volume as it is stored.
    pub async fn stored_volume(&self, id: &str) -> Volume {
        state::stored_volume(&self.database.url, id).await
    }

    /// The backups of a volume, which may be gone.
    pub async fn stored_backups(&self, volume: &str) -> Vec<VolumeCopy> {
        state::stored_backups(&self.database.url, volume).await
    }

    /// A transfer as it is stored, ended ones too.
    pub async fn stored_transfer(&self, id: &str) -> Transfer {
        state::stored_transfer(&self.database.url, id).await
    }
}

impl Deref for TestServer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Replicas over one database: three on PostgreSQL; on SQLite one, which has the file to itself.
pub struct Replicas(pub Vec<TestServer>);

impl Fixture for Replicas {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }
}

impl Replicas {
    /// With flags of `serve` beside those that every test has.
    pub async fn with(engine: Engine, flags: &[&str]) -> Self {
        let database = Arc::new(Database::fresh(engine));
        let mut servers = Vec::new();
        for _ in 0..if engine == Engine::Postgres { 3 } else { 1 } {
            servers.push(TestServer::over(database.clone(), flags).await);
        }
        Self(servers)
    }

    /// The replica whose turn it is.
    pub fn nth(&self, n: usize) -> &TestServer {
        &self.0[n % self.0.len()]
    }
}

/// The server's thread, with a runtime of its own.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    under_way: UnderWay,
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Running {
    async fn start(database_url: &str, flags: &[&str], clock: Arc<TestClock>) -> Self {
        let (started, starts) = oneshot::channel();
        let url = database_url.to_owned();
        let settings = super::settings::parse(database_url, flags);
        let thread = std::thread::spawn(move || {
            // as the command does it
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let server = match app::serve(&settings, clock, async |_| Ok(())).await {
                    Ok(server) => server,
                    Err(error) => {
                        let _ = started.send(Err(error.to_string()));
                        return Vec::new();
                    }
                };
                let _ = started.send(Ok((server.address, server.http.handle(), server.under_way.clone())));
                server.run().await.unwrap();
                faults(&url).await
            })
        });
        let (address, handle, under_way) = starts.await.expect("the server's thread lives").expect("the server starts");
        Self { address, handle, under_way, thread: Some(thread) }
    }

    fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        // the handle's promise is kept by the server's own thread, which is waited for instead
        drop(self.handle.stop(true));
        let faults = thread.join().expect("the server's thread does not panic");
        assert!(faults.is_empty(), "the database breaks invariants: {faults:#?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(self.handle.stop(false)); // the test has failed already, and says why
            let _ = self.thread.take().map(JoinHandle::join);
        } else {
            self.stop();
        }
    }
}
