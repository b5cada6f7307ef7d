//! Defaults: the limits that hold where a project has none of its own.

use crate::{
    domain::{ProjectId, quota::Limits},
    service::{Asker, Error, Service},
    store::limits::Whose,
};

/// What a project would have to keep to if nothing had been set for it.
///
/// # Errors
/// [`Error::Forbidden`] for another project than the caller's.
pub async fn of_project(service: &Service, asker: &Asker, project: &ProjectId) -> Result<Limits, Error> {
    super::may_see(asker, project)?;
    limits(service).await
}

/// The limits of the default class.
///
/// # Errors
/// [`Error::Forbidden`] but to admins.
pub async fn of_class(service: &Service, asker: &Asker) -> Result<Limits, Error> {
    asker.must_be_admin("volume_extension:quota_classes:get")?;
    limits(service).await
}

async fn limits(service: &Service) -> Result<Limits, Error> {
    Ok(super::in_force(service, &mut service.store.reader().await?, Whose::DefaultClass).await?)
}
