//! Expiry: offers whose time is over are ended soon, whether or not anybody looks at them. Several replicas may do it at once: each
//! offer is ended by one of them, under its volume's lock.

use std::sync::Arc;
use std::time::Duration;

use crate::service::Service;
use crate::service::volumes::settling;

/// How often it is looked.
const EACH: Duration = Duration::from_secs(1);

/// Ends what is over, again and again.
pub async fn run(service: Arc<Service>) {
    loop {
        service.clock.sleep(EACH).await;
        if let Err(error) = settling::due(&service).await {
            tracing::warn!(%error, "offers whose time is over are not ended yet; they are for whoever looks");
        }
    }
}
