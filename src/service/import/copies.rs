//! The snapshots and backups of a document: where a volume's record lists them, the stored ones become that list; a record by
//! itself says only that this one is there.

use super::{Outcome, Result, Run, by_id, no_volume, of_copy, of_volume};
use crate::document::{CopyRecord, Fault, LooseCopy, Origin, Place, VolumeRecord};
use crate::service::prelude::*;

/// A volume whose record lists its copies.
struct Listed<'a> {
    place: &'a Place,
    volume: &'a Volume,
    records: &'a [CopyRecord],
}

/// Stored ones, by their volume and their own id.
type Stored = HashMap<(Id, Id), VolumeCopy>;

impl Run<'_> {
    /// Those of records of volumes, each with what it has become.
    pub(super) async fn copies(&mut self, kind: CopyKind, becoming: &[(&VolumeRecord, Volume)]) -> Result<()> {
        let listed = becoming.iter().filter_map(|(record, volume)| {
            let records = kind.either(record.snapshots.as_deref(), record.backups.as_deref())?;
            Some(Listed { place: &record.place, volume, records })
        });
        let listed: Vec<_> = listed.collect();
        if listed.is_empty() {
            return Ok(());
        }
        batch::lock(&mut self.db, kind.plural(), "volume_id", listed.iter().map(|of| of.volume.id)).await?;
        let stored = kind.table().of(&mut self.db, "volume_id", listed.iter().map(|of| of.volume.id)).await?;
        let mut stored: Stored = stored.into_iter().map(|copy| ((copy.volume_id, copy.id), copy)).collect();
        self.refuse_taken(kind, &listed, &stored).await?;

        let (owners, mut changed) = (listed, Vec::new());
        for Listed { place, volume, records } in &owners {
            for record in *records {
                let stored = stored.remove(&(volume.id, record.id));
                let origin = self.origin(volume, stored.as_ref());
                let copy = self.changed(kind, (place, record), &origin, stored.as_ref());
                changed.extend(self.note(copy)?.flatten());
            }
        }
        let gone: Vec<_> = stored.into_values().collect();
        self.report.of(kind.plural()).removed += gone.len() as u64;
        for copy in &gone {
            // nor is it taken away where it could be made anew for another project
            if let Some(Listed { place, volume, .. }) = owners.iter().find(|listed| listed.volume.id == copy.volume_id) {
                let fault = |problem| place.field_fault(kind.plural(), problem);
                self.note(self.refuse_move(Some(of_copy(copy)), of_volume(volume), fault))?;
            }
            self.recount(Some(of_copy(copy)), None);
        }
        volumes::change_copies(&mut self.db, changed.iter().chain(&gone).map(|copy| copy.volume_id)).await?;
        copies::remove(&mut self.db, kind, &gone).await?;
        kind.table().save(&mut self.db, &changed).await?;
        Ok(())
    }

    /// Whose a copy is where its record does not say so: its volume's, where that may move it.
    fn origin(&self, volume: &Volume, stored: Option<&VolumeCopy>) -> Origin {
        stored.filter(|_| !self.options.is_moving).map_or_else(|| Origin::volume(volume), Origin::stored)
    }

    /// What is stored under an id belongs to the same volume.
    async fn refuse_taken(&mut self, kind: CopyKind, listed: &[Listed<'_>], stored: &Stored) -> Result<()> {
        let mut new = HashMap::new();
        for Listed { place, volume, records } in listed {
            for record in *records {
                if !stored.contains_key(&(volume.id, record.id)) {
                    new.insert(record.id, (*place, record));
                }
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let taken = kind.table().of(&mut self.db, "id", new.keys().copied()).await?;
        for copy in &taken {
            if let Some((place, record)) = new.get(&copy.id) {
                self.note::<()>(Err(belongs_elsewhere(place, record, copy)))?;
            }
        }
        Ok(())
    }

    /// Records by themselves, whose volumes are in the document or in the database; but a backup outlives its volume.
    pub(super) async fn loose_copies(&mut self, kind: CopyKind, records: &[LooseCopy]) -> Result<()> {
        let ids = || records.iter().map(|loose| loose.volume_id);
        volumes::change_copies(&mut self.db, ids()).await?;
        batch::lock(&mut self.db, kind.plural(), "volume_id", ids()).await?;
        let volumes = by_id(volumes::TABLE.of(&mut self.db, "id", ids()).await?);
        let stored = by_id(kind.table().of(&mut self.db, "id", records.iter().map(|loose| loose.record.id)).await?);
        let mut changed = Vec::new();
        for loose in records {
            if self.is_faulty(loose.volume_id) {
                continue;
            }
            let copy = self.loose(kind, loose, volumes.get(&loose.volume_id), stored.get(&loose.record.id));
            changed.extend(self.note(copy)?.flatten());
        }
        kind.table().save(&mut self.db, &changed).await?;
        Ok(())
    }

    fn loose(
        &mut self,
        kind: CopyKind,
        loose: &LooseCopy,
        volume: Option<&Volume>,
        stored: Option<&VolumeCopy>,
    ) -> Result<Option<VolumeCopy>, Fault> {
        let LooseCopy { place, volume_id, record } = loose;
        if let Some(stored) = stored.filter(|stored| stored.volume_id != *volume_id) {
            return Err(belongs_elsewhere(place, record, stored));
        }
        let origin = match (volume, stored) {
            (Some(volume), stored) => self.origin(volume, stored),
            (None, Some(stored)) => Origin::stored(stored),
            (None, None) => orphan_backup(kind, loose)?,
        };
        self.changed(kind, (place, record), &origin, stored)
    }

    /// What a record makes of what is stored, counted; `None` where that is nothing new.
    fn changed(
        &mut self,
        kind: CopyKind,
        (place, record): (&Place, &CopyRecord),
        origin: &Origin,
        stored: Option<&VolumeCopy>,
    ) -> Result<Option<VolumeCopy>, Fault> {
        let copy = record.over(place, origin, stored, self.now)?;
        self.refuse_move(stored.map(of_copy), of_copy(&copy), |problem| record.fault(place, problem))?;
        let is_changed = self.report.of(kind.plural()).note(stored, &copy) != Outcome::Unchanged;
        if is_changed {
            self.recount(stored.map(of_copy), Some(of_copy(&copy)));
        }
        Ok(is_changed.then_some(copy))
    }
}

/// What a new backup says of itself whose volume is nowhere.
fn orphan_backup(kind: CopyKind, loose: &LooseCopy) -> Result<Origin, Fault> {
    let origin = if kind == CopyKind::Backup { loose.origin()? } else { None };
    origin.ok_or_else(|| {
        let mut fault = no_volume(&loose.place, loose.volume_id);
        if kind == CopyKind::Backup {
            fault.problem += "; give project_id and size if the backup has outlived it";
        }
        fault
    })
}

fn belongs_elsewhere(place: &Place, record: &CopyRecord, stored: &VolumeCopy) -> Fault {
    record.fault(place, format!("belongs to volume {} in the database; give it a new id", stored.volume_id))
}
