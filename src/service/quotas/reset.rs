//! Reset: an admin takes back the limits that were set for a project.

use crate::{
    domain::ProjectId,
    service::{Asker, Error, Service},
    store::{Db, StoreError, Write, limits},
};

/// Leaves a project without limits of its own: the defaults hold again.
///
/// # Errors
/// [`Error::Forbidden`] but to admins.
pub async fn reset(service: &Service, asker: &Asker, project: &ProjectId) -> Result<(), Error> {
    asker.must_be_admin("volume_extension:quotas:delete")?;
    Ok(service.store.write(&TakeBack(project)).await?)
}

struct TakeBack<'a>(&'a ProjectId);

impl Write for TakeBack<'_> {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        limits::remove(db, self.0).await
    }

    /// Nobody need know: to take back the same again changes nothing.
    async fn landed(&self, _: &mut Db) -> Result<Option<()>, StoreError> {
        Ok(None)
    }
}
