//! Create: a donor offers a volume.

use super::expiry;
use crate::domain::TransferName;
use crate::domain::transfer::MadeOn;
use crate::service::prelude::*;
use crate::service::volumes::settling;
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
}

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
        // what is plainly not to be had costs no hash
        let seen = self.candidate(cx).await?;
        let seen = self.judge(cx, seen)?;
        let key = random::auth_key(&*cx.service.random);
        let key_hash = cx.hash(key.clone()).await?;
        let id = cx.new_id();
        target.transfer_id = Some(id);
        Ok(Ready { id, key, key_hash, seen })
    }

    async fn write(&self, cx: &Context, ready: &Ready, tx: &mut Tx<'_>) -> Result<Self::Done> {
        let (Ready { id, key, key_hash, .. }, volume_id) = (ready, self.volume_id);
        let presumed = tx.presumes().then(|| ready.seen.clone());
        let mut seen = match (volumes::lock(tx, volume_id).await?, presumed) {
            (true, None) => volumes::candidate(tx, volume_id).await?,
            (is_there, presumed) => presumed.filter(|_| is_there),
        };
        if seen.as_ref().is_some_and(|seen| seen.is_due(cx.now())) {
            expiry::of_volume(&cx.service, tx, volume_id, cx.now()).await?;
            seen = volumes::candidate(tx, volume_id).await?;
        }
        let candidate = self.judge(cx, seen)?;
        // offers of a project take their turn from here to COMMIT: whoever has read a later one has read this one too
        usage::take_turn(tx, &candidate.project_id).await?;
        // the donor is the volume's project, whoever offers it
        let made = Stamp { project_id: candidate.project_id.clone(), ..cx.stamp(candidate.changed_at) };
        let expires_at = self.expires_in.or(cx.service.offer_lifetime).map(|lifetime| made.at.after(lifetime));
        let offer = Offer {
            id: *id,
            volume_id,
            name: self.name.clone(),
            made,
            made_on: self.made_on,
            no_snapshots: self.no_snapshots,
            expires_at,
        };
        let state = State::Pending { auth_key_hash: key_hash.clone() };
        let transfer = Transfer { offer, state };
        transfers::TABLE.insert_later(tx, &transfer);
        let offer = transfer.offer;
        volumes::offer(tx, &offer, &candidate);
        tx.count(volume_id, Counts::OFFERED);
        Ok((offer, key.clone()))
    }

    const FIRST_ANSWER: Option<FirstAnswer<Self::Done>> =
        Some(FirstAnswer { parts: |(offer, key)| (offer.id, Some(key)), again: |offer, key| Some((offer, key?)) });
}

impl Create {
    /// The volume as the rules see it now: one whose time has come is `available`.
    async fn candidate(&self, cx: &Context) -> Result<Option<Candidate>> {
        let seen = volumes::candidate(&mut cx.reader().await?, self.volume_id).await?;
        if !seen.as_ref().is_some_and(|seen| seen.is_due(cx.now())) {
            return Ok(seen);
        }
        settling::one(&cx.service, self.volume_id).await?;
        Ok(volumes::candidate(&mut cx.reader().await?, self.volume_id).await?)
    }

    /// The volume, if it exists for the caller, which is its own project or an admin, and may be offered.
    fn judge(&self, cx: &Context, candidate: Option<Candidate>) -> Result<Candidate> {
        let is_seen = |project: &ProjectId| *project == cx.caller.project || cx.sees_every_project();
        let candidate = candidate.filter(|candidate| is_seen(&candidate.project_id));
        let candidate = candidate.ok_or(Error::NotFound(RecordKind::Volume, self.volume_id))?;
        let terms = Terms { made_on: self.made_on, no_snapshots: self.no_snapshots };
        let refusals = cx.service.rules.refusals(&candidate.facts, terms, Moment::Create);
        if refusals.is_empty() { Ok(candidate) } else { Err(Error::Refused(refusals)) }
    }
}
