//! `handover serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::import::line;
use super::{App, Failure, Result, failed};
use crate::app::{self, StartError};
use crate::domain::AuthMode;
use crate::service::import::{self, ImportError, Options, ReadError, Source};
use crate::settings::Settings;
use crate::store::Engine;
use crate::system;

/// What is stopped within this time is not waited for, so that nothing is said of it.
const AT_ONCE: Duration = Duration::from_millis(200);

/// Signals within this time are one: a terminal and what runs the service in it may each send theirs.
const ONCE: Duration = Duration::from_secs(1);

/// How often it is said what a stop waits for.
const AGAIN: Duration = Duration::from_secs(5);

/// The volumes of the tour.
const SEED: &[u8] = include_bytes!("../../docs/seed.yaml");

/// The arguments of `handover serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Begin with the volumes of the tour (docs/seed.yaml), unless the database has volumes already
    #[arg(long)]
    demo: bool,

    /// Begin with this document, as `handover import` would load it, unless the database has volumes already; - is standard
    /// input
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    import: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub async fn run(args: &Args, settings: &Settings) -> Result {
    // before anything takes long: the first process of a container has no other way to be stopped
    let mut told = pin!(told());
    let starting = app::serve(settings, system::clock(), async |app| load(args, app).await);
    let server = tokio::select! {
        started = starting => started.map_err(|error| match error {
            StartError::Exposed(_) | StartError::Identity(_) => Failure::Misused(error.to_string()),
            error => failed(error),
        })?,
        stopped = &mut told => return stopped,
    };
    if server.store.engine() == Engine::Postgres {
        system::give_way();
    }
    let handle = server.http.handle();
    let (address, engine, under_way) = (server.address, server.store.engine().as_str(), server.under_way.clone());
    let mut serving = tokio::spawn(server.run());
    let line = format!("listening on {}://{address} ({engine}){}", settings.scheme(), hint(settings, address));
    // nobody may be reading, which is no reason to stop
    let _ = writeln!(std::io::stdout(), "{line}");

    tokio::select! {
        ended = &mut serving => return Ok(ended??),
        stopped = &mut told => stopped?,
    }
    let stopping = async {
        handle.stop(true).await;
        Ok(serving.await??)
    };
    let telling = async {
        let longest = settings.shutdown_timeout;
        tokio::time::sleep(AT_ONCE).await;
        loop {
            tracing::info!("stopping, within {longest} s: waiting for {under_way}");
            tokio::time::sleep(AGAIN).await;
        }
    };
    let twice = async {
        tokio::time::sleep(ONCE).await;
        self::told().await
    };
    tokio::select! {
        stopped = stopping => stopped,
        () = telling => Ok(()),
        again = twice => again.and(Err(failed("told to stop twice: requests under way were cut"))),
    }
}

/// Ends when the service is told to stop, from the moment on that this is first asked.
async fn told() -> Result {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}

/// Loads what a database without volumes is to begin with.
async fn load(args: &Args, App { service, .. }: &App) -> Result<(), String> {
    let file = args.import.as_deref().filter(|_| !args.demo);
    if file.is_none() && !args.demo {
        return Ok(());
    }
    let name = file.map_or("the demonstration".to_owned(), super::import::called);
    let loading = async {
        ensure!(!import::is_used(&mut service.store.reader().await?).await?, ImportError::NotEmpty);
        tracing::info!("loading {name}");
        let source = file.map_or_else(|| Ok(Source::stream(SEED)), super::import::source).map_err(ReadError::Io)?;
        import::import(service, source, Options { is_first: true, ..Options::default() }).await
    };
    match loading.await {
        Ok(report) => tracing::info!("loaded {name}: {}", line(&report)),
        Err(ImportError::NotEmpty) => tracing::info!("the database has, or had, volumes already: {name} is not loaded"),
        Err(error) => return Err(super::import::refused(&name, &error.to_string(), &[], false)),
    }
    Ok(())
}

/// Who may call, and where to begin. An address of all addresses, as a container's, says nothing of how others reach it.
fn hint(settings: &Settings, address: SocketAddr) -> String {
    let callers = settings.auth.callers();
    let own = (!address.ip().is_unspecified()).then(|| format!("{}://{address}", settings.scheme()));
    let Some(url) = settings.public_url.clone().or(own) else { return format!("; {callers}; the API's page is at /docs/") };
    // the certificate is for another name than the address of the hint
    let curl = if settings.tls_files().is_some() { "curl -sk" } else { "curl -s" };
    let first = match settings.auth {
        AuthMode::None => format!("; try: {curl} {url}/v2/firstproject/os-volume-transfer"),
        _ => String::new(),
    };
    format!("; {callers}; the API's page: {url}/docs/{first}")
}
