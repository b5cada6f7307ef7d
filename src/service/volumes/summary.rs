//! Summary: how many volumes a caller may see, how large they are, and which metadata they have.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::prelude::*;
use crate::store::summary;

pub use crate::store::summary::Total;

/// Each value that some volume has under a name, once, in order.
pub type Metadata = BTreeMap<String, BTreeSet<String>>;

/// Of the caller's volumes, or, to an admin who asks for them, of everybody's.
pub struct Summary {
    pub all_projects: bool,
}

impl Query for Summary {
    type Answer = (Total, Metadata);

    fn access(&self) -> Access<'_> {
        Access::new(&policy::VOLUMES_SUMMARY)
    }

    async fn read(&self, cx: &Context) -> Result<(Total, Metadata), Error> {
        let sees_all = self.all_projects && cx.sees_every_project();
        let project = (!sees_all).then_some(&cx.caller.project);
        let mut db = cx.service.store.snapshot().await?;
        let total = summary::total(&mut db, project).await?;
        let mut metadata = Metadata::new();
        for pair in summary::metadata(&mut db, project).await? {
            metadata.entry(pair.name).or_default().insert(pair.value);
        }
        Ok((total, metadata))
    }
}
