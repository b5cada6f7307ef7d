//! What can be changed of a snapshot or a backup, and what every change does: lock its volume and it, read it, change it, write it
//! back, in one transaction.

use super::show;
use crate::domain::copy::PROGRESS;
use crate::service::prelude::*;
use crate::service::volumes::change::refuse_too_much;

/// What is done to a snapshot or a backup.
pub trait ChangeCopy: Sync {
    /// What the policy calls it.
    fn action(&self, kind: CopyKind) -> &'static Action;

    /// Makes it as it is to be, or says why not. It is locked.
    ///
    /// # Errors
    /// What the change says no with.
    fn apply(&self, kind: CopyKind, copy: &mut VolumeCopy) -> Result<()>;
}

/// The change of one that exists for the caller; as it is then, `updated_at` moved on if anything is different.
///
/// # Errors
/// [`Error::NotFound`], and what the change says no with.
pub struct ChangeOf<C> {
    pub kind: CopyKind,
    pub id: Id,
    pub change: C,
}

/// The copy as the caller sees it, locked behind its volume: which volume that is never changes, but whose copy it is may have.
pub(super) async fn lock(cx: &Context, db: &mut Db, kind: CopyKind, seen: &VolumeCopy) -> Result<VolumeCopy> {
    volumes::change_copies(db, [seen.volume_id]).await?; // a backup's may be gone
    cx.visible(copies::locked(db, kind, seen.volume_id, seen.id).await?, kind.record_kind(), seen.id)
}

/// The copy that is to be changed, without a lock: which volume is to be locked first.
pub(super) async fn see(cx: &Context, kind: CopyKind, id: Id, target: &mut Target) -> Result<VolumeCopy> {
    let seen = show::visible(cx, &mut cx.reader().await?, kind, id).await?;
    target.volume_id = Some(seen.volume_id);
    Ok(seen)
}

impl<C: ChangeCopy> Operation for ChangeOf<C> {
    type Ready = VolumeCopy;
    type Done = VolumeCopy;

    fn intent(&self) -> Intent<'_> {
        Intent::of_record(self.change.action(self.kind), self.kind.record_kind(), self.id)
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<VolumeCopy> {
        see(cx, self.kind, self.id, target).await
    }

    async fn write(&self, cx: &Context, seen: &VolumeCopy, tx: &mut Tx<'_>) -> Result<VolumeCopy> {
        let before = lock(cx, tx, self.kind, seen).await?;
        let mut after = before.clone();
        self.change.apply(self.kind, &mut after)?;
        if after != before {
            refuse_too_much(carried(&before.metadata, &before.extra), carried(&after.metadata, &after.extra))?;
            // under the lock, and never earlier than what was changed before, though clocks differ
            after.updated_at = Some(cx.now().max(before.updated_at.unwrap_or(before.created_at)));
            self.kind.table().save(tx, std::slice::from_ref(&after)).await?;
        }
        Ok(after)
    }
}

impl ChangeCopy for Update {
    fn action(&self, kind: CopyKind) -> &'static Action {
        kind.either(&policy::SNAPSHOTS_CHANGE, &policy::BACKUPS_CHANGE)
    }

    fn apply(&self, _: CopyKind, copy: &mut VolumeCopy) -> Result<()> {
        self.apply(&mut copy.name, &mut copy.description, &mut copy.metadata);
        Ok(())
    }
}

/// # Errors
/// [`Error::NoMetadata`] when the key to remove is not there.
impl ChangeCopy for Edit {
    fn action(&self, _: CopyKind) -> &'static Action {
        match self {
            Self::Merge(_) => &policy::SNAPSHOTS_METADATA_ADD,
            Self::Replace(_) => &policy::SNAPSHOTS_METADATA_REPLACE,
            Self::Remove(_) => &policy::SNAPSHOTS_METADATA_DELETE,
        }
    }

    fn apply(&self, kind: CopyKind, copy: &mut VolumeCopy) -> Result<()> {
        self.apply(&mut copy.metadata).map_err(|key: &str| Error::NoMetadata(kind.record_kind(), copy.id, key.to_owned()))
    }
}

/// An action, with what it was asked with; the forced delete is a deletion.
///
/// # Errors
/// [`Error::Invalid`] where its state does not allow it.
pub enum CopyAction {
    /// An admin says what its status is.
    ResetStatus(VolumeStatus),
    /// Who makes or deletes a snapshot says how far that is.
    Report { status: VolumeStatus, progress: Option<String> },
}

/// Which statuses may be reported from which. Source: Cinder's `snapshot_actions`.
const REPORTS: [(&str, &[&str]); 2] =
    [("creating", &["creating", "available", "error"]), ("deleting", &["deleting", "error_deleting"])];

impl ChangeCopy for CopyAction {
    fn action(&self, kind: CopyKind) -> &'static Action {
        match self {
            Self::ResetStatus(_) => kind.either(&policy::SNAPSHOTS_RESET_STATUS, &policy::BACKUPS_RESET_STATUS),
            Self::Report { .. } => &policy::SNAPSHOTS_REPORT,
        }
    }

    fn apply(&self, _: CopyKind, copy: &mut VolumeCopy) -> Result<()> {
        match self {
            Self::ResetStatus(status) => copy.status.clone_from(status),
            Self::Report { status, progress } => report(copy, status, progress.as_ref())?,
        }
        Ok(())
    }
}

fn report(copy: &mut VolumeCopy, status: &VolumeStatus, progress: Option<&String>) -> Result<()> {
    let Some((_, to)) = REPORTS.iter().find(|(from, _)| *from == copy.status.as_str()) else {
        let advice = "It must be creating or deleting; an admin sets any status with os-reset_status.";
        let words = format!("Snapshot status {} not allowed for update_snapshot_status.", copy.status);
        return Err(Error::Invalid(format!("{words} {advice}")));
    };
    let advice = || format!("Give one of {}.", to.join(", "));
    let words = || format!("Provided snapshot status {status} not allowed for snapshot with status {}.", copy.status);
    ensure!(to.contains(&status.as_str()), Error::Invalid(format!("{} {}", words(), advice())));
    copy.status.clone_from(status);
    if let Some(progress) = progress {
        copy.extra.insert(PROGRESS.to_owned(), progress.as_str().into());
    }
    Ok(())
}
