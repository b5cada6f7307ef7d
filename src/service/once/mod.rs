//! Once: a request that names itself by a header is done once, and each retry of it gets the first answer. The name is taken
//! in the transaction that does the work. Refusals leave no trace: a retry after one is tried anew.

use std::{borrow::Cow, future::Future};

use secrecy::{SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Serialize};

use super::{Asker, Error, Service};
use crate::{
    domain::{AuthKey, Id, Offer, Time},
    secrets::{random, sealing::Keys},
    store::{Db, FromRow, StoreError, Write, idempotency, idempotency::Claimed, transfers},
};

/// How long a retry is answered as the first time, in hours. Source: EVS's `X-Client-Token`.
pub const ANSWERED: u32 = 8;
/// How long a name is known to be taken, in hours: thirty days, after which no client retries and its use is a new request.
pub const REMEMBERED: u32 = 30 * 24;

/// What makes up the secret beside a name, so that no other use of the same text comes to the same.
const USE: &str = "handover: a request done once";

/// What a request says of itself. Never printed.
#[derive(Debug, Clone)]
pub struct Once {
    /// Which header says it: two headers name two things.
    pub header: &'static str,
    /// Its value, in one form where it has several.
    pub name: SecretString,
    /// All that the answer depends on, in one form: another request under the same name is refused.
    pub request: SecretString,
    /// What the links of the answer begin with.
    pub links: String,
}

/// What was done, now or when the same request came first.
#[derive(Debug)]
pub struct Done<T> {
    pub outcome: T,
    /// What the links of the first answer began with, if this is a retry: it gets the same answer, whichever address it asks.
    pub first_links: Option<String>,
}

/// What an operation gives, as far as a retry needs it. The rest is in the transfer's record, which is kept for good.
pub(super) trait Outcome: Sized {
    fn offer(&self) -> &Offer;
    fn key(&self) -> Option<&AuthKey>;
    fn again(offer: Offer, key: Option<AuthKey>) -> Option<Self>;
}

impl Outcome for Offer {
    fn offer(&self) -> &Offer {
        self
    }

    fn key(&self) -> Option<&AuthKey> {
        None
    }

    fn again(offer: Offer, _: Option<AuthKey>) -> Option<Self> {
        Some(offer)
    }
}

impl Outcome for (Offer, AuthKey) {
    fn offer(&self) -> &Offer {
        &self.0
    }

    fn key(&self) -> Option<&AuthKey> {
        Some(&self.1)
    }

