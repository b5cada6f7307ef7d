//! Summary: how many volumes a caller may see, how large they are, and which metadata they have.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    service::{Asker, Error, Service},
    store::summary,
};

pub use crate::store::summary::Total;

/// Each value that some volume has under a name, once, in order.
pub type Metadata = BTreeMap<String, BTreeSet<String>>;

/// Of the caller's volumes, or, to an admin who asks for them, of everybody's.
pub async fn summary(service: &Service, asker: &Asker, all_projects: bool) -> Result<(Total, Metadata), Error> {
    let project = (!all_projects || !asker.caller.is_admin).then_some(&asker.caller.project);
    let mut db = service.store.snapshot().await?;
    let total = summary::total(&mut db, project).await?;
    let mut metadata = Metadata::new();
    for pair in summary::metadata(&mut db, project).await? {
        metadata.entry(pair.name).or_default().insert(pair.value);
    }
    Ok((total, metadata))
}
