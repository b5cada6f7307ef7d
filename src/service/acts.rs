//! What is noted of each write that is asked for. What was done is noted in its own transaction; a refusal, which rolls that
//! back, in one of its own. A flood of refusals is bounded: of a project so many are kept in an hour, the rest is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::service::prelude::*;
use crate::store::acts::{self, Witness};

/// How long a refusal is held back to be noted, where others are writing. Then it is answered all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which refusals are not kept.
#[derive(Debug, Default)]
pub struct Refusals {
    pub not_kept: AtomicU64,
    /// The hour of which a project's share is used up, in hours since 1970: nothing more is asked of the database until it is over.
    full: Mutex<HashMap<ProjectId, i64>>,
}

impl Refusals {
    fn is_full(&self, project: &ProjectId, hour: i64) -> bool {
        let mut full = self.full.lock();
        full.retain(|_, since| *since == hour);
        full.contains_key(project)
    }
}

/// The act of this caller's, now.
pub(super) fn act(cx: &Context, action: &'static Action, target: Target, outcome: Outcome) -> Act {
    let act = Act::of(cx.stamp(Time::EPOCH), action.name, target, outcome);
    Act { address: cx.address.map(|address| address.to_string()), ..act }
}

/// Notes a refusal. Where that fails the caller is answered as ever: what it was told is true, whoever remembers it.
pub(super) async fn refused(cx: &Context, intent: &Intent<'_>, outcome: Outcome) {
    let action = intent.action;
    let refusals = &cx.service.refusals;
    let hour = cx.now().hour();
    let noting = async {
        if refusals.is_full(&cx.caller.project, hour) {
            return Ok(false);
        }
        let mut target = intent.target.clone();
        // with its volume, where the record is there
        if let Some((record_kind, id)) = intent.record.filter(|_| target.volume_id.is_none()) {
            let found = acts::find(&mut cx.reader().await?, record_kind, id).await?;
            target.volume_id = found.map(|found| found.volume_id);
        }
        let refusing = Refusing(act(cx, action, target, outcome));
        cx.service.store.write(&refusing).await
    };
    match tokio::time::timeout(PATIENCE, noting).await {
        Ok(Ok(true)) => return,
        Ok(Ok(false)) => drop(refusals.full.lock().insert(cx.caller.project.clone(), hour)),
        Ok(Err(error)) => tracing::warn!(%error, action = action.name, "a refusal is not noted"),
        Err(_) => tracing::warn!(action = action.name, "a refusal is not noted: others are writing"),
    }
    refusals.not_kept.fetch_add(1, Ordering::Relaxed);
}

/// Invariant kept: what is kept of a project's refusals in an hour is what is counted, a thousand at most.
struct Refusing(Act);

impl Write for Refusing {
    /// Whether there was room for it.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<bool, StoreError> {
        let has_room = acts::has_room(db, &self.0).await?;
        if has_room {
            acts::insert(db, &self.0);
        }
        Ok(has_room)
    }

    fn witness(&self) -> Option<Witness> {
        Some(Witness { target: self.0.target, request_id: self.0.request_id })
    }
}

impl Error {
    /// What is noted of a refusal; `None` where the service failed to do what might have been done.
    pub fn refusal(&self) -> Option<Outcome> {
        let code = match self {
            Self::NotFound(..) | Self::NotKnown(..) | Self::Missing(_) => "not_found",
            Self::Unauthorized(_) => "unauthorized",
            Self::TooMany(..) => "too_many",
            Self::Conflict(_) => "conflict",
            Self::NoMetadata(..) => "no_metadata",
            Self::Refused(_) => "refused",
            Self::WrongKey(_) => "wrong_key",
            Self::Invalid(_) => "invalid",
            Self::OverQuota(_) => "over_quota",
            Self::Forbidden(_) => "forbidden",
            Self::KeyReused(_) => "key_reused",
            Self::Expired(_) => "expired",
            Self::InProgress(..) => "in_progress",
            Self::MarkerNotFound | Self::Abandoned | Self::Hash(_) | Self::Store(_) => return None,
        };
        let refusals = if let Self::Refused(refusals) = self { refusals.as_slice() } else { &[] };
        let reasons = refusals.iter().map(|refusal| refusal.code.to_owned()).collect();
        Some(Outcome::Refused { code: code.to_owned(), reasons })
    }
}

// History: the acts of a database, as an operator asks for them.

/// Which acts.
#[derive(Debug, Clone)]
pub struct Asked {
    /// From then on.
    pub since: Time,
    /// Of this project's callers alone.
    pub project: Option<ProjectId>,
    /// On this transfer alone, from its create to its end.
    pub transfer: Option<Id>,
}

/// Hands each act to `take`, oldest first, a batch in memory at a time.
///
/// # Errors
/// When the database cannot be read, and what `take` says no with.
pub async fn history<E: From<StoreError>>(
    store: &Store,
    asked: &Asked,
    mut take: impl FnMut(&Act) -> Result<(), E>,
) -> Result<(), E> {
    let fits = |act: &&Act| act.at >= asked.since && asked.project.as_ref().is_none_or(|project| act.project_id == *project);
    let mut db = store.snapshot().await?;
    if let Some(transfer) = asked.transfer {
        return acts::of_transfer(&mut db, transfer, i64::MAX).await?.iter().filter(fits).try_for_each(take);
    }
    let mut last = (asked.since, Id::NIL);
    loop {
        let batch = acts::behind(&mut db, last).await?;
        let Some(newest) = batch.last() else { return Ok(()) };
        last = (newest.at, newest.request_id);
        batch.iter().filter(fits).try_for_each(&mut take)?;
    }
}
