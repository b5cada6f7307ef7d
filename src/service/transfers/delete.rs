//! Delete: the donor, or an admin, withdraws an offer.

use super::{ending, show};
use crate::service::{
    Asker, Done, Error, Service,
    once::{self, Claim},
};
use crate::{
    domain::{
        Id, Offer, VolumeStatus,
        transfer::{Ending, Stamp},
    },
    store::{Db, Write, volumes},
};

/// Ends the offer and makes the volume `available` again, once; the offer that was.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn delete(service: &Service, asker: &Asker, id: Id) -> Result<Done<Offer>, Error> {
    let claim = once::claim(service, asker).await?;
    let work = withdraw(service, asker, id, claim.as_ref());
    once::once(service, claim.as_ref(), work).await
}

async fn withdraw(service: &Service, asker: &Asker, id: Id, claim: Option<&Claim>) -> Result<Offer, Error> {
    let seen = show::show(service, asker, id).await?;
    let by = ending::stamp(service, asker, &seen);
    once::write(service, claim, &seen, &Withdraw { offer: &seen, by: &by }).await?;
    Ok(seen)
}

/// Invariant kept: the volume is `available`, and nothing is pending on it.
struct Withdraw<'a> {
    offer: &'a Offer,
    by: &'a Stamp,
}

impl Write for Withdraw<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        ending::lock(db, self.offer).await?;
        let (from, to) = (VolumeStatus::AWAITING_TRANSFER, VolumeStatus::AVAILABLE);
        if !volumes::set_status(db, self.offer.volume_id, from, to, self.by.at).await? {
            return Err(ending::over(self.offer.id));
        }
        ending::end(db, self.offer, Ending::Deleted, self.by).await?;
        ending::count(db, self.offer, Ending::Deleted).await
    }

    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        ending::landed(db, self.offer, self.by).await
    }
}
