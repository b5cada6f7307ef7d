//! Availability zones: all are up.

use serde::Serialize;
use serde_json::json;

use crate::http::{answer::Answer, call::Call, problem::Problem};

/// A zone, in the words of Cinder and EVS.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Zone<'a> {
    zone_name: &'a str,
    zone_state: ZoneState,
}

#[derive(Serialize)]
struct ZoneState {
    available: bool,
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    let zone = |zone_name| Zone { zone_name, zone_state: ZoneState { available: true } };
    let zones: Vec<Zone<'_>> = call.service.catalog.zones().map(zone).collect();
    Ok(Answer::json(200, json!({"availabilityZoneInfo": zones})))
}
