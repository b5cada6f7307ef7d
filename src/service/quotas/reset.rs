//! Reset: an admin takes back the limits that were set for a project.

use super::target;
use crate::service::prelude::*;
use crate::store::limits;

/// Leaves a project without limits of its own: the defaults hold again.
#[derive(Debug)]
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
