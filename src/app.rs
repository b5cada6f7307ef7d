//! The composition root: `main`, every command, every test and every bench put the parts together here and nowhere else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::domain::AuthMode;
use crate::domain::limits::SIGN_INS;
use crate::http::transport::server::{self, ListenError};
use crate::http::transport::under_way::UnderWay;
use crate::identity::keystone::{Config, Keystone};
use crate::identity::{BuiltIn, Identity, Signed, Way};
use crate::secrets::HashPool;
use crate::secrets::hash::Profile;
use crate::secrets::sealing::Seal;
use crate::service::identity::bootstrap::{self, BootstrapError};
use crate::service::identity::tries::SignIns;
use crate::service::{Policy, Refusals, Service, identity as identity_service, volume_types};
use crate::settings::Settings;
use crate::store::migrate::MigrateError;
use crate::store::{Gathered, Purpose, Readiness, Store, StoreError, volumes};
use crate::system::System;
use crate::tls::{Certificate, TlsError};
use crate::workers::Workers;

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
    Tls(#[from] TlsError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("cannot start the hashing threads: {0}")]
    Threads(std::io::Error),
    #[error("cannot open the database: {0}. Check --database-url")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the policy file {0} {1}. Check --policy (HANDOVER_POLICY)")]
    Policy(PathBuf, String),
    #[error("{0}")]
    Failed(String),
    #[error("the user `admin` cannot be made: {0}. Check --admin-password (HANDOVER_ADMIN_PASSWORD)")]
    Bootstrap(#[from] BootstrapError),
    #[error("{0}")]
    Gone(StoreError),
    #[error("the HTTP server failed: {0}")]
    Http(std::io::Error),
}

/// How often it is looked whether the database's file is still there.
const LOOK: Duration = Duration::from_secs(1);

/// The parts of a process over its open database.
pub struct App {
    pub store: Store,
    pub service: Arc<Service>,
}

/// An app that listens.
pub struct Server {
    /// Where it listens: not what was asked for, where that was any port.
    pub address: SocketAddr,
    pub store: Store,
    workers: Workers,
    /// What serves; its handle stops it: `stop(true)` answers what is under way first.
    pub http: actix_web::dev::Server,
    /// What a stop waits for.
    pub under_way: UnderWay,
}

impl App {
    /// Opens the database and starts what the operations stand on, by this clock.
    ///
    /// # Errors
    /// See [`StartError`]: each says what to do.
    pub async fn build(settings: &Settings, purpose: Purpose, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        // what a wrong setting says comes before anything of the database
        let policy = if matches!(purpose, Purpose::Serve { .. }) { policy(settings)? } else { Policy::default() };
        let identity = identity(settings)?;
        let store = Store::open(settings.database_url.expose_secret(), purpose).await?;
        let hash = HashPool::start(settings.hash, settings.hash_threads, settings.hash_queue).map_err(StartError::Threads)?;
        let service = Arc::new(Service {
            store: store.clone(),
            volumes: Gathered::of(&volumes::TABLE),
            readiness: Readiness::default(),
            hash,
            rules: settings.rules,
            quotas: settings.quotas,
            catalog: settings.catalog(),
            provisioning: settings.volume_creation,
            offer_lifetime: settings.offer_lifetime.0,
            attempts: settings.attempts(),
            refusals: Refusals::default(),
            // many, so that few projects share one
            turns: std::iter::repeat_with(Arc::default).take(1024).collect(),
            policy,
            identity,
            clock,
            random: Arc::new(System),
        });
        Ok(Self { store, service })
    }

    /// The way in which callers say who they are, ready for the first of them.
    async fn identity(&self, settings: &Settings, keystone: Option<Config>) -> Result<Identity, StartError> {
        if settings.auth == AuthMode::BuiltIn
            && let Some(drawn) = bootstrap::bootstrap(&self.service, settings.admin_password.as_ref()).await?
        {
            // once, and not as a line of the log, which may be kept for years
            eprintln!("the user `admin` of the project `admin` has the password {}", drawn.expose_secret());
        }
        let (store, clock) = (|| self.store.clone(), || Arc::clone(&self.service.clock));
        let way = match keystone {
            Some(config) => Way::Keystone(Box::new(Keystone::new(config, clock()))),
            None if settings.auth == AuthMode::BuiltIn => Way::BuiltIn(BuiltIn::new(store(), clock())),
            None => Way::NoAuth,
        };
        if settings.auth == AuthMode::None {
            return Ok(Identity { way, signed: None });
        }
        self.service.seals_open().await.map_err(StartError::Failed)?;
        let seal = self.service.identity.seal(&*self.service.random).ok().cloned();
        Ok(Identity { way, signed: Some(Signed::new(store(), clock(), seal)) })
    }
}

/// The service of a process that serves: built, migrated, filled by `first`, listening.
///
/// # Errors
/// See [`StartError`]: each says what to do.
pub async fn serve(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    first: impl AsyncFnOnce(&App) -> Result<(), String>,
) -> Result<Server, StartError> {
    let believes = settings.auth == AuthMode::None;
    let is_safe = !believes || settings.listen.ip().is_loopback() || settings.danger_no_auth_beyond_loopback;
    ensure!(is_safe, StartError::Exposed(settings.listen));
    let keystone = (settings.auth == AuthMode::Keystone).then(|| settings.keystone.config()).transpose();
    let keystone = keystone.map_err(StartError::Identity)?;
    let certificate = settings.tls_files().map(|(certificate, key)| Certificate::open(certificate, key)).transpose()?;
    let certificate = certificate.map(Arc::new);
    // before a database is touched: a start that cannot listen changes none
    let listener = server::bind(settings)?;
    let threads = u32::try_from(settings.workers).unwrap_or(u32::MAX);
    let app = App::build(settings, Purpose::Serve { connections: settings.database_connections, threads }, clock).await?;
    migrate(&app.store).await?;
    app.service.ask_the_time().await?;
    volume_types::make_named(&app.service).await?;
    first(&app).await.map_err(StartError::Failed)?;
    let identity = app.identity(settings, keystone).await?;
    let App { store, service } = app;
    let under_way = UnderWay::default();
    let (address, http) =
        server::serve(listener, settings, Arc::clone(&service), identity, certificate.clone(), under_way.clone())?;
    Ok(Server { address, store, workers: Workers::start(&service, settings.history.0, certificate.as_ref()), http, under_way })
}

impl Server {
    /// Serves until it is stopped, then ends the workers and closes the database.
    ///
    /// # Errors
    /// [`StartError::Http`]; [`StartError::Gone`] when the database's file was deleted or replaced, or could not be flushed.
    pub async fn run(self) -> Result<(), StartError> {
        let handle = self.http.handle();
        let served = tokio::select! {
            served = self.http => served.map_err(StartError::Http),
            gone = taken_away(&self.store) => {
                handle.stop(false).await;
                Err(StartError::Gone(gone))
            }
        };
        self.workers.stop().await;
        self.store.close().await;
        served
    }
}

/// Waits until the database's file is taken away, or could not be flushed, and says so: what would be written from then on is lost.
async fn taken_away(store: &Store) -> StoreError {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(gone @ (StoreError::TakenAway(_) | StoreError::OutcomeUnknown(_))) = store.check_place() {
            return gone;
        }
    }
}

