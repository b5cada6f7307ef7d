//! The transfers of a document, batch by batch, after all its volumes.

use super::{ImportError, Outcome, Result, Run, by_id, no_volume};
use crate::document::{Ended, Fault, Key, Place, Stated, TransferRecord};
use crate::service::prelude::*;
use crate::store::volumes::Candidate;

/// The user of an offer whose document and volume name none.
const NOBODY: &str = "import";

/// What a batch is judged against, read under the locks of its volumes.
struct Known {
    transfers: HashMap<Id, Transfer>,
    volumes: HashMap<Id, Candidate>,
    /// Which transfer offers a volume.
    offered: HashMap<Id, Id>,
}

impl Run<'_> {
    pub(super) async fn transfers(&mut self, records: &[TransferRecord]) -> Result<()> {
        let mut known = self.known(records).await?;
        let mut put_on_offer = Vec::new();
        let mut new = Vec::new();
        for record in records {
            if self.is_faulty(record.volume_id) {
                continue;
            }
            if let Some(stored) = known.transfers.get(&record.id) {
                let same = self.same(record, stored);
                if self.note(same)?.is_none() {
                    self.claims.remove(&record.volume_id);
                }
                self.report.of("transfers").count(Outcome::Unchanged);
                continue;
            }
            self.report.of("transfers").count(Outcome::Created);
            match &record.state {
                Stated::Pending(key) => {
                    let (judged, hash) = (self.judge(record, key, &mut known), self.hash_of(record, key));
                    let (Some((offer, offered_at)), Some(auth_key_hash)) = (self.note(judged)?, self.note(hash)?) else {
                        continue;
                    };
                    self.counts += Counts::OFFERED;
                    put_on_offer.push((offer.volume_id, offered_at, offer.expires_at));
                    new.push(Transfer { offer, state: State::Pending { auth_key_hash } });
                }
                Stated::Ended(ended) => {
                    self.counts += Counts::of(ended.how);
                    let ended = self.ended(record, ended);
                    new.extend(self.note(ended)?);
                }
            }
        }
        transfers::TABLE.insert_all(&mut self.db, &new).await?;
        batch::put_on_offer(&mut self.db, &put_on_offer).await?;
        Ok(())
    }

    async fn known(&mut self, records: &[TransferRecord]) -> Result<Known> {
        let is_pending = |record: &&TransferRecord| matches!(record.state, Stated::Pending(_));
        let volumes = || records.iter().filter(is_pending).map(|record| record.volume_id);
        batch::lock(&mut self.db, "volumes", "id", volumes()).await?;
        let transfers = transfers::TABLE.of(&mut self.db, "id", records.iter().map(|record| record.id)).await?;
        let offerable = batch::offerable(&mut self.db, volumes()).await?;
        let offered = transfers::pending_of(&mut self.db, volumes()).await?;
        Ok(Known {
            transfers: by_id(transfers),
            volumes: offerable.into_iter().map(|volume| (volume.id, volume)).collect(),
            offered: offered.into_iter().map(|Transfer { offer, .. }| (offer.volume_id, offer.id)).collect(),
        })
    }

    /// A stored transfer is never changed: the record says the same, or is refused.
    fn same(&self, record: &TransferRecord, stored: &Transfer) -> Result<()> {
        let differing = record.differs_from(stored);
        match (&stored.state, &record.state) {
            (State::Ended { how, by }, _) if differing.is_some() => {
                let problem = format!("has ended in the database ({} on {}); give the transfer a new id", how.as_str(), by.at);
                return Err(record.place.fault(problem).into());
            }
            (State::Pending { auth_key_hash }, Stated::Pending(key)) if differing.is_none() => {
                let is_right = match key {
                    Key::Hash(hash) => hash.expose_secret() == auth_key_hash,
                    Key::Clear(_) => self.keys.opens(record.id, auth_key_hash).ok_or_else(|| meanwhile(record))?,
                };
                ensure!(is_right, differs(&record.place, "auth_key").into());
            }
            _ => {}
        }
        differing.map_or(Ok(()), |field| Err(differs(&record.place, &field).into()))
    }

    /// What is stored of a key. Nothing is hashed here, under the locks.
    fn hash_of(&self, record: &TransferRecord, key: &Key) -> Result<String> {
        match key {
            Key::Hash(hash) => {
                require_verifiable(&record.place, hash)?;
                Ok(hash.expose_secret().to_owned())
            }
            Key::Clear(_) => self.keys.hash(record.id).map(str::to_owned).ok_or_else(|| meanwhile(record)),
        }
    }

    /// Whether a pending offer may be made, as the API would judge it. Gives the offer, and when its volume is changed by it:
    /// `None` where the document says of the volume too that it is on offer, and so knows when it was changed.
    fn judge(&mut self, record: &TransferRecord, key: &Key, known: &mut Known) -> Result<(Offer, Option<Time>), Fault> {
        let place = &record.place;
        let is_claimed = self.claims.remove(&record.volume_id).is_some();
        let volume = known.volumes.get_mut(&record.volume_id).ok_or_else(|| no_volume(place, record.volume_id))?;
        if let Some(transfer) = known.offered.insert(record.volume_id, record.id) {
            return Err(on_offer(record, transfer));
        }
        let project = &volume.project_id;
        if let Some(donor) = record.donor().filter(|donor| *donor != project) {
            let problem = format!("{donor} given, but the volume is of {project}: only its own project offers a volume");
            return Err(place.field_fault("source_project_id", problem));
        }
        let offer = record.offer(Stamp {
            at: self.now,
            project_id: project.clone(),
            user_id: volume.user_id.clone().unwrap_or_else(|| NOBODY.to_owned()),
            request_id: random::id(&*self.service.random),
        });
        record.judge_end(&offer, None)?;
        if is_claimed {
            // it was available when the offer was made that it awaits the end of
            volume.facts.status = KnownStatus::Available.into();
        }
        let refusals = self.service.rules.refusals(&volume.facts, Terms::of(&offer), Moment::Create);
        // an offer of old that comes back as it was is let through: accept asks the rules again
        let is_as_it_was = is_claimed && matches!(key, Key::Hash(_));
        if !is_as_it_was && !refusals.is_empty() {
            let said: Vec<_> = refusals.iter().map(|no| format!("{} ({})", no.code, no.message)).collect();
            let problem = format!("volume {} may not be transferred: {}", record.volume_id, said.join("; "));
            return Err(place.field_fault("volume_id", problem));
        }
        let offered_at = (!is_claimed).then_some(offer.made.at);
        Ok((offer, offered_at))
    }

    /// An ended transfer, as history: its volume may be gone since.
    fn ended(&self, record: &TransferRecord, ended: &Ended) -> Result<Transfer, Fault> {
        let donor = record.donor_of_ended(ended)?;
        let request = || random::id(&*self.service.random);
        let offer = record.offer(Stamp { at: self.now, project_id: donor, user_id: NOBODY.to_owned(), request_id: request() });
        record.judge_end(&offer, Some(ended))?;
        let by = Stamp {
            at: ended.at,
            project_id: ended.project_id.clone(),
            user_id: ended.user_id.clone(),
            request_id: ended.request_id.unwrap_or_else(request),
        };
        Ok(Transfer { offer, state: State::Ended { how: ended.how, by } })
    }
}

/// Another transfer offers the record's volume.
pub(super) fn on_offer(record: &TransferRecord, other: Id) -> Fault {
    let problem = format!("volume {} is on offer already, by transfer {other}", record.volume_id);
    record.place.field_fault("volume_id", problem)
}

/// A hash that can never be checked would fail its transfer at accept.
pub(super) fn require_verifiable(place: &Place, hash: &SecretString) -> Result<(), Fault> {
    let problem = "is no Argon2id hash that can be checked here, a PHC string ($argon2id$v=19$…) expected";
    if hash::is_verifiable(hash.expose_secret()) { Ok(()) } else { Err(place.field_fault("auth_key_hash", problem)) }
}

/// The transfer is not what it was when the record's key was hashed.
fn meanwhile(record: &TransferRecord) -> ImportError {
    ImportError::Meanwhile(record.place.clone())
}

fn differs(place: &Place, field: &str) -> Fault {
    let problem = "differs from the transfer with this id in the database; an import does not change a transfer: \
                   delete it there first, or give this one a new id";
    place.field_fault(field, problem)
}
