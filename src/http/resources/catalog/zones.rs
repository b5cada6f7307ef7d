//! Availability zones: all are up.

use super::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::catalog;

view! {
    /// A zone, in the words of Cinder and EVS.
    #[serde(rename_all = "camelCase")]
    Zone<'a>,
    /// Of any zone.
    of(name: &'a str) {
        zone_name: &'a str = name,
        zone_state: ZoneState = ZoneState { available: true },
    };
}

/// Whether a zone is up: always.
#[derive(Serialize, ToSchema)]
pub struct ZoneState {
    available: bool,
}

operations! { CATALOG;
    /// All zones that the settings name, each available.
    LIST: "List availability zones", |call| list(call) => 200 Rows("availabilityZoneInfo", part::<Zone>());
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let zones = call.look(catalog::zones(call.cx())).await?;
    let zones: Vec<Zone<'_>> = zones.iter().map(|name| Zone::of(name)).collect();
    Ok(Answer::rows(&call, "availabilityZoneInfo", &zones))
}
