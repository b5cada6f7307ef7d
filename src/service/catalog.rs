//! The catalogue: what the cloud offers beside volume types, to everybody; and what runs behind it, to admins.

use crate::domain::catalog::Catalog;
use crate::service::prelude::*;

/// The catalogue, for whoever may see that part of it which the policy calls `action`.
pub async fn see<'c>(cx: &'c Context, action: &'static Action) -> Result<&'c Catalog> {
    permit(cx, action, None).await?;
    Ok(&cx.service.catalog)
}
