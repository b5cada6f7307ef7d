//! The door: what every operation that a caller asks for goes through. An operation states its rule and its transaction; what it
//! has in common with all others is done here, each in one place.
//!
//! 1. policy: may this caller do it;
//! 2. prepare: the operation reads without a lock, says a cheap no, draws and hashes;
//! 3. replay: a request that names itself and was done before gets its first answer, whatever prepare said;
//! 4. write: one transaction of its own work, the request's name, and the act;
//! 5. doubt: where COMMIT's answer is lost, the act is there or it is not ([`Store::write`](crate::store::Store::write));
//! 6. a refusal leaves its act too.
//!
//! What only looks goes through the policy alone.

use std::sync::atomic::{AtomicBool, Ordering};

use derive_more::{Deref, DerefMut};

use super::acts;
use super::replay::{self, Claim};
use crate::service::prelude::*;
use crate::store::acts::{self as stored, Witness};
use crate::store::counts;

/// Something that a caller asks to be done.
pub trait Operation: Sync {
    /// What is read, drawn and hashed before anything is locked.
    type Ready: Send + Sync;
    /// What comes of it.
    type Done: Send + Sync;

    /// What is to be done, and to what.
    fn intent(&self) -> Intent<'_>;

    /// Reads without a lock, says a cheap no, draws and hashes. No lock and no connection is held while hashing. What the request
    /// does not say of the target is added to it.
    fn prepare(&self, cx: &Context, target: &mut Target) -> impl Future<Output = Result<Self::Ready>> + Send;

    /// The whole transaction. It may be run several times; an error rolls it back.
    fn write(&self, cx: &Context, ready: &Self::Ready, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Done>> + Send;

    /// What a retry is answered with. `None` of what is not done once.
    const FIRST_ANSWER: Option<FirstAnswer<Self::Done>> = None;
}

/// What is kept of an answer for a retry: the transfer, and its key where it was shown; the rest is in the transfer's record, which is
/// kept for good.
pub struct FirstAnswer<T> {
    /// The transfer and the key of what was done.
    pub parts: fn(&T) -> (Id, Option<&AuthKey>),
    /// The same again; `None` where a part of it is missing.
    pub again: fn(Offer, Option<AuthKey>) -> Option<T>,
}

impl FirstAnswer<Offer> {
    /// Of what is answered with the transfer alone.
    pub const TRANSFER: Option<Self> = Some(Self { parts: |offer| (offer.id, None), again: |offer, _| Some(offer) });
}

/// Of an operation that has nothing to do before it locks.
macro_rules! unprepared {
    () => {
        type Ready = ();

        async fn prepare(&self, _: &Context, _: &mut Target) -> Result<()> {
            Ok(())
        }
    };
}
pub(super) use unprepared;

/// What is to be done, and to what.
pub struct Intent<'a> {
    /// What the policy calls it.
    pub action: &'static Action,
    /// What it is done to, as far as the request says.
    pub target: Target,
    /// The record that the request names.
    pub record: Option<(RecordKind, Id)>,
    /// The user whose own it is, who may whatever the policy says.
    pub user: Option<&'a str>,
    /// Whether the policy is asked before it is seen whether the record exists for the caller. Else to strangers it is not there.
    pub is_policy_first: bool,
}

impl Intent<'_> {
    /// To do this to what is no record that the request names.
    pub fn new(action: &'static Action, target: Target) -> Self {
        Self { action, target, record: None, user: None, is_policy_first: false }
    }

    /// To do this to the record that the request names.
    pub fn of_record(action: &'static Action, kind: RecordKind, id: Id) -> Self {
        Self { record: Some((kind, id)), ..Self::new(action, Target::record(kind, id)) }
    }
}

/// What was done, now or when the same request came first.
#[derive(Debug)]
pub struct Performed<T> {
    pub outcome: T,
    /// What the links of the first answer began with, if this is a retry: it gets the same answer, whichever address it asks.
    pub first_links: Option<String>,
}

