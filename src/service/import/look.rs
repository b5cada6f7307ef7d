//! The first reading of a document, which holds no lock and changes nothing: it finds what is wrong with the document in itself,
//! and hashes its keys. What is stored has its say in the second.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use super::keys::{Asked, Keys};
use super::transfers::{on_offer, require_verifiable};
use super::{ImportError, Reading};
use crate::document::{Batch, CopyRecord, Fault, Key, LooseCopy, Pass, Place, Source, Stated, TransferRecord, VolumeRecord};
use crate::domain::transfer::State;
use crate::service::prelude::*;

/// Reads the document through; `keys` knows all its clear keys then.
pub(super) async fn look(service: &Service, source: &Arc<Mutex<Source>>, keys: &mut Keys) -> Result<(), ImportError> {
    let mut look = Look { service, keys, now: service.clock.now(), copies: Default::default(), offered: HashMap::new() };
    let mut reading = Reading::begin(source, Pass::Look)?;
    while let Some(batch) = reading.next().await {
        look.at(batch).await?;
    }
    reading.end()
}

struct Look<'a> {
    service: &'a Service,
    keys: &'a mut Keys,
    now: Time,
    /// Every snapshot and backup so far: an id stands once in a document.
    copies: [HashSet<Id>; CopyKind::ALL.len()],
    /// Which transfer of the document offers a volume.
    offered: HashMap<Id, Id>,
}

impl Look<'_> {
    async fn at(&mut self, batch: Batch) -> Result<(), ImportError> {
        match batch {
            Batch::Volumes(records) => records.iter().try_for_each(|record| self.volume(record))?,
            Batch::Snapshots(records) => self.loose_copies(CopyKind::Snapshot, &records)?,
            Batch::Backups(records) => self.loose_copies(CopyKind::Backup, &records)?,
            Batch::Transfers(records) => self.transfers(records).await?,
            // judged as they were read
            Batch::Quotas(_) => {}
            Batch::Identity(records) => super::identity::learn(self.service, self.keys, records).await?,
        }
        Ok(())
    }

    fn volume(&mut self, record: &VolumeRecord) -> Result<(), Fault> {
        record.over(None, self.now)?;
        for (kind, copies) in [(CopyKind::Snapshot, &record.snapshots), (CopyKind::Backup, &record.backups)] {
            for copy in copies.iter().flatten() {
                self.copy(kind, &record.place, copy)?;
            }
        }
        Ok(())
    }

    fn loose_copies(&mut self, kind: CopyKind, records: &[LooseCopy]) -> Result<(), Fault> {
        records.iter().try_for_each(|LooseCopy { place, record, .. }| self.copy(kind, place, record))
    }

    fn copy(&mut self, kind: CopyKind, place: &Place, record: &CopyRecord) -> Result<(), Fault> {
        if !self.copies[kind as usize].insert(record.id) {
            return Err(record.fault(place, "stands twice in this document"));
        }
        record.check(place, self.now)
    }

    async fn transfers(&mut self, records: Vec<TransferRecord>) -> Result<(), ImportError> {
        let mut stored = self.stored(&records).await?;
        let mut asked = Vec::new();
        for record in records {
            let stored = stored.remove(&record.id);
            if matches!(record.state, Stated::Pending(_))
                && let Some(other) = self.offered.insert(record.volume_id, record.id)
            {
                return Err(on_offer(&record, other).into());
            }
            match (&record.state, stored) {
                (Stated::Pending(Key::Clear(key)), None) => asked.push(Asked { id: record.id, key: key.clone(), stored: None }),
                (Stated::Pending(Key::Clear(key)), Some(State::Pending { auth_key_hash })) => {
                    asked.push(Asked { id: record.id, key: key.clone(), stored: Some(auth_key_hash) });
                }
                (Stated::Pending(Key::Hash(hash)), None) => require_verifiable(&record.place, hash)?,
                (Stated::Ended(ended), None) => drop(record.donor_of_ended(ended)?),
                // the second reading compares them
                (_, Some(_)) => {}
            }
        }
        Ok(self.keys.learn(self.service, asked).await?)
    }

    /// As it is now, without a lock: the second reading sees whether it still is.
    async fn stored(&self, records: &[TransferRecord]) -> Result<HashMap<Id, State>, ImportError> {
        let mut db = self.service.store.reader().await?;
        let stored = transfers::TABLE.of(&mut db, "id", records.iter().map(|record| record.id)).await?;
        Ok(stored.into_iter().map(|Transfer { offer, state }| (offer.id, state)).collect())
    }
}
