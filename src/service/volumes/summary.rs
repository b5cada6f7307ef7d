//! Summary: how many volumes a caller may see, how large they are, and which metadata they have.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::prelude::*;
use crate::store::summary;

pub use crate::store::summary::Total;

/// Each value that some volume has under a name, once, in order.
pub type Metadata = BTreeMap<String, BTreeSet<String>>;

/// Sums up the caller's volumes, or, to an admin who asks for them, everybody's.
pub async fn summary(cx: &Context, all_projects: bool) -> Result<(Total, Metadata), Error> {
    look(cx, Access::new(&policy::VOLUMES_SUMMARY), async || {
        let sees_all = all_projects && cx.sees_every_project();
        let project = (!sees_all).then_some(&cx.caller.project);
        let mut db = cx.service.store.snapshot().await?;
        let total = summary::total(&mut db, project).await?;
        let mut metadata = Metadata::new();
        for pair in summary::metadata(&mut db, project).await? {
            metadata.entry(pair.key).or_default().insert(pair.value);
        }
        Ok((total, metadata))
    })
    .await
}