impl<T> Performed<T> {
    /// What was done now.
    pub(super) const fn now(outcome: T) -> Self {
        Self { outcome, first_links: None }
    }
}

/// A transaction under way, and what is to be counted at its end.
#[derive(Deref, DerefMut)]
pub struct Tx<'db> {
    #[deref(forward)]
    #[deref_mut(forward)]
    db: &'db mut Db,
    /// By the volume first counted: who takes the slots of two could wait for whoever took them the other way round.
    counted: Option<(Id, Counts)>,
    /// Nothing was in its way before.
    is_first: bool,
}

impl<'db> Tx<'db> {
    /// A transaction that has begun.
    pub(super) const fn over(db: &'db mut Db) -> Self {
        Self { db, counted: None, is_first: false }
    }

    /// Whether what was read before anything was locked is taken to be so still, as it nearly always is: what is left for later is
    /// then held to it, and where it is not so, others were in the way, and the next try reads it under the lock.
    pub(super) fn presumes(&mut self) -> bool {
        self.db.presume(self.is_first);
        self.is_first
    }

    /// Counts what is to be counted.
    pub(super) fn end(self) {
        if let Some((volume, sum)) = self.counted {
            counts::add(self.db, volume, sum);
        }
    }

    /// Counts a change of a volume's transfers: last in the transaction, since others may wait for the same slot.
    pub(super) fn count(&mut self, volume: Id, change: Counts) {
        self.counted.get_or_insert((volume, Counts::default())).1 += change;
    }
}

/// Whether the caller may see it: nothing is read before. The record is the one that the request names: to strangers it is not there,
/// whatever the policy says.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] of a record that does not exist for the caller, whatever the policy says.
pub async fn permit(cx: &Context, action: &'static Action, record: Option<(RecordKind, Id)>) -> Result<()> {
    let Err(forbidden) = policy::permit(cx, action, None) else { return Ok(()) };
    if let Some((record_kind, id)) = record {
        let found = stored::find(&mut cx.reader().await?, record_kind, id).await?;
        found.filter(|found| found.is_current && cx.sees(&found.project_id)).ok_or(Error::NotFound(record_kind, id))?;
    }
    Err(forbidden)
}

async fn permit_to(cx: &Context, intent: &Intent<'_>) -> Result<()> {
    let hidden = intent.record.filter(|_| !intent.is_policy_first);
    permit(cx, intent.action, hidden).await
}

/// The same, and a connection to read by what may be seen.
///
/// # Errors
/// As of [`permit`].
pub(super) async fn look(cx: &Context, action: &'static Action, record: Option<(RecordKind, Id)>) -> Result<Db> {
    permit(cx, action, record).await?;
    Ok(cx.reader().await?)
}

/// Does what the caller asks for, once.
///
/// # Errors
/// [`Error::Forbidden`], and what the operation says no with: then nothing is changed, and the refusal is noted.
pub async fn perform<O: Operation>(cx: &Context, operation: &O) -> Result<Performed<O::Done>> {
    let intent = operation.intent();
    let checked = replay::check_signature(cx).await;
    let is_unused = cx.signature.is_some() && checked.is_ok();
    let attempt = async {
        checked?;
        if intent.user != Some(&cx.caller.user) {
            permit_to(cx, &intent).await?;
        }
        // boxed: every layer above would carry a whole transaction's state otherwise
        Box::pin(once(cx, operation, &intent)).await
    };
    let mut performed = attempt.await;
    // what is done now has used it up with its work; what the service failed to do may be sent again
    let is_answered = performed.as_ref().map_or_else(|error| error.refusal().is_some(), |done| done.first_links.is_some());
    if is_unused
        && is_answered
        && let Err(error) = replay::spend_signature(cx).await
    {
        performed = Err(error);
    }
    if let Err(error) = &performed
        && let Some(refusal) = error.refusal()
    {
        acts::refused(cx, &intent, refusal).await;
    }
    performed
}

