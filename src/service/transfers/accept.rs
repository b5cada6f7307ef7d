//! Accept: a recipient claims an offered volume with its auth key.

use super::{attempts, ending};
use crate::service::prelude::*;

/// The claim to an offer: the volume becomes the caller's project's, once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::TooMany`], [`Error::WrongKey`], [`Error::Refused`] with every rule but the one about the status:
/// the volume may have changed since it was offered; and [`Error::OverQuota`] when the caller's project may not have as much. In this
/// order.
pub struct Accept {
    pub id: Id,
    pub key: AuthKey,
}

/// An offer that the key was found to open.
pub struct Ready {
    offer: Offer,
    key_hash: String,
}

/// Invariants kept: the volume is the recipient's and `available`, and nothing is pending on it; what either project has is
/// counted as theirs.
impl Operation for Accept {
    type Ready = Ready;
    type Done = Offer;

    fn intent(&self) -> Intent<'_> {
        let intent = Intent::of_record(&policy::TRANSFERS_ACCEPT, RecordKind::Transfer, self.id);
        // whoever has the key may claim it: an offer is nobody's secret but for that
        Intent { is_policy_first: true, ..intent }
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<Ready> {
        let mut db = cx.reader().await?;
        let seen = ending::pending(cx, &mut db, self.id).await?;
        attempts::judge(cx, &mut db, self.id, cx.now()).await?;
        drop(db); // no connection is held while hashing
        target.volume_id = Some(seen.offer.volume_id);
        let key_hash = seen.pending_hash().ok_or_else(|| ending::over(self.id))?.to_owned();
        // no guess takes a lock
        ensure!(cx.verify(self.key.clone(), key_hash.clone()).await?, attempts::wrong(cx, self.id).await);
        Ok(Ready { offer: seen.offer, key_hash })
    }

    async fn write(&self, cx: &Context, Ready { offer, key_hash }: &Ready, tx: &mut Tx<'_>) -> Result<Offer> {
        attempts::right(cx, tx, self.id).await?;
        let transfer = ending::lock(cx, tx, offer).await?;
        // what the key opened may not be what is on offer now
        ensure!(transfer.pending_hash() == Some(key_hash), ending::over(self.id));
        let candidate = volumes::candidate(tx, offer.volume_id).await?.ok_or_else(|| ending::over(self.id))?;
        let refusals = cx.service.rules.refusals(&candidate.facts, Terms::of(offer), Moment::Accept);
        ensure!(refusals.is_empty(), Error::Refused(refusals));
        let by = ending::stamp(cx, offer, candidate.changed_at)?;
        let (donor, recipient) = (candidate.project_id, &by.project_id);
        ensure!(candidate.facts.status.is(KnownStatus::AwaitingTransfer), ending::over(self.id));
        let snapshots = if offer.no_snapshots || !candidate.facts.has_snapshots {
            Usage::NONE
        } else {
            volumes::give_snapshots(tx, offer.volume_id, &donor, recipient, &by.user_id).await?
        };
        quotas::pass(cx, tx, [&donor, recipient], candidate.size, candidate.usage + snapshots).await?;
        volumes::give(tx, offer.volume_id, recipient, &by.user_id, by.at);
        ending::end(tx, offer, Ending::Accepted, &by);
        Ok(offer.clone())
    }

    const FIRST_ANSWER: Option<FirstAnswer<Offer>> = FirstAnswer::TRANSFER;
}
