//! Set: an admin limits what a project, or every project without limits of its own, may have, or takes that back.

use super::target;
use crate::domain::quota::Quota;
use crate::service::prelude::*;

/// Sets the limits that are given, and no other; those in force then. One may be lower than what a project has: then nothing
/// more comes in, and nothing is taken away.
pub struct Set(pub Quota);

impl Operation for Set {
    type Ready = ();
    type Done = Limits;

    fn intent(&self) -> Intent<'_> {
        let action = match self.0.project_id {
            Some(_) => &policy::QUOTAS_SET,
            None => &policy::QUOTA_CLASSES_SET,
        };
        Intent::new(action, target(self.0.project_id.as_ref()))
    }

    async fn prepare(&self, _: &Context, _: &mut Target) -> Result<(), Error> {
        Ok(())
    }

    async fn write(&self, cx: &Context, (): &(), tx: &mut Tx<'_>) -> Result<Limits, Error> {
        if !self.0.limits.is_empty() {
            // in one statement: of two who set different limits at once neither undoes what the other did
            limits::TABLE.merge(tx, std::slice::from_ref(&self.0)).await?;
        }
        Ok(super::in_force(&cx.service, tx, self.0.project_id.as_ref()).await?)
    }
}

/// Leaves a project without limits of its own: the defaults hold again.
pub struct Reset(pub ProjectId);

impl Operation for Reset {
    type Ready = ();
    type Done = ();

    fn intent(&self) -> Intent<'_> {
        Intent::new(&policy::QUOTAS_RESET, target(Some(&self.0)))
    }

    async fn prepare(&self, _: &Context, _: &mut Target) -> Result<(), Error> {
        Ok(())
    }

    async fn write(&self, _: &Context, (): &(), tx: &mut Tx<'_>) -> Result<(), Error> {
        Ok(limits::remove(tx, &self.0).await?)
    }
}
