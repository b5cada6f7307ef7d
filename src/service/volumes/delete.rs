//! Delete: a project deletes a volume of its own, an admin any; with cascade its snapshots too, by force in any status.

use std::collections::BTreeMap;

use super::show;
use crate::{
    domain::{
        Copy, Id, ProjectId, Volume,
        quota::Usage,
        transfer::{Ending, Stamp},
    },
    service::{Asker, Error, Service, quotas, transfers::ending},
    store::{
        Db, Write,
        copies::{self, Kind},
        load_transfers, volumes,
    },
};

/// How a volume is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delete {
    /// Its snapshots go with it.
    pub cascade: bool,
    /// Whatever its status is; a pending transfer of it ends. For admins.
    pub force: bool,
}

/// Deletes a volume; backups of it stay.
///
/// # Errors
/// [`Error::NotFound`], for another project's too; [`Error::Forbidden`] by force to who is no admin; [`Error::Invalid`] when
/// its status, a server or its snapshots forbid it.
pub async fn delete(service: &Service, asker: &Asker, id: Id, how: Delete) -> Result<(), Error> {
    service.store.write(&Deleting { service, asker, id, how, by: service.stamp(asker) }).await
}

/// Invariant kept: no snapshot and no pending transfer is left without its volume, and nobody pays for what is gone.
struct Deleting<'a> {
    service: &'a Service,
    asker: &'a Asker,
    id: Id,
    how: Delete,
    by: Stamp,
}

impl Write for Deleting<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        let volume = show::locked(db, self.asker, self.id, self.by.at).await?;
        if self.how.force {
            self.asker.must_be_admin("volume:force_delete")?;
        }
        let snapshots = copies::of_volumes(db, Kind::Snapshot, [self.id]).await?;
        self.judge_volume(db, &volume).await?;
        self.judge_snapshots(&snapshots)?;
        let withdrawn = ending::withdraw(db, self.id, &self.by).await?;
        copies::remove(db, Kind::Snapshot, &snapshots).await?;
        volumes::remove(db, self.id).await?;
        for (project, usage) in used(&volume, &snapshots) {
            quotas::charge(self.service, db, project, -usage).await?;
        }
        match withdrawn {
            Some(offer) => ending::count(db, &offer, Ending::Deleted).await,
            None => Ok(()),
        }
    }

    /// Once the volume is gone it is deleted, by whichever of several who wanted it.
    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        Ok(if volumes::lock(db, self.id).await? { None } else { Some(()) })
    }
}

/// What is freed, by project: a snapshot that a transfer left behind is its old project's.
fn used<'a>(volume: &'a Volume, snapshots: &'a [Copy]) -> BTreeMap<&'a ProjectId, Usage> {
    let mut used = BTreeMap::from([(&volume.project_id, Usage::volume(volume.size))]);
    for snapshot in snapshots {
        let sum = used.entry(&snapshot.project_id).or_default();
        *sum = *sum + Usage::snapshot(snapshot.size);
    }
    used
}

/// Without force. Source: Cinder's `volume/api.py`.
const DELETABLE: [&str; 5] = ["available", "error", "error_restoring", "error_extending", "error_managing"];

/// A snapshot's, with cascade and without force.
const DELETABLE_SNAPSHOT: [&str; 2] = ["available", "error"];

impl Deleting<'_> {
    async fn judge_volume(&self, db: &mut Db, volume: &Volume) -> Result<(), Error> {
        if volume.is_attached() || volume.status.as_str() == "in-use" {
            return refused("Volume must not be attached. Detach it first; that goes for a forced delete too.");
        }
        if self.how.force || DELETABLE.contains(&volume.status.as_str()) {
            return Ok(());
        }
        if let Some(pending) = load_transfers::pending_of(db, [volume.id]).await?.first() {
            return refused(&format!(
                "Volume must not be awaiting a transfer. Transfer {} offers it: delete that transfer first, or ask an admin to \
                 delete the volume by force, which ends the transfer.",
                pending.offer.id
            ));
        }
        refused(&format!(
            "Volume status must be {}, and it is {}. Wait until that is over, or ask an admin to delete the volume by force.",
            DELETABLE.join(" or "),
            volume.status
        ))
    }

    fn judge_snapshots(&self, snapshots: &[Copy]) -> Result<(), Error> {
        if snapshots.is_empty() {
            return Ok(());
        }
        let left_behind = snapshots.iter().filter(|snapshot| !self.asker.caller.may_see(&snapshot.project_id)).count();
        if left_behind > 0 {
            return refused(&format!(
                "Volume must not be disassociated from snapshots after a transfer, and {left_behind} of its snapshots are another \
                 project's, such as the one that handed it over. Ask that project to delete them, or an admin to delete the \
                 volume with cascade."
            ));
        }
        if !self.how.cascade {
            return refused(&format!(
                "Volume must not have snapshots, and it has {}. Delete them first, or delete the volume with cascade.",
                snapshots.len()
            ));
        }
        match snapshots.iter().find(|snapshot| !DELETABLE_SNAPSHOT.contains(&snapshot.status.as_str())) {
            Some(busy) if !self.how.force => refused(&format!(
                "The status of every snapshot must be {}, and {} is {}. Wait until that is over, or ask an admin to delete the \
                 volume by force with cascade.",
                DELETABLE_SNAPSHOT.join(" or "),
                busy.id,
                busy.status
            )),
            _ => Ok(()),
        }
    }
}

fn refused(why: &str) -> Result<(), Error> {
    Err(Error::Invalid(format!("Invalid volume: {why}")))
}
