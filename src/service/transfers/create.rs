//! Create: a donor offers a volume.

use crate::service::{
    Asker, Done, Error, Service,
    once::{self, Claim},
    volumes::settle,
};
use crate::{
    domain::{
        AuthKey, Id, Noun, Offer, ProjectId, TransferName, VolumeStatus,
        rules::{Moment, RuleSet, Terms},
        transfer::MadeOn,
    },
    secrets::random,
    store::{
        Db, Write,
        counts::{self, Counts},
        transfers,
        volumes::{self, Candidate},
    },
};

/// What a donor asks for.
#[derive(Debug)]
pub struct Create {
    pub volume_id: Id,
    pub name: Option<TransferName>,
    pub made_on: MadeOn,
    pub no_snapshots: bool,
}

/// Offers a volume, once: the offer, and the key that opens it, which is nowhere else in the clear.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::Refused`] with every rule that says no.
pub async fn create(service: &Service, asker: &Asker, wanted: Create) -> Result<Done<(Offer, AuthKey)>, Error> {
    let claim = once::claim(service, asker).await?;
    let work = offer(service, asker, wanted, claim.as_ref());
    once::once(service, claim.as_ref(), work).await
}

async fn offer(service: &Service, asker: &Asker, wanted: Create, claim: Option<&Claim>) -> Result<(Offer, AuthKey), Error> {
    let offer = Offer {
        id: random::id(&*service.random),
        volume_id: wanted.volume_id,
        name: wanted.name,
        made: service.stamp(asker),
        made_on: wanted.made_on,
        no_snapshots: wanted.no_snapshots,
    };
    // what is plainly not to be had costs no hash
    let seen = candidate(service, offer.volume_id).await?;
    judge(service.rules, &offer, seen)?;

    let key = random::auth_key(&*service.random);
    let auth_key_hash = service.hash.hash(key.clone(), random::bytes(&*service.random)).await?;
    asker.still_waits()?;
    let made = (offer, key);
    let write = MakeOffer { rules: service.rules, offer: &made.0, auth_key_hash: &auth_key_hash };
    once::write(service, claim, &made, &write).await?;
    Ok(made)
}

/// The volume as the rules see it now: one that was still `creating` may have become `available`.
async fn candidate(service: &Service, id: Id) -> Result<Option<Candidate>, Error> {
    let seen = volumes::candidate(&mut service.store.reader().await?, id).await?;
    let is_creating = |candidate: &Candidate| candidate.facts.status.as_str() == VolumeStatus::CREATING;
    if !seen.as_ref().is_some_and(is_creating) {
        return Ok(seen);
    }
    settle::one(service, id).await?;
    Ok(volumes::candidate(&mut service.store.reader().await?, id).await?)
}

/// Whether the donor has the volume and may offer it.
fn judge(rules: RuleSet, offer: &Offer, candidate: Option<Candidate>) -> Result<(), Error> {
    let owned = |candidate: &Candidate| is_owner(&offer.made.project_id, candidate);
    let candidate = candidate.filter(owned).ok_or(Error::NotFound(Noun::Volume, offer.volume_id))?;
    let refusals = rules.refusals(&candidate.facts, Terms::of(offer), Moment::Create);
    if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
}

/// Only its own project offers a volume; an admin's project is no other.
fn is_owner(project: &ProjectId, candidate: &Candidate) -> bool {
    candidate.project_id == *project
}

/// Invariant kept: the volume is `awaiting-transfer` if and only if this one pending transfer names it.
struct MakeOffer<'a> {
    rules: RuleSet,
    offer: &'a Offer,
    auth_key_hash: &'a str,
}

impl Write for MakeOffer<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        let Offer { volume_id, made, .. } = self.offer;
        let candidate = volumes::locked_candidate(db, *volume_id).await?;
        judge(self.rules, self.offer, candidate)?;
        transfers::insert_pending(db, self.offer, self.auth_key_hash).await?;
        let is_set =
            volumes::set_status(db, *volume_id, VolumeStatus::AVAILABLE, VolumeStatus::AWAITING_TRANSFER, made.at).await?;
        if !is_set {
            return Err(Error::NotFound(Noun::Volume, *volume_id)); // judged under the lock, so never: but no offer without its status
        }
        counts::add(db, *volume_id, Counts::OFFERED).await?;
        Ok(())
    }

    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        volumes::lock(db, self.offer.volume_id).await?;
        Ok(transfers::by_id(db, self.offer.id).await?.map(|_| ()))
    }
}
