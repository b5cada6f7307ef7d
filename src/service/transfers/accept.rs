//! Accept: a recipient claims an offered volume with its auth key.

use super::attempts;
use crate::service::prelude::*;
use crate::store::volumes::Candidate;

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

/// An offer that the key was found to open, which does not change but by its end; its volume as it was then, where nothing stood in
/// the way.
pub struct Ready {
    offer: Offer,
    seen: Option<Candidate>,
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
        let transfer = ending::pending(cx, &mut db, self.id).await?;
        attempts::judge(cx, &mut db, self.id, cx.now()).await?;
        drop(db); // no connection is held while hashing
        let key_hash = transfer.pending_hash().ok_or_else(|| ending::over(self.id))?.to_owned();
        let offer = transfer.offer;
        target.volume_id = Some(offer.volume_id);
        // no guess takes a lock
        ensure!(cx.verify(self.key.clone(), key_hash).await?, attempts::wrong(cx, self.id).await);
        let seen = candidate(cx, &mut cx.reader().await?, &offer).await;
        // a no is said under the lock, behind the turn of a key that was right
        Ok(Ready { seen: seen.ok().filter(|seen| !moves_snapshots(&offer, seen)), offer })
    }

    async fn write(&self, cx: &Context, Ready { offer, seen }: &Ready, tx: &mut Tx<'_>) -> Result<Offer> {
        attempts::right(cx, tx, self.id).await?;
        let (seen, is_presumed) = match seen {
            Some(seen) if tx.presumes() => (seen.clone(), true),
            _ => {
                ending::lock(cx, tx, offer).await?;
                (candidate(cx, tx, offer).await?, false)
            }
        };
        let by = ending::stamp(cx, offer, seen.changed_at)?;
        let way = [&seen.project_id, &by.project_id];
        let snapshots = if moves_snapshots(offer, &seen) {
            volumes::give_snapshots(tx, offer.volume_id, way, &by.user_id).await?
        } else {
            Usage::NONE
        };
        volumes::give(tx, &by, &seen);
        ending::end(tx, offer, Ending::Accepted, &by);
        quotas::pass(cx, tx, way, seen.size, seen.usage + snapshots, is_presumed).await?;
        Ok(offer.clone())
    }

    const FIRST_ANSWER: Option<FirstAnswer<Offer>> = FirstAnswer::TRANSFER;
}

/// The volume of an offer, if it may be given.
async fn candidate(cx: &Context, db: &mut Db, offer: &Offer) -> Result<Candidate> {
    let candidate = volumes::candidate(db, offer.volume_id).await?.ok_or_else(|| ending::over(offer.id))?;
    let refusals = cx.service.rules.refusals(&candidate.facts, Terms::of(offer), Moment::Accept);
    ensure!(refusals.is_empty(), Error::Refused(refusals));
    ensure!(candidate.facts.status.is(KnownStatus::AwaitingTransfer), ending::over(offer.id));
    Ok(candidate)
}

/// Whether snapshots go with it: how much they count for is asked under the lock.
const fn moves_snapshots(offer: &Offer, seen: &Candidate) -> bool {
    seen.facts.has_snapshots && !offer.no_snapshots
}
