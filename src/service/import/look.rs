//! The first reading of a document, which holds no lock and changes nothing: it finds what is wrong with the document in itself,
//! and hashes its keys. What is stored has its say in the second.

use super::keys::{Asked, Keys};
use super::transfers::{on_offer, require_verifiable};
use super::{ImportError, Reading, Result};
use crate::document::{
    Batch, CopyRecord, Fault, Key, LooseCopy, Pass, Place, ReadError, Source, Stated, TransferRecord, VolumeRecord,
};
use crate::domain::limits::FAULTS;
use crate::service::prelude::*;

/// Reads the document through; `keys` knows all its clear keys then.
pub(super) async fn look(service: &Service, source: &Arc<Mutex<Source>>, keys: &mut Keys) -> Result<()> {
    let (now, most) = (service.clock.now(), usize::from(FAULTS));
    let mut look = Look { service, keys, now, copies: Default::default(), offered: HashMap::new(), faults: Vec::new() };
    let mut reading = Reading::begin(source, Pass::Look)?;
    while let Some(batch) = reading.batches.recv().await {
        look.at(batch).await?;
        ensure!(look.faults.len() < most, ReadError::Faults(look.faults.drain(..most).collect()).into());
    }
    let Look { mut faults, .. } = look;
    match reading.end() {
        Err(ImportError::Read(ReadError::Faults(more))) => faults.extend(more),
        done => done?,
    }
    faults.truncate(most);
    if faults.is_empty() { Ok(()) } else { Err(ReadError::Faults(faults).into()) }
}

struct Look<'a> {
    service: &'a Service,
    keys: &'a mut Keys,
    now: Time,
    /// Every snapshot and backup so far: an id stands once in a document.
    copies: [HashSet<Id>; CopyKind::ALL.len()],
    /// Which transfer of the document offers a volume.
    offered: HashMap<Id, Id>,
    faults: Vec<Fault>,
}

impl Look<'_> {
    async fn at(&mut self, batch: Batch) -> Result<()> {
        match batch {
            Batch::Volumes(records) => records.iter().for_each(|record| self.volume(record)),
            Batch::Snapshots(records) => self.loose_copies(CopyKind::Snapshot, &records),
            Batch::Backups(records) => self.loose_copies(CopyKind::Backup, &records),
            Batch::Transfers(records) => self.transfers(records).await?,
            // judged as they were read
            Batch::Quotas(_) => {}
            Batch::VolumeTypes(records) => records.iter().for_each(|record| self.note(record.over(None, self.now).map(drop))),
            Batch::Identity(records) => super::identity::learn(self.service, self.keys, records).await?,
        }
        Ok(())
    }

    /// Goes on where a record is wrong: all that is wrong is told at once.
    fn note(&mut self, judged: Result<(), Fault>) {
        self.faults.extend(judged.err());
    }

    fn volume(&mut self, record: &VolumeRecord) {
        self.note(record.over(None, self.now).map(drop));
        for (kind, copies) in [(CopyKind::Snapshot, &record.snapshots), (CopyKind::Backup, &record.backups)] {
            copies.iter().flatten().for_each(|copy| self.copy(kind, &record.place, copy));
        }
    }

    fn loose_copies(&mut self, kind: CopyKind, records: &[LooseCopy]) {
        for LooseCopy { place, record, .. } in records {
            self.copy(kind, place, record);
        }
    }

    fn copy(&mut self, kind: CopyKind, place: &Place, record: &CopyRecord) {
        let is_new = self.copies[kind as usize].insert(record.id);
        self.note(if is_new {
            record.check(place, self.now)
        } else {
            Err(record.fault(place, "stands twice in this document"))
        });
    }

    async fn transfers(&mut self, records: Vec<TransferRecord>) -> Result<()> {
        // as it is now, without a lock: the second reading sees whether it still is
        let mut db = self.service.store.reader().await?;
        let stored = transfers::TABLE.of(&mut db, "id", records.iter().map(|record| record.id)).await?;
        drop(db);
        let mut stored: HashMap<_, _> = stored.into_iter().map(|Transfer { offer, state }| (offer.id, state)).collect();
        let mut asked = Vec::new();
        for record in records {
            let stored = stored.remove(&record.id);
            if matches!(record.state, Stated::Pending(_))
                && let Some(other) = self.offered.insert(record.volume_id, record.id)
            {
                self.note(Err(on_offer(&record, other)));
                continue;
            }
            match (&record.state, stored) {
                (Stated::Pending(Key::Clear(key)), None) => asked.push(Asked { id: record.id, key: key.clone(), stored: None }),
                (Stated::Pending(Key::Clear(key)), Some(State::Pending { auth_key_hash })) => {
                    asked.push(Asked { id: record.id, key: key.clone(), stored: Some(auth_key_hash) });
                }
                (Stated::Pending(Key::Hash(hash)), None) => self.note(require_verifiable(&record.place, hash)),
                (Stated::Ended(ended), None) => self.note(record.donor_of_ended(ended).map(drop)),
                // the second reading compares them
                (_, Some(_)) => {}
            }
        }
        Ok(self.keys.learn(self.service, asked).await?)
    }
}
