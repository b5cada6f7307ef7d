//! Accept: a recipient claims an offered volume with its auth key.

use super::ending;
use crate::service::{
    Asker, Done, Error, Service,
    once::{self, Claim},
};
use crate::{
    domain::{
        AuthKey, Id, Offer,
        rules::{Moment, RuleSet, Terms},
        transfer::{Act, Ending},
    },
    store::{Db, Write, volumes},
};

/// Gives the offered volume to the caller's project, once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongKey`], and [`Error::Refused`] with every rule but the one about the status:
/// the volume may have changed since it was offered. In this order.
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
    let by = ending::act(service, asker, &seen.offer);
    let write = TakeOver { rules: service.rules, offer: &seen.offer, phc: &phc, by: &by };
    once::write(service, claim, &seen.offer, &write).await?;
    Ok(seen.offer)
}

/// Invariant kept: the volume is the recipient's and `available`, and nothing is pending on it.
struct TakeOver<'a> {
    rules: RuleSet,
    offer: &'a Offer,
    /// The hash that the key was found to open.
    phc: &'a str,
    by: &'a Act,
}

impl Write for TakeOver<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        let Offer { volume_id, no_snapshots, .. } = self.offer;
        let transfer = ending::lock(db, self.offer).await?;
        if transfer.pending_hash() != Some(self.phc) {
            return Err(ending::over(self.offer.id)); // what the key opened is not what is on offer now
        }
        let candidate = volumes::candidate(db, *volume_id).await?.ok_or_else(|| ending::over(self.offer.id))?;
        let refusals = self.rules.refusals(&candidate.facts, Terms::of(self.offer), Moment::Accept);
        if !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        if !volumes::give(db, *volume_id, &self.by.project_id, &self.by.user_id, self.by.at).await? {
            return Err(ending::over(self.offer.id));
        }
        if !no_snapshots {
            volumes::give_snapshots(db, *volume_id, &self.by.project_id).await?;
        }
        ending::end(db, self.offer, Ending::Accepted, self.by).await
    }

    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        ending::landed(db, self.offer, self.by).await
    }
}
