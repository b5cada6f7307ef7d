//! List: a page of the offers that a caller may see.

use crate::{
    domain::{Transfer, page::Page},
    service::{
        Asker, Error, Service,
        page::{self, Wanted},
    },
    store::transfers,
};

/// A page of pending offers, filtered by `name`, `id` and `volume_id`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no transfer that the caller may see, pending or ended since: a walk goes on
/// when its marker is accepted meanwhile.
pub async fn list(service: &Service, asker: &Asker, wanted: &Wanted) -> Result<Page<Transfer>, Error> {
    let mut db = service.store.reader().await?;
    let marker = match wanted.marker {
        Some(id) => transfers::by_id(&mut db, id).await?,
        None => None,
    };
    let sees = |transfer: &Transfer| wanted.sees_all(asker) || transfer.offer.made.project_id == asker.caller.project;
    page::page(&mut db, asker, &transfers::PENDING, wanted, marker.filter(sees)).await
}