    fn again(offer: Offer, key: Option<AuthKey>) -> Option<Self> {
        Some((offer, key?))
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    transfer: Cow<'a, str>,
    auth_key: Option<Cow<'a, str>>,
    links: Cow<'a, str>,
}

/// The claim of this request to its name.
pub(super) struct Claim {
    header: &'static str,
    keys: Keys,
    links: String,
    at: Time,
}

/// The claim that the request makes; `None` when it does not name itself.
pub(super) async fn claim(service: &Service, asker: &Asker) -> Result<Option<Claim>, Error> {
    let Some(Once { header, name, request, links }) = asker.once.clone() else { return Ok(None) };
    // a project's id holds no NUL, so no two callers write the same; the user comes last
    let salt = [USE, header, asker.caller.project.as_str(), &asker.caller.user].join("\0");
    let secret = service.hash.derive(name, salt).await?;
    Ok(Some(Claim { header, keys: Keys::new(&secret, &request), links, at: service.clock.now() }))
}

/// The first answer to this request if there was one, else `work`, which takes the name by [`write`].
pub(super) async fn once<T: Outcome>(
    service: &Service,
    claim: Option<&Claim>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<Done<T>, Error> {
    let now = |outcome| Done { outcome, first_links: None };
    let Some(claim) = claim else { return work.await.map(now) };
    if let Some(done) = claim.earlier(service).await? {
        return Ok(done);
    }
    let error = match work.await {
        Ok(outcome) => return Ok(now(outcome)),
        Err(error) => error,
    };
    // whatever said no, a twin may have been done meanwhile: it may be the very reason
    match claim.earlier(service).await {
        Ok(Some(done)) => Ok(done),
        Err(taken @ (Error::NameTaken(_) | Error::TooLate(_))) => Err(taken),
        _ => Err(error),
    }
}

/// Runs `write` to its COMMIT, and with it takes the name for `outcome`.
pub(super) async fn write<T: Outcome, W: Write<Error = Error>>(
    service: &Service,
    claim: Option<&Claim>,
    outcome: &T,
    write: &W,
) -> Result<W::Done, Error> {
    let Some(claim) = claim else { return service.store.write(write).await };
    let sealed = claim.keys.seal(random::bytes(&*service.random), &claim.kept(outcome));
    service.store.write(&Claiming { claim, sealed, write }).await
}

impl Claim {
    /// What was done under this name before.
    async fn earlier<T: Outcome>(&self, service: &Service) -> Result<Option<Done<T>>, Error> {
        let mut db = service.store.reader().await?;
        let Some(claimed) = idempotency::by_key(&mut db, &self.keys.key_hash).await? else { return Ok(None) };
        if claimed.request_hash != self.keys.request_hash {
            return Err(Error::NameTaken(self.header));
        }
        let is_answered = claimed.created_at >= self.at.hours_before(ANSWERED);
        let sealed = claimed.sealed.filter(|_| is_answered).ok_or(Error::TooLate(self.header))?;
        let opened = self.keys.open(&sealed).ok_or_else(|| self.unfit())?;
        let kept: Kept = serde_json::from_slice(&opened).map_err(|_| self.unfit())?;
        let id = Id::parse(&kept.transfer).ok_or_else(|| self.unfit())?;
        let transfer = transfers::by_id(&mut db, id).await?.ok_or_else(|| self.unfit())?;
        let key = kept.auth_key.map(|key| AuthKey::claimed(key.into_owned()));
        let outcome = T::again(transfer.offer, key).ok_or_else(|| self.unfit())?;
        Ok(Some(Done { outcome, first_links: Some(kept.links.into_owned()) }))
    }

    fn kept<T: Outcome>(&self, outcome: &T) -> Zeroizing<Vec<u8>> {
        let kept = Kept {
            transfer: outcome.offer().id.to_string().into(),
            auth_key: outcome.key().map(|key| key.expose().into()),
            links: (&*self.links).into(),
        };
        Zeroizing::new(serde_json::to_vec(&kept).expect("three texts are JSON"))
    }

    fn unfit(&self) -> StoreError {
        StoreError::Inconsistent { table: Claimed::TABLE, column: "sealed", row: self.keys.key_hash.clone() }
    }

    /// Takes the name, or waits for the twin that is taking it.
    async fn take(&self, db: &mut Db, sealed: &[u8]) -> Result<(), Error> {
        let Keys { key_hash, request_hash, .. } = &self.keys;
        idempotency::insert(db, key_hash, request_hash, self.at, sealed).await.map_err(|error| match error {
            StoreError::Contended(_) | StoreError::Duplicate { .. } => Error::TwinRuns(self.header, error),
            other => other.into(),
        })?;
        let (answered, remembered) = (self.at.hours_before(ANSWERED), self.at.hours_before(REMEMBERED));
        Ok(idempotency::tidy(db, answered, remembered).await?)
    }
}

/// A transaction that takes a name, then does what is asked.
struct Claiming<'a, W> {
    claim: &'a Claim,
    sealed: Vec<u8>,
    write: &'a W,
}

impl<W: Write<Error = Error>> Write for Claiming<'_, W> {
    type Done = W::Done;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<W::Done, Error> {
        // before every lock: who waits for a twin holds nothing that another waits for
        self.claim.take(db, &self.sealed).await?;
        self.write.run(db).await
    }

    /// Where the work is, the claim is.
    async fn landed(&self, db: &mut Db) -> Result<Option<W::Done>, Error> {
        self.write.landed(db).await
    }
}
