//! What runs beside requests: one worker a file. The app owns them, and they end with it. Each may run on every replica at once.

mod expiry;
mod retention;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::span::History;
use crate::service::Service;
use crate::tls::Certificate;

/// How long the workers' last work is waited for at the end: what they do can be left undone.
const STOPPING: Duration = Duration::from_secs(5);

/// How long a worker rests that has panicked.
const PAUSE: Duration = Duration::from_secs(5);

/// The workers of a process, under way.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them all.
    pub fn start(service: &Arc<Service>, history: History, certificate: Option<&Arc<Certificate>>) -> Self {
        let (stop, _) = watch::channel(false);
        let mut workers = Self { stop, tasks: JoinSet::new() };
        let retention = Arc::clone(service);
        workers.spawn("retention", move || retention::run(Arc::clone(&retention), history));
        let (sweeping, telling) = (Arc::clone(service), Arc::clone(service));
        workers.spawn("expiry", move || expiry::run(Arc::clone(&sweeping)));
        workers.spawn("clock", move || ask_the_time(Arc::clone(&telling)));
        if let Some(certificate) = certificate.cloned() {
            let clock = Arc::clone(&service.clock);
            workers.spawn("certificate", move || look_again(Arc::clone(&clock), Arc::clone(&certificate)));
        }
        workers
    }

    /// Runs a worker until the end is asked for; one that panics begins anew.
    fn spawn<F: Future<Output = ()> + Send>(&mut self, name: &'static str, work: impl Fn() -> F + Send + 'static) {
        let mut stop = self.stop.subscribe();
        let again = async move {
            while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
                tracing::error!(worker = name, "a worker panicked; it begins anew");
                tokio::time::sleep(PAUSE).await;
            }
        };
        self.tasks.spawn(async move {
            tokio::select! {
                () = again => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// Ends them all, and waits until they have.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOPPING, ended).await.is_err() {
            tracing::warn!("left a worker that did not end: the database hangs");
        }
    }
}

// Clock: the database server is asked again and again what time it is, since its clock may be set, and no two go alike.

/// How often it is asked.
const ASKED: Duration = Duration::from_secs(1);

async fn ask_the_time(service: Arc<Service>) {
    loop {
        service.clock.sleep(ASKED).await;
        if let Err(error) = service.ask_the_time().await {
            tracing::debug!(%error, "the database has not said what time it is");
        }
    }
}

// Certificate: the files of the service's own are looked at again and again, since whoever renews them only puts new ones there.

/// How often it is looked.
const EACH: Duration = Duration::from_secs(2);

/// Looks, again and again.
async fn look_again(clock: Arc<dyn Clock>, certificate: Arc<Certificate>) {
    loop {
        clock.sleep(EACH).await;
        let certificate = Arc::clone(&certificate);
        // files may be slow, and parsing takes a while
        let _ = tokio::task::spawn_blocking(move || certificate.look()).await;
    }
}
