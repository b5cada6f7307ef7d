//! Accept: a recipient claims an offered volume with its auth key.

use super::ending;
use crate::service::{
    Asker, Done, Error, Service,
    once::{self, Claim},
    quotas,
};
use crate::{
    domain::{
        AuthKey, Id, Offer,
        quota::Usage,
        rules::{Moment, Terms},
        transfer::{Ending, Stamp},
    },
    store::{Db, Write, volumes},
};

/// Gives the offered volume to the caller's project, once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongKey`], [`Error::Refused`] with every rule but the one about the status: the volume may have
/// changed since it was offered; and [`Error::OverQuota`] when the caller's project may not have as much. In this order.
pub async fn accept(service: &Service, asker: &Asker, id: Id, key: AuthKey) -> Result<Done<Offer>, Error> {
    let claim = once::claim(service, asker).await?;
    let work = take_over(service, asker, id, key, claim.as_ref());
    once::once(service, claim.as_ref(), work).await
}

async fn take_over(service: &Service, asker: &Asker, id: Id, key: AuthKey, claim: Option<&Claim>) -> Result<Offer, Error> {
    let seen = ending::pending(&mut service.store.reader().await?, id).await?;
    let phc = seen.pending_hash().ok_or_else(|| ending::over(id))?.to_owned();
    if !service.hash.verify(key, phc.clone()).await? {
        return Err(Error::WrongKey(id)); // no guess takes a lock
    }
    asker.still_waits()?;
    let by = ending::stamp(service, asker, &seen.offer);
    let write = TakeOver { service, offer: &seen.offer, phc: &phc, by: &by };
    once::write(service, claim, &seen.offer, &write).await?;
    Ok(seen.offer)
}

/// Invariants kept: the volume is the recipient's and `available`, and nothing is pending on it; what either project has is
/// counted as theirs.
struct TakeOver<'a> {
    service: &'a Service,
    offer: &'a Offer,
    /// The hash that the key was found to open.
    phc: &'a str,
    by: &'a Stamp,
}

impl Write for TakeOver<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        let Offer { volume_id, no_snapshots, .. } = self.offer;
        let recipient = &self.by.project_id;
        let transfer = ending::lock(db, self.offer).await?;
        if transfer.pending_hash() != Some(self.phc) {
            return Err(ending::over(self.offer.id)); // what the key opened is not what is on offer now
        }
        let candidate = volumes::candidate(db, *volume_id).await?.ok_or_else(|| ending::over(self.offer.id))?;
        let refusals = self.service.rules.refusals(&candidate.facts, Terms::of(self.offer), Moment::Accept);
        if !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        let donor = candidate.project_id;
        let volume = volumes::give(db, *volume_id, recipient, &self.by.user_id, self.by.at).await?;
        let volume = volume.ok_or_else(|| ending::over(self.offer.id))?;
        let snapshots = match no_snapshots {
            true => Usage::NONE,
            false => volumes::give_snapshots(db, *volume_id, &donor, recipient, &self.by.user_id).await?,
        };
        ending::end(db, self.offer, Ending::Accepted, self.by).await?;
        quotas::pass(self.service, db, &donor, recipient, volume, snapshots).await?;
        ending::count(db, self.offer, Ending::Accepted).await
    }

    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        ending::landed(db, self.offer, self.by).await
    }
}
