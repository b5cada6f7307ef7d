//! What accept and delete share: a pending transfer is ended under its volume's lock, once, by one caller.

use crate::service::prelude::*;

/// Locks the volume of a transfer that was read before, then reads the transfer again. Without the lock first, two callers
/// that lock transfer and volume in different orders could wait for each other.
pub(super) async fn lock(cx: &Context, db: &mut Db, offer: &Offer) -> Result<Transfer> {
    volumes::lock(db, offer.volume_id).await?;
    pending(cx, db, offer.id).await
}

/// A transfer that is still on offer.
pub(super) async fn pending(cx: &Context, db: &mut Db, id: Id) -> Result<Transfer> {
    let transfer = transfers::TABLE.by_id(db, id).await?;
    let is_pending = |transfer: &Transfer| transfer.pending_hash().is_some() && !transfer.offer.is_over(cx.now());
    transfer.filter(is_pending).ok_or_else(|| over(id))
}

/// This caller, who ends the offer now: not before what was done to the volume, though clocks differ, nor when its time is over.
pub(super) fn stamp(cx: &Context, offer: &Offer, changed: Time) -> Result<Stamp> {
    let by = cx.stamp(changed.max(offer.made.at));
    if offer.is_over(by.at) { Err(over(offer.id)) } else { Ok(by) }
}

/// There is no such offer, or not any more.
pub(super) fn over(id: Id) -> Error {
    Error::NotFound(RecordKind::Transfer, id)
}

/// Ends the transfer, and counts that. The volume is locked and has been moved on already.
pub(super) fn end(tx: &mut Tx<'_>, offer: &Offer, how: Ending, by: &Stamp) {
    transfers::end(tx, offer, how, by);
    tx.count(offer.volume_id, Counts::ended(how));
}

/// Ends the offer that is pending on a locked volume, if there is one: when the volume is deleted or its status is reset, its old
/// key must never open anything again. The caller moves the volume on.
pub(in crate::service) async fn withdraw(cx: &Context, tx: &mut Tx<'_>, volume: Id, changed: Time) -> Result<()> {
    let Some(Transfer { offer, .. }) = transfers::pending_of(tx, [volume]).await?.pop() else { return Ok(()) };
    let mut by = cx.stamp(changed.max(offer.made.at));
    // it was not over when the volume was locked
    by.at = offer.expires_at.map_or(by.at, |end| by.at.min(end.before(Duration::from_micros(1))));
    end(tx, &offer, Ending::Withdrawn, &by);
    Ok(())
}
