//! What runs beside requests: one worker a file. The app owns them, and they end with it. Each may run on every replica at once.

mod retention;

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use crate::{domain::span::History, service::Service};

/// How long the workers' last work is waited for at the end: what they do can be left undone.
const STOPPING: Duration = Duration::from_secs(5);

/// The workers of a process, under way.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them all.
    pub fn start(service: &Arc<Service>, history: History) -> Self {
        let (stop, _) = watch::channel(false);
        let mut workers = Self { stop, tasks: JoinSet::new() };
        workers.spawn(retention::run(Arc::clone(service), history));
        workers
    }

    /// Runs a worker until the end is asked for.
    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.subscribe();
        self.tasks.spawn(async move {
            tokio::select! {
                () = work => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// Ends them all, and waits until they have.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                if let Some(error) = ended.err().filter(JoinError::is_panic) {
                    tracing::error!(%error, "a worker panicked");
                }
            }
        };
        if tokio::time::timeout(STOPPING, ended).await.is_err() {
            tracing::warn!("left a worker that did not end: the database hangs");
        }
    }
}
