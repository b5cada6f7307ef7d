//! Create: a donor offers a volume.

use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use crate::domain::TransferName;
use crate::domain::transfer::MadeOn;
use crate::service::prelude::*;
use crate::store::volumes::Candidate;

/// What a donor asks for: an offer, and the key that opens it, which is nowhere else in the clear.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::Refused`] with every rule that says no.
pub struct Create {
    pub volume_id: Id,
    pub name: Option<TransferName>,
    pub made_on: MadeOn,
    pub no_snapshots: bool,
    /// How long the offer lasts, where it says that itself: no longer than the setting lets any.
    pub expires_in: Option<Duration>,
}

/// What is drawn and hashed before the volume is locked.
pub struct Ready {
    id: Id,
    key: AuthKey,
    key_hash: String,
    /// The volume as it was then.
    seen: Candidate,
    /// On PostgreSQL the project's turn in this process, for the first try: else most of many would find a later offer before them.
    turn: Mutex<Option<OwnedMutexGuard<()>>>,
}

/// How long a turn is waited for: who has none may have to be done again, and comes in order still.
const TURN: Duration = Duration::from_secs(1);
/// How far clocks may differ, and offers come in order still: beyond, one that was ahead once makes no other wait.
const APART: Duration = Duration::from_secs(1);

/// Invariant kept: the volume is `awaiting-transfer` if and only if this one pending transfer names it.
impl Operation for Create {
    type Ready = Ready;
    type Done = (Offer, AuthKey);

    fn intent(&self) -> Intent<'_> {
        Intent::of_record(&policy::TRANSFERS_CREATE, RecordKind::Volume, self.volume_id)
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<Ready> {
        let most = cx.service.offer_lifetime.unwrap_or(Duration::MAX);
        let told = "Invalid input received: expires_in is longer than an offer may last here";
        let too_long = || Error::Invalid(format!("{told}: 1 to {} seconds expected.", most.as_secs()));
        ensure!(self.expires_in.is_none_or(|asked| asked <= most), too_long());
        // what is plainly not to be had costs no hash; one whose time has come is `available`
        let mut seen = volumes::candidate(&mut cx.reader().await?, self.volume_id).await?;
        if seen.as_ref().is_some_and(|seen| seen.is_due(cx.now())) {
            settling::one(&cx.service, self.volume_id).await?;
            seen = volumes::candidate(&mut cx.reader().await?, self.volume_id).await?;
        }
        let seen = self.judge(cx, seen)?;
        let key = random::auth_key(&*cx.service.random);
        let key_hash = cx.hash(key.clone()).await?;
        let id = cx.new_id();
        target.transfer_id = Some(id);
        let mut turn = None;
        // one that names itself has a hash to come
        if cx.service.store.engine() == Engine::Postgres && cx.name.is_none() {
            let (turns, bytes) = (&cx.service.turns, seen.project_id.as_str().bytes());
            let hash = bytes.fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            let own = Arc::clone(&turns[hash % turns.len()]);
            turn = timeout(TURN, own.lock_owned()).await.ok();
        }
        Ok(Ready { id, key, key_hash, seen, turn: turn.into() })
    }

    async fn write(&self, cx: &Context, ready: &Ready, tx: &mut Tx<'_>) -> Result<Self::Done> {
        let (Ready { id, key, key_hash, seen, turn }, volume_id) = (ready, self.volume_id);
        let is_as_seen = tx.presumes();
        let (candidate, last) = if is_as_seen {
            (seen.clone(), Time::EPOCH)
        } else {
            drop(turn.lock().take()); // nobody else waits while this waits for locks
            self.locked(cx, tx).await?
        };
        // the donor is the volume's project, whoever offers it
        let made = Stamp { project_id: candidate.project_id.clone(), ..cx.stamp(candidate.changed_at.max(last)) };
        let offer = Offer {
            id: *id,
            volume_id,
            name: self.name.clone(),
            made_on: self.made_on,
            no_snapshots: self.no_snapshots,
            expires_at: self.expires_in.or(cx.service.offer_lifetime).map(|lifetime| made.at.after(lifetime)),
            made,
        };
        let transfer = Transfer { offer, state: State::Pending { auth_key_hash: key_hash.clone() } };
        volumes::offer(tx, &transfer.offer, &candidate);
        usage::offered(tx, &candidate.project_id, transfer.offer.made.at, !is_as_seen);
        transfers::TABLE.insert_later(tx, &transfer);
        tx.count(volume_id, Counts::OFFERED);
        Ok((transfer.offer, key.clone()))
    }

    const FIRST_ANSWER: Option<FirstAnswer<Self::Done>> =
        Some(FirstAnswer { parts: |(offer, key)| (offer.id, Some(key)), again: |offer, key| Some((offer, key?)) });
}

impl Create {
    /// The volume, locked, as it may be offered; the turn of its project taken, and what an offer comes after.
    async fn locked(&self, cx: &Context, tx: &mut Tx<'_>) -> Result<(Candidate, Time)> {
        ensure!(volumes::lock(tx, self.volume_id).await?, Error::NotFound(RecordKind::Volume, self.volume_id));
        let mut seen = volumes::candidate(tx, self.volume_id).await?;
        if seen.as_ref().is_some_and(|seen| seen.is_due(cx.now())) {
            expiry::of_volume(&cx.service, tx, self.volume_id, cx.now()).await?;
            seen = volumes::candidate(tx, self.volume_id).await?;
        }
        let candidate = self.judge(cx, seen)?;
        let last = usage::take_turn(tx, &candidate.project_id).await?;
        let comes_after = if last > cx.now().after(APART) { Time::EPOCH } else { last.after(Duration::from_micros(1)) };
        Ok((candidate, comes_after))
    }

    /// The volume, if it exists for the caller, which is its own project or an admin, and may be offered.
    fn judge(&self, cx: &Context, candidate: Option<Candidate>) -> Result<Candidate> {
        let is_seen = |seen: &Candidate| seen.project_id == cx.caller.project || cx.sees_every_project();
        let candidate = candidate.filter(is_seen).ok_or(Error::NotFound(RecordKind::Volume, self.volume_id))?;
        let terms = Terms { made_on: self.made_on, no_snapshots: self.no_snapshots };
        let refusals = cx.service.rules.refusals(&candidate.facts, terms, Moment::Create);
        if refusals.is_empty() { Ok(candidate) } else { Err(Error::Refused(refusals)) }
    }
}
