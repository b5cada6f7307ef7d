//! The composition root: `serve` and every test start the service through [`build`], and nothing else does.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{self, Data},
};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;

use super::{
    dispatch::{self, State},
    links::PublicUrl,
    metrics::Metrics,
    openapi::Document,
    router::Router,
};
use crate::{
    identity::Identity,
    service::{HashPool, Service},
    settings::Settings,
    store::{Engine, Purpose, Store, StoreError, migrate::MigrateError},
    system::System,
};

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "--listen {0} is no loopback address, and without authentication anybody who reaches it may do anything. \
         Listen on a loopback address, or, if what is before the service keeps strangers away, \
         give --danger-no-auth-beyond-loopback"
    )]
    Exposed(SocketAddr),
    #[error("cannot listen on {address}: {source}. Choose another --listen, or stop what uses it")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot start the hashing threads: {0}")]
    Threads(std::io::Error),
    #[error("cannot open the database: {0}. Check --database-url")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the HTTP server failed: {0}")]
    Http(std::io::Error),
}

/// How long a start waits for a database that is not there yet.
const DATABASE_PATIENCE: Duration = Duration::from_secs(30);
/// An idle connection is kept this long: a little longer than load balancers keep theirs, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);

/// A service that listens.
pub struct Server {
    address: SocketAddr,
    engine: Engine,
    store: Store,
    http: actix_web::dev::Server,
}

impl Server {
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Stops it: `stop(true)` answers what is under way first.
    pub fn handle(&self) -> ServerHandle {
        self.http.handle()
    }

    /// Serves until it is stopped, then closes the database.
    pub async fn run(self) -> Result<(), StartError> {
        let served = self.http.await.map_err(StartError::Http);
        self.store.close().await;
        served
    }
}

/// Opens and migrates the database, and listens.
///
/// # Errors
/// See [`StartError`]: each says what to do.
pub async fn build(settings: &Settings) -> Result<Server, StartError> {
    if !settings.listen.ip().is_loopback() && !settings.danger_no_auth_beyond_loopback {
        return Err(StartError::Exposed(settings.listen));
    }
    let store = open(settings).await?;
    let address = settings.listen;
    let listener = TcpListener::bind(address).map_err(|source| StartError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
    let state = Data::new(State {
        service: service(settings, store.clone())?,
        identity: Identity::NoAuth,
        dialect: settings.dialect(),
        public_url: PublicUrl {
            fixed: settings.public_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            listening: format!("http://{address}"),
        },
        router: Router::new(),
        metrics: Arc::new(Metrics::new()),
        document: Arc::new(Document::new(settings.dialect())),
        runtime: Handle::current(),
    });
    let http = HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(dispatch::dispatch)))
        .workers(settings.workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_PATIENCE)
        // a client that closes its side has gone: what was not begun for it is not done
        .h1_allow_half_closed(false)
        .shutdown_timeout(settings.shutdown_timeout)
        .disable_signals()
        .listen(listener)
        .map_err(|source| StartError::Listen { address, source })?
        .run();
    Ok(Server { address, engine: store.engine(), store, http })
}

/// The operations over an open database.
pub fn service(settings: &Settings, store: Store) -> Result<Service, StartError> {
    let hash = HashPool::start(settings.hash, settings.hash_threads, settings.hash_queue).map_err(StartError::Threads)?;
    Ok(Service {
        store,
        readiness: Arc::default(),
        hash,
        rules: settings.rules,
        quotas: settings.quotas,
        catalog: Arc::new(settings.catalog()),
        creation: settings.volume_creation,
        edge: Arc::new(System),
    })
}

/// Opens the database and brings it to this binary's version; waits for one that is just coming up.
async fn open(settings: &Settings) -> Result<Store, StartError> {
    let purpose = Purpose::Serve { connections: settings.database_connections };
    let store = Store::open(settings.database_url.expose_secret(), purpose).await?;
    let until = tokio::time::Instant::now() + DATABASE_PATIENCE;
    loop {
        match store.migrate().await {
            Ok(migrated) => {
                if migrated.from != migrated.to {
                    tracing::info!(from = migrated.from, to = migrated.to, "migrated the database");
                }
                return Ok(store);
            }
            Err(error) if error.is_passing() && tokio::time::Instant::now() < until => {
                tracing::warn!(%error, "the database is not there yet; waiting for it");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