/// What would come of an operation: all that it does is undone; its refusal, where it would be refused.
///
/// # Errors
/// Where it could not be found out.
pub async fn rehearse<O: Operation>(cx: &Context, operation: &O) -> Result<Option<Error>> {
    let intent = operation.intent();
    replay::check_signature(cx).await?;
    let rehearsing = async {
        permit_to(cx, &intent).await?;
        let ready = operation.prepare(cx, &mut intent.target.clone()).await?;
        // never committed
        let mut db = cx.service.store.transaction().await?;
        let mut tx = Tx::over(&mut db);
        operation.write(cx, &ready, &mut tx).await?;
        Ok::<_, Error>(tx.flush().await?)
    };
    match rehearsing.await {
        Ok(()) => Ok(None),
        Err(error) => match error.refusal() {
            // a key was tried, whatever for
            Some(outcome) if matches!(error, Error::WrongKey(_) | Error::TooMany(..)) => {
                replay::spend_signature(cx).await?;
                acts::refused(cx, &intent, outcome).await;
                Ok(Some(error))
            }
            Some(_) => Ok(Some(error)),
            None => Err(error),
        },
    }
}

/// What a request comes to that may name itself: the first answer if there was one.
async fn once<O: Operation>(cx: &Context, operation: &O, intent: &Intent<'_>) -> Result<Performed<O::Done>> {
    let mut target = intent.target.clone();
    let prepared = operation.prepare(cx, &mut target).await;
    let Some(name) = &cx.name else { return act(cx, operation, intent, (prepared?, target), None).await.map(Performed::now) };
    // a name costs a hash, and what never was on offer has no first answer: anybody may ask for what does not exist
    let ready = match prepared {
        // neither has what is beyond the limit
        Err(no @ Error::TooMany(..)) => return Err(no),
        Err(no) if no.refusal().is_some() && !replay::may_be_known(cx, intent.record).await? => return Err(no),
        prepared => prepared,
    };
    let claim = replay::claim(cx, name).await?;
    let work = Box::pin(async { act(cx, operation, intent, (ready?, target), Some(&claim)).await });
    replay::once::<O>(cx, &claim, work).await
}

async fn act<O: Operation>(
    cx: &Context,
    operation: &O,
    intent: &Intent<'_>,
    (ready, target): (O::Ready, Target),
    claim: Option<&Claim>,
) -> Result<O::Done> {
    cx.progress.begin_writing()?;
    let acting = Acting { cx, operation, action: intent.action, ready, target, claim, is_again: AtomicBool::new(false) };
    cx.service.store.write(&acting).await
}

/// The transaction of an operation.
struct Acting<'a, O: Operation> {
    cx: &'a Context,
    operation: &'a O,
    action: &'static Action,
    ready: O::Ready,
    /// What the act is kept under.
    target: Target,
    /// The name that the request takes, where it has one.
    claim: Option<&'a Claim>,
    /// It was tried before.
    is_again: AtomicBool,
}

impl<O: Operation> Write for Acting<'_, O> {
    type Done = O::Done;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<O::Done> {
        let Self { cx, operation, ready, claim, .. } = self;
        let is_first = !self.is_again.swap(true, Ordering::Relaxed);
        // before every lock: who waits for a twin holds nothing that another waits for
        replay::use_signature(cx, db).await?;
        if let Some(claim) = claim {
            claim.take(db).await?;
        }
        let mut tx = Tx { is_first, ..Tx::over(db) };
        let done = operation.write(cx, ready, &mut tx).await?;
        if let Some(claim) = claim {
            claim.seal::<O>(cx, &mut tx, &done).await?;
        }
        stored::insert(&mut tx, &acts::act(cx, self.action, self.target.clone(), Outcome::Done));
        tx.end();
        Ok(done)
    }

    fn witness(&self) -> Option<Witness> {
        Some(Witness { target: self.target.key(&self.cx.caller.project), request_id: self.cx.request_id })
    }
}
