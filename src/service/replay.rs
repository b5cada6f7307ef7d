//! Replay: a request that names itself by a header is done once, and each retry of it gets the first answer. The name is taken
//! in the transaction that does the work. Refusals leave it free: a retry after one is tried anew.

use std::borrow::Cow;

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use super::Performed;
use crate::domain::limits::ANSWERED;
use crate::secrets::sealing::Keys;
use crate::service::prelude::*;
use crate::store::FromRow;
use crate::store::idempotency::{self, Claimed};

/// What makes up the secret beside a name, so that no other use of the same text comes to the same.
const USE: &str = "handover: a request done once";

const USED: &str = "This very signature was used before: sign each request anew, a second later where it is the same request.";

/// What a request calls itself. Never printed.
#[derive(Clone)]
pub struct RequestName {
    /// Which header says it: two headers name two things.
    pub header: &'static str,
    /// Its value, in one form where it has several.
    pub name: SecretString,
    /// All that the answer depends on, in one form: another request under the same name is refused.
    pub request: SecretString,
    /// What the links of the answer begin with.
    pub links: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    transfer: Id,
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

/// Whether something may have been done before to the record that a request names: a transfer has been there.
pub(super) async fn may_be_known(cx: &Context, record: Option<(RecordKind, Id)>) -> Result<bool> {
    let mut db = cx.reader().await?;
    Ok(match record {
        Some((RecordKind::Volume, volume)) => transfers::has_any(&mut db, volume).await?,
        Some((RecordKind::Transfer, id)) => transfers::TABLE.by_id(&mut db, id).await?.is_some(),
        _ => true,
    })
}

/// The claim that the request of this name makes.
pub(super) async fn claim(cx: &Context, RequestName { header, name, request, links }: &RequestName) -> Result<Claim> {
    // a project's id holds no NUL, so no two callers write the same; the user comes last
    let secret = cx.derive(name.clone(), [USE, header, cx.caller.project.as_str(), &cx.caller.user].join("\0")).await?;
    Ok(Claim { header, keys: Keys::new(&secret, request), links: links.clone(), at: cx.now() })
}

/// Whether the signature of a signed request is still to be used.
///
/// # Errors
/// [`Error::Unauthorized`] when a write that was done, or refused, has used it up, on whatever replica.
pub(super) async fn check_signature(cx: &Context) -> Result<()> {
    let Some(signature) = &cx.signature else { return Ok(()) };
    let used = idempotency::by_key(&mut cx.reader().await?, signature).await?;
    used.map_or(Ok(()), |_| Err(Error::Unauthorized(USED)))
}

/// Uses up the signature of a signed request, on every replica and over every restart.
///
/// # Errors
/// [`Error::Unauthorized`] when it was used before.
pub(super) async fn use_signature(cx: &Context, db: &mut Db) -> Result<()> {
    let Some(signature) = &cx.signature else { return Ok(()) };
    idempotency::insert(db, signature, signature, cx.now()).await.map_err(|error| match error {
        StoreError::Duplicate { .. } => Error::Unauthorized(USED),
        other => other.into(),
    })
}

/// The same in a transaction of its own.
pub(super) async fn spend_signature(cx: &Context) -> Result<()> {
    cx.service.store.write(&Repeatable(cx, |cx, db| Box::pin(use_signature(cx, db)))).await
}

/// The first answer to this request if there was one, else `work`, which takes the name.
pub(super) async fn once<O: Operation>(
    cx: &Context,
    claim: &Claim,
    work: impl Future<Output = Result<O::Done>>,
) -> Result<Performed<O::Done>> {
    if let Some(performed) = claim.earlier::<O>(cx).await? {
        return Ok(performed);
    }
    let done = work.await.map(Performed::now);
    let Err(error) = done else { return done };
    // whatever said no, a twin may have been done meanwhile: it may be the very reason
    match claim.earlier::<O>(cx).await {
        Ok(Some(performed)) => Ok(performed),
        Err(taken @ (Error::KeyReused(_) | Error::Expired(_) | Error::Store(StoreError::OutcomeUnknown(_)))) => Err(taken),
        _ => Err(error),
    }
}

impl Claim {
    /// What was done under this name before.
    async fn earlier<O: Operation>(&self, cx: &Context) -> Result<Option<Performed<O::Done>>> {
        let mut db = cx.reader().await?;
        let Some(claimed) = idempotency::by_key(&mut db, &self.keys.key_hash).await? else { return Ok(None) };
        ensure!(claimed.request_hash == self.keys.request_hash, Error::KeyReused(self.header));
        let is_answered = claimed.created_at >= self.at.before(ANSWERED);
        let sealed = claimed.sealed.filter(|_| is_answered).ok_or(Error::Expired(self.header))?;
        let opened = self.keys.open(&sealed).ok_or_else(|| self.unfit())?;
        let kept: Kept = serde_json::from_slice(&opened).map_err(|_| self.unfit())?;
        let transfer = transfers::TABLE.by_id(&mut db, kept.transfer).await?.ok_or_else(|| self.unfit())?;
        let key = kept.auth_key.map(|key| AuthKey::claimed(key.into_owned()));
        drop(db);
        // it may be committed, and its own caller unanswered, since it is not on the disk yet
        let nothing: Repeatable<_, (), StoreError> = Repeatable((), |(), _| Box::pin(async { Ok(()) }));
        cx.service.store.write(&nothing).await?;
        let outcome = O::FIRST_ANSWER.and_then(|of| (of.again)(transfer.offer, key)).ok_or_else(|| self.unfit())?;
        Ok(Some(Performed { outcome, first_links: Some(kept.links.into_owned()) }))
    }

    fn unfit(&self) -> StoreError {
        StoreError::Inconsistent { table: Claimed::TABLE, column: "sealed", row: self.keys.key_hash.clone() }
    }

    /// Takes the name, or waits for the twin that is taking it.
    pub(super) async fn take(&self, db: &mut Db) -> Result<()> {
        let Keys { key_hash, request_hash, .. } = &self.keys;
        let taken = idempotency::insert(db, key_hash, request_hash, self.at).await;
        taken.map_err(|error| match error {
            // a writer of an SQLite file is the only one: there it is another process that is in the way
            StoreError::Contended(_) if db.engine() == Engine::Sqlite => error.into(),
            StoreError::Contended(_) | StoreError::Duplicate { .. } => Error::InProgress(self.header, error),
            other => other.into(),
        })
    }

    /// Keeps the answer under the name that was taken, in the same transaction.
    pub(super) async fn seal<O: Operation>(&self, cx: &Context, db: &mut Db, done: &O::Done) -> Result<(), StoreError> {
        let Some(FirstAnswer { parts, .. }) = O::FIRST_ANSWER else { return Ok(()) };
        let (transfer, key) = parts(done);
        let kept = Kept { transfer, auth_key: key.map(|key| key.expose().into()), links: (&*self.links).into() };
        let kept = Zeroizing::new(serde_json::to_vec(&kept).expect("three texts are JSON"));
        idempotency::seal(db, &self.keys.key_hash, &self.keys.seal(cx.random_bytes(), &kept)).await
    }
}
