//! `handover serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, failed};
use crate::app::{self, StartError};
use crate::settings::Settings;
use crate::system::System;

/// Serves until it is told to stop.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let server = app::serve(settings, Arc::new(System)).await.map_err(|error| match error {
        StartError::Exposed(_) | StartError::Identity(_) => Failure::Misused(error.to_string()),
        error => failed(error),
    })?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).map_err(failed)?, signal(SignalKind::interrupt()).map_err(failed)?);
    let handle = server.handle();
    let (address, engine) = (server.address(), server.engine().as_str());
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
    tracing::info!("stopping: requests under way are answered first");
    let stopping = async {
        handle.stop(true).await;
        serving.await.map_err(failed)?.map_err(failed)
    };
    tokio::select! {
        stopped = stopping => stopped,
        _ = terminate.recv() => Err(failed("told to stop twice: requests under way were cut")),
        _ = interrupt.recv() => Err(failed("told to stop twice: requests under way were cut")),
    }
}
