//! For those who run the service: is it alive, is it ready, how does it do.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Body},
    call::Call,
    problem::Problem,
    shape::Shape,
};
use crate::store::counts;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing is wrong.
#[derive(Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
}

impl Shape for Health {}

const OK: Health = Health { status: "ok" };

/// What the metrics are written in.
pub const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process answers.
pub async fn live(_: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(200, json!(OK)))
}

/// The database answers too.
pub async fn ready(call: Call) -> Result<Answer, Problem> {
    let store = &call.service.store;
    if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, store.ping()).await {
        return Ok(Answer::json(200, json!(OK)));
    }
    Err(Problem::unavailable(&format!("Not ready: the database ({}) does not answer.", store.engine().as_str())))
}

/// In OpenMetrics' text format, which Prometheus reads. What only the database knows is left out while it does not answer.
pub async fn metrics(call: Call) -> Result<Answer, Problem> {
    let store = &call.service.store;
    let by_state = async { counts::total(&mut store.reader().await?).await };
    let counts = tokio::time::timeout(PATIENCE, by_state).await.ok().and_then(Result::ok);
    let text = call.metrics.text(counts, store.connections(), call.service.hash.waiting());
    Ok(Answer::new(200, Body::Text(METRICS, text)))
}
