//! Expiry: an offer that nobody claimed by its moment has ended at that very moment, whether or not that is stored already. Whoever
//! comes first stores it, under the volume's lock as everything that ends an offer: accept or expiry, never both.

use crate::service::prelude::*;
use crate::store::acts;

/// What the policy would call it, if anybody asked for it.
pub const ACTION: &str = "evs:transfers:expire";

/// Who ends an offer that ends by itself, in its donor's project.
pub const USER: &str = "handover";

/// Ends the offer of a locked volume, if its time is over.
pub(in crate::service) async fn of_volume(service: &Service, tx: &mut Tx<'_>, volume: Id, now: Time) -> Result<(), StoreError> {
    let Some(Transfer { offer, .. }) = transfers::pending_of(tx, [volume]).await?.pop() else { return Ok(()) };
    let Some(at) = offer.expires_at.filter(|_| offer.is_over(now)) else { return Ok(()) };
    let request_id = random::id(&*service.random);
    let by = Stamp { at, project_id: offer.made.project_id.clone(), user_id: USER.to_owned(), request_id };
    volumes::free(tx, volume, at);
    ending::end(tx, &offer, Ending::Expired, &by);
    let target = Target { volume_id: Some(volume), ..Target::record(RecordKind::Transfer, offer.id) };
    acts::insert(tx, &Act::of(by, ACTION, target, Outcome::Done));
    // what is done to the same rows next is another statement
    tx.flush().await
}
