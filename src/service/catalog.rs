//! The catalogue: what the cloud offers beside volume types, to everybody; and what runs behind it, to admins.

use crate::domain::catalog::Backend;
use crate::service::prelude::*;

/// The names of the availability zones.
pub async fn zones(cx: &Context) -> Result<Vec<String>, Error> {
    look(cx, Access::new(&policy::ZONES_LIST), async || Ok(cx.service.catalog.zones().map(str::to_owned).collect())).await
}

/// Whether the parts of the API may be asked for.
pub async fn extensions(cx: &Context) -> Result<(), Error> {
    look(cx, Access::new(&policy::EXTENSIONS_LIST), async || Ok(())).await
}

/// What keeps the volumes, and when it was last seen alive, which is now. `action`: what the policy calls it to see it as this.
pub async fn backend(cx: &Context, action: &'static Action) -> Result<(Backend, Time), Error> {
    look(cx, Access::new(action), async || Ok((cx.service.catalog.backend(), cx.now()))).await
}
