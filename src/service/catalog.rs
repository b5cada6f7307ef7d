//! The catalogue: what the cloud offers beside volume types, to everybody; and what runs behind it, to admins.

use crate::domain::catalog::Backend;
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

/// What keeps the volumes, and when it was last seen alive, which is now. `action`: what the policy calls it to see it as this.
pub async fn backend(cx: &Context, action: &'static Action) -> Result<(Backend, Time)> {
    permit(cx, action, None).await?;
    Ok((cx.service.catalog.backend(), cx.now()))
}
