//! Show: the donor, or an admin, looks at an offer.

use super::{Asker, Error, Service, ending};
use crate::domain::{Id, Offer};

/// An offer that is pending.
///
/// # Errors
/// [`Error::TransferNotFound`], for another project's and for an ended one too: to everyone else the record does not exist.
pub async fn show(service: &Service, asker: &Asker, id: Id) -> Result<Offer, Error> {
    let transfer = ending::pending(&mut service.store.reader().await?, id).await?;
    if asker.caller.may_see(&transfer.offer.made.project_id) { Ok(transfer.offer) } else { Err(Error::TransferNotFound) }
}
