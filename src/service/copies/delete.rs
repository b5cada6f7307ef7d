//! Delete: a snapshot or a backup is gone, and no longer counts for its project.

use super::{change, usage};
use crate::service::prelude::*;

/// The statuses that something can be deleted from. Source: Cinder's `volume/api.py` and `backup/api.py`.
const DELETABLE: [&str; 2] = ["available", "error"];

/// The deletion of one that exists for the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] when its status or an incremental backup is in the way.
pub struct Delete {
    pub kind: CopyKind,
    pub id: Id,
    /// Whether whatever its status; for admins.
    pub is_by_force: bool,
}

/// Invariant kept: what a project has by its usage is the sum of its rows.
impl Operation for Delete {
    type Ready = VolumeCopy;
    type Done = ();

    fn intent(&self) -> Intent<'_> {
        let action = if self.is_by_force {
            self.kind.either(&policy::SNAPSHOTS_FORCE_DELETE, &policy::BACKUPS_FORCE_DELETE)
        } else {
            self.kind.either(&policy::SNAPSHOTS_DELETE, &policy::BACKUPS_DELETE)
        };
        Intent::of_record(action, self.kind.record_kind(), self.id)
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<VolumeCopy> {
        change::see(cx, self.kind, self.id, target).await
    }

    async fn write(&self, cx: &Context, seen: &VolumeCopy, tx: &mut Tx<'_>) -> Result<()> {
        let copy = change::lock(cx, tx, self.kind, seen).await?;
        let words = self.kind.either(
            "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
            "Invalid backup: Backup status must be available or error.",
        );
        let refusal = || format!("{words} It is {}. Have an admin reset its status (os-reset_status).", copy.status);
        ensure!(self.is_by_force || DELETABLE.contains(&copy.status.as_str()), Error::Invalid(refusal()));
        let is_parent = self.kind == CopyKind::Backup && copies::parents(tx, [copy.volume_id]).await?.contains(&copy.id);
        let words = "Incremental backups exist for this backup. Delete those first, the newest before the others.";
        ensure!(!is_parent, Error::Invalid(format!("Invalid backup: {words}")));
        copies::remove(tx, self.kind, std::slice::from_ref(&copy)).await?;
        quotas::charge(cx, tx, &copy.project_id, -usage(self.kind, &copy), None).await
    }
}
