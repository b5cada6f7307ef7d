//! Delete: a project deletes a volume of its own, an admin any; with cascade its snapshots too, by force in any status.

use super::show;
use crate::service::prelude::*;

/// How far a deletion goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// If its status allows.
    Gently,
    /// Whatever its status is; a pending transfer of it ends. For admins.
    ByForce,
    /// The same, by the action of that name, which has a policy of its own.
    ForceDelete,
}

/// The deletion of a volume; backups of it stay.
///
/// # Errors
/// [`Error::NotFound`], for another project's too; [`Error::Invalid`] when its status, a server or its snapshots forbid it.
pub struct Delete {
    pub id: Id,
    /// Its snapshots go with it.
    pub cascade: bool,
    pub manner: Manner,
}

/// Invariant kept: no snapshot and no pending transfer is left without its volume, and nobody pays for what is gone.
impl Operation for Delete {
    unprepared!();

    type Done = ();

    fn intent(&self) -> Intent<'_> {
        let action = match self.manner {
            Manner::Gently => &policy::VOLUMES_DELETE,
            Manner::ByForce => &policy::VOLUMES_DELETE_BY_FORCE,
            Manner::ForceDelete => &policy::VOLUMES_FORCE_DELETE,
        };
        Intent::of_record(action, RecordKind::Volume, self.id)
    }

    async fn write(&self, cx: &Context, (): &(), tx: &mut Tx<'_>) -> Result<()> {
        let volume = show::locked(cx, tx, self.id).await?;
        let snapshots = copies::SNAPSHOTS.of(tx, "volume_id", [self.id]).await?;
        self.judge_volume(tx, &volume).await?;
        self.judge_snapshots(cx, &snapshots)?;
        ending::withdraw(cx, tx, self.id, volume.updated_at.unwrap_or(volume.created_at)).await?;
        copies::remove(tx, CopyKind::Snapshot, &snapshots).await?;
        volumes::TABLE.remove(tx, self.id).await?;
        for (project, usage) in used(&volume, &snapshots) {
            quotas::charge(cx, tx, project, -usage, None).await?;
        }
        Ok(())
    }
}

/// What is freed, by project: a snapshot that a transfer left behind is its old project's.
fn used<'a>(volume: &'a Volume, snapshots: &'a [VolumeCopy]) -> BTreeMap<&'a ProjectId, Usage> {
    let mut used = BTreeMap::from([(&volume.project_id, volume.usage())]);
    for snapshot in snapshots {
        let sum = used.entry(&snapshot.project_id).or_default();
        *sum = *sum + crate::service::copies::usage(CopyKind::Snapshot, snapshot);
    }
    used
}

/// Without force. Source: Cinder's `volume/api.py`.
const DELETABLE: [&str; 5] = ["available", "error", "error_restoring", "error_extending", "error_managing"];

/// A snapshot's, with cascade and without force.
const DELETABLE_SNAPSHOT: [&str; 2] = ["available", "error"];

impl Delete {
    fn is_by_force(&self) -> bool {
        self.manner != Manner::Gently
    }

    async fn judge_volume(&self, db: &mut Db, volume: &Volume) -> Result<()> {
        if volume.is_attached() || volume.status.as_str() == "in-use" {
            return refused("Volume must not be attached. Detach it first; that goes for a forced delete too.");
        }
        if self.is_by_force() || DELETABLE.contains(&volume.status.as_str()) {
            return Ok(());
        }
        if let Some(pending) = transfers::pending_of(db, [volume.id]).await?.first() {
            return refused(&format!(
                "Volume must not be awaiting a transfer. Transfer {} offers it: delete that transfer first, or ask an admin to \
                 delete the volume by force, which ends the transfer.",
                pending.offer.id
            ));
        }
        refused(&format!(
            "Volume status must be {}, and it is {}. Have an admin reset the status (os-reset_status), or \
             delete the volume by force.",
            DELETABLE.join(" or "),
            volume.status
        ))
    }

    fn judge_snapshots(&self, cx: &Context, snapshots: &[VolumeCopy]) -> Result<()> {
        if snapshots.is_empty() {
            return Ok(());
        }
        let left_behind = snapshots.iter().filter(|snapshot| !cx.sees(&snapshot.project_id)).count();
        if left_behind > 0 {
            return refused(&format!(
                "Volume must not be disassociated from snapshots after a transfer, and {left_behind} of its snapshots are another \
                 project's, such as the one that handed it over. Ask that project to delete them, or an admin to delete the \
                 volume with cascade."
            ));
        }
        if !self.cascade {
            return refused(&format!(
                "Volume must not have snapshots, and it has {}. Delete them first, or delete the volume with cascade.",
                snapshots.len()
            ));
        }
        match snapshots.iter().find(|snapshot| !DELETABLE_SNAPSHOT.contains(&snapshot.status.as_str())) {
            Some(busy) if !self.is_by_force() => refused(&format!(
                "The status of every snapshot must be {}, and {} is {}. Have an admin reset it (os-reset_status), or \
                 delete the volume by force with cascade.",
                DELETABLE_SNAPSHOT.join(" or "),
                busy.id,
                busy.status
            )),
            _ => Ok(()),
        }
    }
}

fn refused(why: &str) -> Result<()> {
    Err(Error::Invalid(format!("Invalid volume: {why}")))
}
