//! Create: a snapshot or a backup of a volume, the caller's from then on.

use super::{backup, of_size, snapshot};
use crate::service::prelude::*;
use crate::service::volumes::show;

/// What is asked for: there is nothing to wait for, so it is `available` at once. It is the caller's project's, and counts for it,
/// an admin's of another project's volume too, as in Cinder.
///
/// # Errors
/// [`Error::NotFound`] of the volume, or of a backup's snapshot; [`Error::Invalid`] where the state of either does not allow it;
/// [`Error::OverQuota`].
pub struct Create {
    pub volume_id: Id,
    pub name: Option<String>,
    pub description: Option<String>,
    pub metadata: Map<String, Value>,
    pub what: What,
}

/// Which of the two, with what is asked of it alone.
pub enum What {
    Snapshot {
        /// Whether a server may have the volume meanwhile.
        takes_in_use: bool,
    },
    Backup(backup::Asked),
}

impl What {
    const fn kind(&self) -> CopyKind {
        if matches!(self, Self::Snapshot { .. }) { CopyKind::Snapshot } else { CopyKind::Backup }
    }
}

/// Invariant kept: nothing is made of a volume while it is on offer, and what a project has by its usage is the sum of its rows.
impl Operation for Create {
    type Ready = Id;
    type Done = VolumeCopy;

    fn intent(&self) -> Intent<'_> {
        let kind = self.what.kind();
        let target = Target { volume_id: Some(self.volume_id), ..Target::new(kind.record_kind()) };
        let action = kind.either(&policy::SNAPSHOTS_CREATE, &policy::BACKUPS_CREATE);
        Intent { record: Some((RecordKind::Volume, self.volume_id)), ..Intent::new(action, target) }
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<Id> {
        let id = cx.new_id();
        target.record = Some(id.to_string());
        Ok(id)
    }

    async fn write(&self, cx: &Context, id: &Id, tx: &mut Tx<'_>) -> Result<VolumeCopy> {
        let kind = self.what.kind();
        let volume = show::locked(cx, tx, self.volume_id).await?;
        volumes::change_copies(tx, [self.volume_id]).await?;
        let extra = match &self.what {
            What::Snapshot { takes_in_use } => snapshot::judge(tx, &volume, *takes_in_use).await?,
            What::Backup(asked) => backup::judge(cx, tx, &volume, asked).await?,
        };
        // first, since it makes others of the project wait: then the one that commits later is the younger one
        quotas::charge(cx, tx, &cx.caller.project, of_size(kind, volume.size), None).await?;
        let copy = VolumeCopy {
            id: *id,
            volume_id: volume.id,
            project_id: cx.caller.project.clone(),
            user_id: Some(cx.caller.user.clone()),
            name: self.name.clone(),
            description: self.description.clone(),
            status: KnownStatus::Available.into(),
            size: volume.size,
            consumes_quota: true,
            metadata: self.metadata.clone(),
            extra,
            created_at: cx.now().max(volume.created_at),
            updated_at: None,
        };
        kind.table().save(tx, std::slice::from_ref(&copy)).await?;
        Ok(copy)
    }
}
