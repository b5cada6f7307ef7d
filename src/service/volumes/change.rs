//! What every change of one volume does: lock it, read it, change it, write it back whole, in one transaction.

use std::future::Future;

use super::show;
use crate::{
    domain::{Id, Time, Volume, VolumeStatus},
    service::{Asker, Error, Service},
    store::{Db, StoreError, Write, load, volumes},
};

/// What is done to a volume.
pub(super) trait Change: Sync {
    /// The volume as it is to be, or why not. `volume` is locked; what belongs to it may be changed in the same transaction.
    fn apply(&self, db: &mut Db, volume: Volume, at: Time) -> impl Future<Output = Result<Volume, Error>> + Send;
}

/// Changes a volume that exists for the caller; the volume as it is then, `updated_at` moved if anything is different.
///
/// # Errors
/// [`Error::NotFound`], and what the change says no with.
pub(super) async fn change(service: &Service, asker: &Asker, id: Id, change: &impl Change) -> Result<Volume, Error> {
    service.store.write(&Changing { asker, id, change, at: service.clock.now() }).await
}

struct Changing<'a, C> {
    asker: &'a Asker,
    id: Id,
    change: &'a C,
    at: Time,
}

impl<C: Change> Write for Changing<'_, C> {
    type Done = Volume;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<Volume, Error> {
        let before = show::locked(db, self.asker, self.id, self.at).await?;
        let at = self.at.max(before.created_at); // clocks differ
        let mut after = self.change.apply(db, before.clone(), at).await?;
        if after.status.as_str() != VolumeStatus::CREATING {
            after.creating = None; // there is nothing to wait for any more
        }
        if after != before {
            after.updated_at = Some(at);
            load::save(db, std::slice::from_ref(&after)).await?;
        }
        Ok(after)
    }

    /// A change leaves its moment, to the microsecond, as the volume's `updated_at`.
    async fn landed(&self, db: &mut Db) -> Result<Option<Volume>, Error> {
        volumes::lock(db, self.id).await?;
        let Some(volume) = volumes::by_id(db, self.id).await? else { return Ok(None) };
        let is_ours = left_by(self.at.max(volume.created_at), volume.updated_at)?;
        Ok(is_ours.then_some(volume))
    }
}

/// Whether a change at `at` is the last that a record has seen. One that was changed later does not tell whether it saw that one
/// before: to do it again could undo what came later.
pub(in crate::service) fn left_by(at: Time, updated_at: Option<Time>) -> Result<bool, StoreError> {
    if updated_at > Some(at) {
        return Err(StoreError::OutcomeUnknown("the record was changed again since".to_owned()));
    }
    Ok(updated_at == Some(at))
}