/// The policy in force.
fn policy(settings: &Settings) -> Result<Policy, StartError> {
    let Some(path) = &settings.policy else { return Ok(Policy::default()) };
    let wrong = |problem| StartError::Policy(path.clone(), problem);
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Policy::read(&text).map_err(wrong)
}

/// What identity stands on. Passwords cost what OWASP asks for, and half of the cores at most.
fn identity(settings: &Settings) -> Result<identity_service::Identity, StartError> {
    let threads = settings.hash_threads.div_ceil(2);
    let short = || {
        let least = Seal::LEAST;
        StartError::Identity(format!("--seal-key (HANDOVER_SEAL_KEY) has fewer than {least} characters. Draw a longer one"))
    };
    let given = settings.seal_key.as_ref().map(|key| Seal::of(key).ok_or_else(short)).transpose()?;
    let beside = Store::file(settings.database_url.expose_secret()).map(|file| file.with_extension("seal-key"));
    Ok(identity_service::Identity {
        mode: settings.auth,
        passwords: HashPool::start(Profile::Owasp, threads, SIGN_INS).map_err(StartError::Threads)?,
        password_length: settings.password_length.into(),
        token_lifetime: settings.token_lifetime,
        region: settings.region.clone(),
        sign_ins: SignIns::default(),
        seal_file: beside,
        seal: given.map_or_else(OnceLock::new, |seal| Arc::new(seal).into()),
    })
}

/// Brings the database to this binary's version; waits for one that is just coming up.
async fn migrate(store: &Store) -> Result<(), StartError> {
    let mut told = String::new();
    // half a minute
    let again = ConstantBuilder::default().with_delay(Duration::from_millis(500)).with_max_times(60);
    let migrating = (async || store.migrate().await).retry(again).when(MigrateError::is_passing).notify(|error, _| {
        let cause = error.to_string();
        if cause != told {
            tracing::warn!(error = cause, "the database is not there yet; waiting for it");
            told = cause;
        }
    });
    let migrated = migrating.await?;
    if migrated.from != migrated.to {
        tracing::info!(from = migrated.from, to = migrated.to, "migrated the database");
    }
    Ok(())
}
