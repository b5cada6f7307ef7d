//! What runs beside requests: workers, each again and again. The app owns them, and they end with it. Each may run on every replica at once.

mod retention;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::service::Service;
use crate::service::volumes::settling;
use crate::tls::Certificate;

/// How long the workers' last work is waited for at the end: what they do can be left undone.
const STOPPING: Duration = Duration::from_secs(5);

/// How long a worker rests that has panicked.
const PAUSE: Duration = Duration::from_secs(5);

/// The workers of a process, under way.
pub struct Workers {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them all.
    pub fn start(service: &Arc<Service>, history: Option<Duration>, certificate: Option<&Arc<Certificate>>) -> Self {
        let mut workers = Self { stop: CancellationToken::new(), tasks: JoinSet::new() };
        workers.spawn(service, "retention", retention::EACH, move |service| retention::sweep(service, history));
        workers.spawn(service, "expiry", OFTEN, end_offers);
        workers.spawn(service, "clock", OFTEN, ask_the_time);
        if let Some(certificate) = certificate.cloned() {
            workers.spawn(service, "certificate", LOOK, move |_| look_again(Arc::clone(&certificate)));
        }
        workers
    }

    /// Has a worker work once in each span until the end is asked for; a start has better things to do. One that panics begins anew.
    fn spawn<F: Future<Output = ()> + Send>(
        &mut self,
        service: &Arc<Service>,
        name: &'static str,
        each: Duration,
        work: impl Fn(Arc<Service>) -> F + Send + Sync + 'static,
    ) {
        let (stop, service) = (self.stop.clone(), Arc::clone(service));
        let again = async move {
            loop {
                service.clock.sleep(each).await;
                if AssertUnwindSafe(async { work(Arc::clone(&service)).await }).catch_unwind().await.is_err() {
                    tracing::error!(worker = name, "a worker panicked; it begins anew");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        self.tasks.spawn(async move { stop.run_until_cancelled(again).await.unwrap_or_default() });
    }

    /// Ends them all, and waits until they have.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOPPING, ended).await.is_err() {
            tracing::warn!("left a worker that did not end: the database hangs");
        }
    }
}

/// How often the clock is set and offers are ended.
const OFTEN: Duration = Duration::from_secs(1);

/// Expiry: offers whose time is over are ended soon, whether or not anybody looks at them. Several replicas may do it at once: each
/// offer is ended by one of them, under its volume's lock.
async fn end_offers(service: Arc<Service>) {
    if let Err(error) = settling::due(&service).await {
        tracing::warn!(%error, "offers whose time is over are not ended yet; they are for whoever looks");
    }
}

/// Clock: the database server is asked what time it is, since its clock may be set, and no two go alike.
async fn ask_the_time(service: Arc<Service>) {
    if let Err(error) = service.ask_the_time().await {
        tracing::debug!(%error, "the database has not said what time it is");
    }
}

/// How often the certificate is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Certificate: the files of the service's own are looked at, since whoever renews them only puts new ones there.
async fn look_again(certificate: Arc<Certificate>) {
    // files may be slow, and parsing takes a while
    let _ = tokio::task::spawn_blocking(move || certificate.look()).await;
}
