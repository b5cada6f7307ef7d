//! What every change of a snapshot or a backup does: lock its volume and it, read it, change it, write it back, in one
//! transaction.

use super::show;
use crate::service::prelude::*;
use crate::store::{copies, volumes};

/// What is done to a snapshot or a backup.
pub trait ChangeCopy: Sync {
    /// What the policy calls it.
    fn action(&self, kind: CopyKind) -> &'static Action;

    /// Makes it as it is to be, or says why not. It is locked.
    ///
    /// # Errors
    /// What the change says no with.
    fn apply(&self, kind: CopyKind, copy: &mut VolumeCopy) -> Result<(), Error>;
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
pub(super) async fn lock(cx: &Context, db: &mut Db, kind: CopyKind, seen: &VolumeCopy) -> Result<VolumeCopy, Error> {
    volumes::lock(db, seen.volume_id).await?; // a backup's may be gone
    cx.visible(copies::locked(db, kind, seen.volume_id, seen.id).await?, kind.record_kind(), seen.id)
}

/// The copy that is to be changed, without a lock: which volume is to be locked first.
pub(super) async fn see(cx: &Context, kind: CopyKind, id: Id, target: &mut Target) -> Result<VolumeCopy, Error> {
    let seen = show::visible(cx, &mut cx.service.store.reader().await?, kind, id).await?;
    target.volume_id = Some(seen.volume_id);
    Ok(seen)
}

impl<C: ChangeCopy> Operation for ChangeOf<C> {
    type Ready = VolumeCopy;
    type Done = VolumeCopy;

    fn intent(&self) -> Intent<'_> {
        Intent::of_record(self.change.action(self.kind), self.kind.record_kind(), self.id)
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<VolumeCopy, Error> {
        see(cx, self.kind, self.id, target).await
    }

    async fn write(&self, cx: &Context, seen: &VolumeCopy, tx: &mut Tx<'_>) -> Result<VolumeCopy, Error> {
        let before = lock(cx, tx, self.kind, seen).await?;
        let mut after = before.clone();
        self.change.apply(self.kind, &mut after)?;
        if after != before {
            // under the lock, and never earlier than what was changed before, though clocks differ
            after.updated_at = Some(cx.now().max(before.updated_at.unwrap_or(before.created_at)));
            self.kind.table().save(tx, std::slice::from_ref(&after)).await?;
        }
        Ok(after)
    }
}
