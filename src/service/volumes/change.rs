//! What every change of one volume does: lock it, read it, change it, write it back whole, in one transaction.

use super::show;
use crate::service::prelude::*;

/// What a record carries has a bound, whoever adds the last of it; who adds nothing is not refused.
pub(in crate::service) fn refuse_too_much(before: usize, after: usize) -> Result<()> {
    let why = too_much(after).filter(|_| after > before);
    why.map_or(Ok(()), |why| Err(Error::Invalid(format!("Invalid input received: {why}"))))
}

/// What is done to a volume.
pub trait Change: Sync {
    /// What the policy calls it.
    fn action(&self) -> &'static Action;

    /// The volume as it is to be, or why not. `volume` is locked; what belongs to it may be changed in the same transaction.
    fn apply(&self, cx: &Context, tx: &mut Tx<'_>, volume: Volume, at: Time) -> impl Future<Output = Result<Volume>> + Send;
}

/// The change of a volume that exists for the caller; the volume as it is then, `updated_at` moved on if anything is different.
///
/// # Errors
/// [`Error::NotFound`], and what the change says no with.
pub struct ChangeVolume<C> {
    pub id: Id,
    pub change: C,
}

impl<C: Change> Operation for ChangeVolume<C> {
    unprepared!();

    type Done = Volume;

    fn intent(&self) -> Intent<'_> {
        Intent::of_record(self.change.action(), RecordKind::Volume, self.id)
    }

    async fn write(&self, cx: &Context, (): &(), tx: &mut Tx<'_>) -> Result<Volume> {
        let before = show::locked(cx, tx, self.id).await?;
        // under the lock, and never earlier than what was changed before, though clocks differ
        let at = cx.now().max(before.updated_at.unwrap_or(before.created_at));
        let mut after = self.change.apply(cx, tx, before.clone(), at).await?;
        if after.status != before.status {
            after.provisioning = None; // there is nothing to wait for any more
        }
        if after != before {
            refuse_too_much(carried(&before.metadata, &before.extra), carried(&after.metadata, &after.extra))?;
            after.updated_at = Some(at);
            volumes::TABLE.save(tx, std::slice::from_ref(&after)).await?;
        }
        Ok(after)
    }
}
