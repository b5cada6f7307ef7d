//! `handover serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, failed};
use crate::app::{self, StartError};
use crate::settings::Settings;
use crate::system::System;

/// How often it is said what a stop waits for.
const AGAIN: Duration = Duration::from_secs(5);

/// Serves until it is told to stop.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let server = app::serve(settings, Arc::new(System)).await.map_err(|error| match error {
        StartError::Exposed(_) | StartError::Identity(_) => Failure::Misused(error.to_string()),
        error => failed(error),
    })?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).map_err(failed)?, signal(SignalKind::interrupt()).map_err(failed)?);
    let handle = server.handle();
    let (address, engine, under_way) = (server.address(), server.engine().as_str(), server.under_way());
    let mut serving = tokio::spawn(server.run());
    // the address of all addresses is no address to ask
    let hint = if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address };
    // the certificate is for another name than the address of the hint
    let (scheme, curl) = if settings.tls_files().is_some() { ("https", "curl -sk") } else { ("http", "curl -s") };
    let line = format!(
        "listening on {scheme}://{address} ({engine}); try: {curl} {scheme}://{hint}/v2/firstproject/os-volume-transfer"
    );
    // nobody may be reading, which is no reason to stop
    let _ = writeln!(std::io::stdout(), "{line}");

    tokio::select! {
        ended = &mut serving => return ended.map_err(failed)?.map_err(failed),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let stopping = async {
        handle.stop(true).await;
        serving.await.map_err(failed)?.map_err(failed)
    };
    let telling = async {
        let longest = settings.shutdown_timeout;
        loop {
            tracing::info!("stopping, within {longest} s: waiting for {under_way}");
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        stopped = stopping => stopped,
        () = telling => Ok(()),
        _ = terminate.recv() => Err(failed("told to stop twice: requests under way were cut")),
        _ = interrupt.recv() => Err(failed("told to stop twice: requests under way were cut")),
    }
}
