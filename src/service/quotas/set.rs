//! Set: an admin limits what a project, or every project without limits of its own, may have.

use crate::{
    domain::quota::{Limits, Quota},
    service::{Asker, Error, Service},
    store::{
        Db, StoreError, Write,
        limits::{self, Whose},
    },
};

/// Sets the limits that are given, and no other; those in force then. One may be lower than what a project has: then nothing
/// more comes in, and nothing is taken away.
///
/// # Errors
/// [`Error::Forbidden`] but to admins.
pub async fn set(service: &Service, asker: &Asker, quota: &Quota) -> Result<Limits, Error> {
    asker.must_be_admin(match quota.project_id {
        Some(_) => "volume_extension:quotas:update",
        None => "volume_extension:quota_classes:update",
    })?;
    if !quota.limits.is_empty() {
        service.store.write(&SetLimits(quota)).await?;
    }
    let whose = Whose::of(quota.project_id.as_ref());
    Ok(super::in_force(service, &mut service.store.reader().await?, whose).await?)
}

struct SetLimits<'a>(&'a Quota);

impl Write for SetLimits<'_> {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        limits::set(db, std::slice::from_ref(self.0)).await
    }

    /// Nobody need know: to set the same again changes nothing.
    async fn landed(&self, _: &mut Db) -> Result<Option<()>, StoreError> {
        Ok(None)
    }
}
