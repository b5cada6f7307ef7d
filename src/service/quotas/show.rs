//! Show: a project looks at what it may have and has, an admin at what any may and has.

use crate::domain::quota::Limits;
use crate::service::prelude::*;
use crate::store::usage;

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
