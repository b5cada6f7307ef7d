//! Transfers: one operation a file, or a few that are alike. What accept and delete share is in `ending`.

mod accept;
mod attempts;
mod create;
mod delete;
pub(super) mod ending;
pub mod expiry;
pub mod history;

pub use accept::Accept;
pub use create::Create;
pub use delete::Delete;

use crate::service::prelude::*;

// Show and list: the donor, or an admin, looks at an offer, or at a page of those that they may see.

/// An offer that is pending.
///
/// # Errors
/// [`Error::NotFound`], for another project's and for an ended one too: to everyone else the record does not exist.
pub async fn show(cx: &Context, id: Id) -> Result<Offer> {
    visible(cx, &mut look(cx, &policy::TRANSFERS_GET, Some((RecordKind::Transfer, id))).await?, id).await
}

/// An offer that is pending and exists for the caller.
pub(super) async fn visible(cx: &Context, db: &mut Db, id: Id) -> Result<Offer> {
    Ok(cx.visible(Some(ending::pending(cx, db, id).await?), RecordKind::Transfer, id)?.offer)
}

/// A page of pending offers, filtered by `name`, `id` and `volume_id`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no transfer that the caller may see, pending or ended since: a walk goes on
/// when its marker is accepted meanwhile.
pub async fn list(cx: &Context, page: &PageRequest) -> Result<Page<Transfer>> {
    settling::all(cx).await;
    let db = &mut look(cx, &policy::TRANSFERS_LIST, None).await?;
    page::page(db, cx, &transfers::PENDING, page).await
}
