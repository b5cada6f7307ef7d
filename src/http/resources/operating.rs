//! For those who run the service: is it alive, is it ready, how does it do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::http::answer::success::Measured;
use crate::http::resources::prelude::*;
use crate::store::{StoreError, counts};

/// What the operations are about.
pub static OPERATING: Subject = Subject { name: "operating", what: "For those who run the service." };

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing is wrong.
#[derive(Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
}

impl Versioned for Health {}

const OK: Health = Health { status: "ok" };

operations! { OPERATING;
    /// The process answers.
    LIVE: "Whether the process answers", |_call| std::future::ready(Ok(Answer::json(200, &OK))) => 200 Whole(part::<Health>());

    /// The database can be read and written too.
    READY: "Whether the database answers too", |call| ready(call) => 200 Whole(part::<Health>());

    /// In OpenMetrics' text format to who asks for that, as Prometheus does, else in the one before it. What only the database knows
    /// is left out while it does not answer.
    METRICS: "Metrics for Prometheus", |call| metrics(call) => 200 Other(&Measured::CONTENT_TYPES);
}

async fn ready(call: Call) -> Result<Answer> {
    let store = &call.service.store;
    let engine = store.engine().as_str();
    let missing = match tokio::time::timeout(PATIENCE, call.service.readiness.check(store)).await {
        Ok(Ok(())) => return Ok(Answer::json(200, &OK)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            match error {
                StoreError::Damaged(_) => "is damaged: pages of it cannot be read; restore a backup",
                StoreError::TakenAway(_) => "was deleted or replaced while it was served",
                _ => "cannot be read and written: it is away, its disk is full, or it takes no writes",
            }
        }
        Err(_) => "does not answer",
    };
    Err(Problem::unavailable(&format!("Not ready: the database ({engine}) {missing}.")))
}

async fn metrics(call: Call) -> Result<Answer> {
    let store = &call.service.store;
    let by_state = async { counts::total(&mut store.reader().await?).await };
    let measured = Measured {
        transfers: tokio::time::timeout(PATIENCE, by_state).await.ok().and_then(Result::ok),
        connections: store.connections(),
        hash_waiting: call.service.hash.waiting(),
        refusals_not_kept: call.service.refusals.not_kept.load(Ordering::Relaxed),
        sign_ins: call.service.identity.sign_ins.ended().collect(),
        is_open: call.prefers("application/openmetrics-text", "text/plain"),
    };
    Ok(Answer::new(200, Body::Metrics(measured)).with_header("Vary", "Accept"))
}
