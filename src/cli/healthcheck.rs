//! `handover healthcheck`: for containers and scripts, so that an image needs no curl.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::{Result, failed};
use crate::asking::{plain, root};
use crate::settings::Settings;

/// The arguments of `handover healthcheck`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep asking for this long until the service is ready
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    wait: u64,
}

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// Asks the service whether it is alive; fails where it does not say so in time.
pub async fn run(args: &Args, settings: &Settings) -> Result {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        // every address of this machine: ask at loopback
        address.set_ip(if address.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]) });
    }
    let url = format!("{}://{address}/health/ready", settings.scheme());
    // The certificate is for another name than the address that is asked. Nothing is told, and what is answered is believed no
    // more than over plain HTTP: whoever can take this port may say that he is ready either way.
    let client = plain().tls_danger_accept_invalid_certs(true).timeout(PATIENCE).build()?;
    let until = Instant::now() + Duration::from_secs(args.wait);
    loop {
        let why = match client.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => format!("it answers {}", answer.status()),
            Err(error) => format!("no answer: {}", root(&error)),
        };
        ensure!(Instant::now() < until, failed(format!("the service at {address} is not ready: {why}")));
        tokio::time::sleep(PAUSE).await;
    }
}
