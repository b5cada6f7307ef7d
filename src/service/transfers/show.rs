//! Show: the donor, or an admin, looks at an offer.

use super::ending;
use crate::domain::{Id, Offer};
use crate::service::{Asker, Error, Service};

/// An offer that is pending.
///
/// # Errors
/// [`Error::NotFound`], for another project's and for an ended one too: to everyone else the record does not exist.
pub async fn show(service: &Service, asker: &Asker, id: Id) -> Result<Offer, Error> {
    let transfer = ending::pending(&mut service.store.reader().await?, id).await?;
    if asker.caller.may_see(&transfer.offer.made.project_id) { Ok(transfer.offer) } else { Err(ending::over(id)) }
}
