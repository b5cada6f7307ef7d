//! The composition root: `main`, every command, every test and every bench put the parts together here and nowhere else.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::dev::ServerHandle;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::{
    clock::Clock,
    domain::AuthMode,
    http::{
        openapi,
        transport::server::{self, ListenError},
    },
    identity::{Identity, keystone::Keystone},
    secrets::HashPool,
    service::{Refusals, Service},
    settings::Settings,
    store::{Engine, Purpose, Readiness, Store, StoreError, migrate::MigrateError},
    system::System,
    workers::Workers,
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
    #[error("{0}")]
    Identity(String),
    #[error(transparent)]
    Listen(#[from] ListenError),
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

/// The parts of a process over its open database.
pub struct App {
    pub store: Store,
    pub service: Arc<Service>,
}

/// An app that listens.
pub struct Server {
    address: SocketAddr,
    store: Store,
    workers: Workers,
    http: actix_web::dev::Server,
}

impl App {
    /// Opens the database and starts what the operations stand on, by this clock.
    ///
    /// # Errors
    /// See [`StartError`]: each says what to do.
    pub async fn build(settings: &Settings, purpose: Purpose, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let store = Store::open(settings.database_url.expose_secret(), purpose).await?;
        let hash = HashPool::start(settings.hash, settings.hash_threads, settings.hash_queue).map_err(StartError::Threads)?;
        let service = Arc::new(Service {
            store: store.clone(),
            readiness: Readiness::default(),
            hash,
            rules: settings.rules,
            quotas: settings.quotas,
            catalog: settings.catalog(),
            provisioning: settings.volume_creation,
            refusals: Refusals::default(),
            clock,
            random: Arc::new(System),
        });
        Ok(Self { store, service })
    }

    /// Brings the database to this binary's version, and listens.
    ///
    /// # Errors
    /// See [`StartError`]: each says what to do.
    pub async fn listen(self, settings: &Settings) -> Result<Server, StartError> {
        let identity = identity(settings, &self.service.clock)?;
        migrate(&self.store).await?;
        let document = openapi::document(settings.dialect());
        let (address, http) = server::listen(settings, Arc::clone(&self.service), identity, document)?;
        let workers = Workers::start(&self.service, settings.history);
        Ok(Server { address, store: self.store, workers, http })
    }

    /// Closes the database: an SQLite file left open would leave what was written last in a second file beside it.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The service of a process that serves: built, migrated, listening.
///
/// # Errors
/// See [`StartError`]: each says what to do.
pub async fn serve(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Server, StartError> {
    let purpose = Purpose::Serve { connections: settings.database_connections };
    App::build(settings, purpose, clock).await?.listen(settings).await
}

impl Server {
    /// Where it listens: the port that was picked, where port 0 was asked for.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Which database is behind.
    pub const fn engine(&self) -> Engine {
        self.store.engine()
    }

    /// Stops it: `stop(true)` answers what is under way first.
    pub fn handle(&self) -> ServerHandle {
        self.http.handle()
    }

    /// Serves until it is stopped, then ends the workers and closes the database.
    ///
    /// # Errors
    /// [`StartError::Http`].
    pub async fn run(self) -> Result<(), StartError> {
        let served = self.http.await.map_err(StartError::Http);
        self.workers.stop().await;
        self.store.close().await;
        served
    }
}

/// The way of saying who is calling that is set.
fn identity(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Identity, StartError> {
    if settings.auth == AuthMode::Keystone {
        let config = settings.keystone.config().map_err(StartError::Identity)?;
        return Ok(Identity::Keystone(Box::new(Keystone::new(config, Arc::clone(clock)))));
    }
    if settings.listen.ip().is_loopback() || settings.danger_no_auth_beyond_loopback {
        return Ok(Identity::NoAuth);
    }
    Err(StartError::Exposed(settings.listen))
}

/// Brings the database to this binary's version; waits for one that is just coming up.
async fn migrate(store: &Store) -> Result<(), StartError> {
    let until = Instant::now() + DATABASE_PATIENCE;
    loop {
        match store.migrate().await {
            Ok(migrated) => {
                if migrated.from != migrated.to {
                    tracing::info!(from = migrated.from, to = migrated.to, "migrated the database");
                }
                return Ok(());
            }
            Err(error) if error.is_passing() && Instant::now() < until => {
                tracing::warn!(%error, "the database is not there yet; waiting for it");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
