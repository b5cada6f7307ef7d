//! Show: a project looks at what it may have and has, and at what it would have to keep to if nothing were set; an admin at any's.

use crate::service::prelude::*;

/// The limits in force for a project, and what it has.
pub struct Show(pub ProjectId);

impl Query for Show {
    type Answer = (Limits, Usage);

    fn access(&self) -> Access<'_> {
        Access::of_project(&policy::QUOTAS_GET, &self.0)
    }

    async fn read(&self, cx: &Context) -> Result<(Limits, Usage), Error> {
        let mut db = cx.service.store.reader().await?;
        let limits = super::in_force(&cx.service, &mut db, Some(&self.0)).await?;
        Ok((limits, usage::of(&mut db, &self.0).await?))
    }
}

/// What a project, or without one any, would have to keep to if nothing had been set for it: the limits of the default class.
pub struct Defaults(pub Option<ProjectId>);

impl Query for Defaults {
    type Answer = Limits;

    fn access(&self) -> Access<'_> {
        match &self.0 {
            Some(project) => Access::of_project(&policy::QUOTAS_GET, project),
            None => Access::new(&policy::QUOTA_CLASSES_GET),
        }
    }

    async fn read(&self, cx: &Context) -> Result<Limits, Error> {
        Ok(super::in_force(&cx.service, &mut cx.service.store.reader().await?, None).await?)
    }
}
