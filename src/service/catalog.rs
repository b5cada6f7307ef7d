//! The catalogue: what the cloud offers beside volume types, to everybody; and what runs behind it, to admins.

use crate::service::prelude::*;

/// The names of the availability zones.
pub async fn zones(cx: &Context) -> Result<Vec<String>> {
    permit(cx, &policy::ZONES_LIST, None).await?;
    Ok(cx.service.catalog.zones().map(str::to_owned).collect())
}

/// Whether the parts of the API may be asked for.
pub async fn extensions(cx: &Context) -> Result<()> {
    permit(cx, &policy::EXTENSIONS_LIST, None).await
}

/// The zone of what keeps the volumes, and when that was last seen alive, which is now. `action`: what the policy calls it to see it
/// as this.
pub async fn backend(cx: &Context, action: &'static Action) -> Result<(String, Time)> {
    permit(cx, action, None).await?;
    Ok((cx.service.catalog.default_zone().to_owned(), cx.now()))
}
