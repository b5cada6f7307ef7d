//! What accept and delete share: a pending transfer is ended under its volume's lock, once, by one caller.

use crate::service::{Asker, Error, Service};
use crate::{
    domain::{
        Id, Noun, Offer, Transfer,
        transfer::{Ending, Stamp, State},
    },
    store::{
        Db,
        counts::{self, Counts},
        load_transfers, transfers, volumes,
    },
};

/// Locks the volume of a transfer that was read before, then reads the transfer again. Without the lock first, two callers
/// that lock transfer and volume in different orders could wait for each other.
pub(super) async fn lock(db: &mut Db, offer: &Offer) -> Result<Transfer, Error> {
    volumes::lock(db, offer.volume_id).await?;
    pending(db, offer.id).await
}

/// A transfer that is still on offer.
pub(super) async fn pending(db: &mut Db, id: Id) -> Result<Transfer, Error> {
    let transfer = transfers::by_id(db, id).await?;
    transfer.filter(|transfer| transfer.pending_hash().is_some()).ok_or_else(|| over(id))
}

/// There is no such offer, or not any more.
pub(super) fn over(id: Id) -> Error {
    Error::NotFound(Noun::Transfer, id)
}

/// Who ends an offer: the caller, now, but never before the offer was made, though clocks differ.
pub(super) fn stamp(service: &Service, asker: &Asker, offer: &Offer) -> Stamp {
    let stamp = service.stamp(asker);
    Stamp { at: stamp.at.max(offer.made.at), ..stamp }
}

/// Ends the transfer. The volume is locked and has been moved on already.
pub(super) async fn end(db: &mut Db, offer: &Offer, how: Ending, by: &Stamp) -> Result<(), Error> {
    if transfers::end(db, offer, how, by).await? { Ok(()) } else { Err(over(offer.id)) }
}

/// Counts an ending: last in its transaction, after what projects have was moved too.
pub(in crate::service) async fn count(db: &mut Db, offer: &Offer, how: Ending) -> Result<(), Error> {
    Ok(counts::add(db, offer.volume_id, Counts::ended(how)).await?)
}

/// Ends the offer that is pending on a locked volume, if there is one: when the volume is deleted or its status is reset, its old
/// key must never open anything again. The caller moves the volume on, and counts the ending last.
pub(in crate::service) async fn withdraw(db: &mut Db, volume: Id, by: &Stamp) -> Result<Option<Offer>, Error> {
    let Some(Transfer { offer, .. }) = load_transfers::pending_of(db, [volume]).await?.pop() else { return Ok(None) };
    let by = Stamp { at: by.at.max(offer.made.at), ..by.clone() };
    end(db, &offer, Ending::Deleted, &by).await?;
    Ok(Some(offer))
}

/// Whether it was this very act that ended the transfer: asked when the answer to COMMIT was lost.
pub(super) async fn landed(db: &mut Db, offer: &Offer, by: &Stamp) -> Result<Option<()>, Error> {
    volumes::lock(db, offer.volume_id).await?;
    let transfer = transfers::by_id(db, offer.id).await?;
    let is_ours = |state: &State| matches!(state, State::Ended { by: stored, .. } if stored.request_id == by.request_id);
    Ok(transfer.filter(|transfer| is_ours(&transfer.state)).map(|_| ()))
}
