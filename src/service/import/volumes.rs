//! The volumes of a document, batch by batch.

use super::{Orphans, Outcome, Result, Run, by_id, of_volume};
use crate::document::{Fault, Place, VolumeRecord};
use crate::domain::limits;
use crate::service::prelude::*;

/// A volume that waits for its transfer.
pub(super) struct Claim {
    /// Its record's place in the list.
    pub index: usize,
    pub outcome: Outcome,
    /// Whether its status is `available` meanwhile.
    pub is_available: bool,
}

const ORPHANED: &str = "awaiting-transfer given, but the transfer is neither in this document nor in the database; \
    add it, or load such volumes as available with --orphans available";

/// How many rows are written at once.
const BATCH: usize = 1000;

impl Run<'_> {
    pub(super) async fn volumes(&mut self, records: &[VolumeRecord]) -> Result<()> {
        let ids = || records.iter().map(|record| record.id);
        // a few are sooner added one by one
        if records.len() >= limits::BATCH {
            let new = self.report.of("volumes").created.cast_signed();
            self.indexes.extend(batch::lay_indexes_aside(&mut self.db, new).await?);
        }
        batch::lock(&mut self.db, "volumes", "id", ids()).await?;
        let stored = by_id(volumes::TABLE.of(&mut self.db, "id", ids()).await?);
        let mut becoming = Vec::with_capacity(records.len());
        let mut changed = Vec::new();
        for record in records {
            let stored = stored.get(&record.id);
            let judged = self.volume(record, stored);
            let Some((volume, is_claimed)) = self.note(judged)? else { continue };
            let outcome = self.report.of("volumes").note(stored, &volume);
            if outcome != Outcome::Unchanged {
                self.recount(stored.map(of_volume), Some(of_volume(&volume)));
                changed.push(volume.clone());
            }
            if is_claimed {
                let index = record.place.index;
                self.claims.insert(record.id, Claim { index, outcome, is_available: volume.status.is(KnownStatus::Available) });
            }
            becoming.push((record, volume));
        }
        volumes::TABLE.save(&mut self.db, &changed).await?;
        for kind in CopyKind::ALL {
            self.copies(kind, &becoming).await?;
        }
        Ok(())
    }

    /// What a record makes of a volume, and whether it waits for its transfer.
    fn volume(&self, record: &VolumeRecord, stored: Option<&Volume>) -> Result<(Volume, bool), Fault> {
        let mut volume = record.over(stored, self.now)?;
        let is_claimed = settle_status(record, stored, &mut volume)?;
        let fault = |problem| record.place.field_fault("project_id", problem);
        self.refuse_move(stored.map(of_volume), of_volume(&volume), fault)?;
        Ok((volume, is_claimed))
    }

    /// Volumes that the document calls `awaiting-transfer` although their transfer is neither in it nor stored. An export of Cinder or
    /// EVS has such volumes, since transfers are not in it.
    pub(super) async fn orphans(&mut self) -> Result<()> {
        if self.options.orphans == Orphans::Refuse {
            let place = |(id, claim): (&_, &Claim)| Place { list: "volumes", index: claim.index, id: Some(*id) };
            let mut places: Vec<_> = self.claims.iter().map(place).collect();
            places.sort_by_key(|place| place.index);
            for place in places {
                self.note::<()>(Err(place.field_fault("status", ORPHANED)))?;
            }
            return Ok(());
        }
        let mut freed = Vec::new();
        for (id, claim) in std::mem::take(&mut self.claims).into_iter().filter(|(_, claim)| !claim.is_available) {
            freed.push(id);
            if claim.outcome == Outcome::Unchanged {
                let volumes = self.report.of("volumes");
                volumes.unchanged -= 1;
                volumes.updated += 1;
            }
        }
        for batch in freed.chunks(BATCH) {
            batch::set_available(&mut self.db, batch.iter().copied()).await?;
        }
        Ok(())
    }
}

/// Keeps the status in step with the offers; whether the record calls the volume `awaiting-transfer` while no transfer that is
/// stored names it. Such a volume keeps its status until its transfer comes.
fn settle_status(record: &VolumeRecord, stored: Option<&Volume>, volume: &mut Volume) -> Result<bool, Fault> {
    if let Some(stored) = stored.filter(|stored| stored.status.is(KnownStatus::AwaitingTransfer)) {
        if volume.project_id != stored.project_id {
            let (given, donor) = (&volume.project_id, &stored.project_id);
            let problem = format!("{given} given, but the volume is on offer by {donor}; accept or delete that transfer first");
            return Err(record.place.field_fault("project_id", problem));
        }
        if !volume.status.is(KnownStatus::Available) && !volume.status.is(KnownStatus::AwaitingTransfer) {
            let problem = format!(
                "{} given, but the volume is on offer: available or awaiting-transfer expected, \
                 or accept or delete that transfer first",
                volume.status
            );
            return Err(record.place.field_fault("status", problem));
        }
        // what the offer has set is not the document's to take back
        volume.status.clone_from(&stored.status);
        volume.updated_at = stored.updated_at;
        volume.provisioning = stored.provisioning;
        return Ok(false);
    }
    if !volume.status.is(KnownStatus::AwaitingTransfer) {
        return Ok(false);
    }
    volume.status = stored.map_or_else(|| KnownStatus::Available.into(), |stored| stored.status.clone());
    Ok(true)
}
