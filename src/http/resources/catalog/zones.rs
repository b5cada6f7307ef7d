//! Availability zones: all are up.

use serde::Serialize;
use utoipa::ToSchema;

use super::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::catalog::Zones;

/// A zone, in the words of Cinder and EVS.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Zone<'a> {
    zone_name: &'a str,
    zone_state: ZoneState,
}

/// Whether a zone is up: always.
#[derive(Serialize, ToSchema)]
pub struct ZoneState {
    available: bool,
}

impl Versioned for Zone<'_> {}

/// All zones that the settings name, each available.
pub static LIST: Operation = Operation::new(&CATALOG, "List availability zones", |call, ()| Box::pin(list(call)))
    .answers(200, Rows("availabilityZoneInfo", part::<Zone>()));

async fn list(call: Call) -> Result<Answer, Problem> {
    let zones = call.look(Zones).await?;
    let zone = |zone_name| Zone { zone_name, zone_state: ZoneState { available: true } };
    let zones: Vec<Zone<'_>> = zones.iter().map(|name| zone(name)).collect();
    Ok(Answer::rows(&call, "availabilityZoneInfo", &zones))
}
