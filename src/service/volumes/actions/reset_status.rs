//! Reset status: an admin says what a volume is. What was pending on it is over then: its old key opens nothing.

use crate::domain::volume::{AttachStatus, MigrationStatus};
use crate::service::prelude::*;

/// What the volume is said to be, at least one of them.
pub struct ResetStatus {
    pub status: Option<KnownStatus>,
    pub attach_status: Option<AttachStatus>,
    pub migration_status: Option<MigrationStatus>,
}

/// Where a volume body has the migration's status. Source: Cinder's.
const MIGRATION_STATUS: [&str; 2] = ["migration_status", "os-vol-mig-status-attr:migstat"];

/// What a volume is only as long as something is attached to it, or about to be.
const OF_ATTACHED: [KnownStatus; 3] = [KnownStatus::InUse, KnownStatus::Attaching, KnownStatus::Detaching];

impl ResetStatus {
    pub(super) async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, mut volume: Volume, at: Time) -> Result<Volume> {
        let Self { status, attach_status, migration_status } = *self;
        // `attached` says nothing that the attachments do not say themselves
        if attach_status == Some(AttachStatus::Detached) && volume.is_attached() {
            volume.detach(|_| true);
            if status.is_none() && OF_ATTACHED.iter().any(|status| volume.status.is(*status)) {
                volume.status = KnownStatus::Available.into();
            }
        }
        if let Some(migration_status) = migration_status {
            for key in MIGRATION_STATUS {
                match migration_status {
                    MigrationStatus::None => volume.extra.remove(key),
                    status => volume.extra.insert(key.to_owned(), status.as_str().into()),
                };
            }
        }
        if let Some(status) = status { reset(cx, tx, volume, status, at).await } else { Ok(volume) }
    }
}

async fn reset(cx: &Context, tx: &mut Tx<'_>, mut volume: Volume, status: KnownStatus, at: Time) -> Result<Volume> {
    let refusal = match status {
        KnownStatus::Deleting => Some("to deleting. Delete the volume instead; with os-force_delete whatever its status."),
        KnownStatus::InUse if !volume.is_attached() => {
            Some("to in-use because volume does not have any attachments. Attach it with os-attach instead.")
        }
        KnownStatus::AwaitingTransfer if !volume.status.is(KnownStatus::AwaitingTransfer) => Some(
            "to awaiting-transfer because no transfer is pending on the volume. Create a transfer of it instead: that sets \
                 this status.",
        ),
        _ => None,
    };
    refusal.map_or(Ok(()), |why| Err(Error::Invalid(format!("Cannot reset-state {why}"))))?;
    if volume.status.is(KnownStatus::AwaitingTransfer) && status != KnownStatus::AwaitingTransfer {
        ending::withdraw(cx, tx, volume.id, at).await?;
    }
    volume.status = status.into();
    Ok(volume)
}
