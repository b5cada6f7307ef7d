//! Certificate: the files of the service's own are looked at again and again, since whoever renews them only puts new ones there.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::tls::Certificate;

/// How often it is looked.
const EACH: Duration = Duration::from_secs(2);

/// Looks, again and again.
pub async fn run(clock: Arc<dyn Clock>, certificate: Arc<Certificate>) {
    loop {
        clock.sleep(EACH).await;
        let certificate = Arc::clone(&certificate);
        // files may be slow, and parsing takes a while
        let _ = tokio::task::spawn_blocking(move || certificate.look()).await;
    }
}
