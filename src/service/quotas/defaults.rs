//! Defaults: the limits that hold where a project has none of its own.

use crate::domain::quota::Limits;
use crate::service::prelude::*;

/// What a project would have to keep to if nothing had been set for it.
pub struct OfProject(pub ProjectId);

/// The limits of the default class.
pub struct OfClass;

impl Query for OfProject {
    type Answer = Limits;

    fn access(&self) -> Access<'_> {
        Access::of_project(&policy::QUOTAS_GET, &self.0)
    }

    async fn read(&self, cx: &Context) -> Result<Limits, Error> {
        limits(cx).await
    }
}

impl Query for OfClass {
    type Answer = Limits;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::QUOTA_CLASSES_GET)
    }

    async fn read(&self, cx: &Context) -> Result<Limits, Error> {
        limits(cx).await
    }
}

async fn limits(cx: &Context) -> Result<Limits, Error> {
    Ok(super::in_force(&cx.service, &mut cx.service.store.reader().await?, None).await?)
}
