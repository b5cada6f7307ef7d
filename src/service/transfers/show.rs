//! Show and list: the donor, or an admin, looks at an offer, or at a page of those that they may see.

use super::ending;
use crate::service::prelude::*;

/// An offer that is pending.
///
/// # Errors
/// [`Error::NotFound`], for another project's and for an ended one too: to everyone else the record does not exist.
pub struct Show(pub Id);

impl Query for Show {
    type Answer = Offer;

    fn access(&self) -> Access<'_> {
        Access::of_record(&policy::TRANSFERS_GET, RecordKind::Transfer, self.0)
    }

    async fn read(&self, cx: &Context) -> Result<Offer, Error> {
        visible(cx, self.0).await
    }
}

/// An offer that is pending and exists for the caller.
pub(super) async fn visible(cx: &Context, id: Id) -> Result<Offer, Error> {
    let transfer = ending::pending(&mut cx.service.store.reader().await?, id).await?;
    Ok(cx.visible(Some(transfer), RecordKind::Transfer, id)?.offer)
}

/// A page of pending offers, filtered by `name`, `id` and `volume_id`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no transfer that the caller may see, pending or ended since: a walk goes on
/// when its marker is accepted meanwhile.
pub struct List(pub PageRequest);

impl Query for List {
    type Answer = Page<Transfer>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::TRANSFERS_LIST)
    }

    async fn read(&self, cx: &Context) -> Result<Page<Transfer>, Error> {
        page::page(&mut cx.service.store.reader().await?, cx, &transfers::PENDING, &self.0).await
    }
}
