//! Tags: all that the volumes of the caller's project have.

use crate::{
    service::{Asker, Error, Service},
    store::tags::{self, Tag},
};

/// Every tag of the project's volumes, once, in order.
///
/// # Errors
/// What the store says no with.
pub async fn tags(service: &Service, asker: &Asker) -> Result<Vec<Tag>, Error> {
    Ok(tags::of_project(&mut service.store.reader().await?, &asker.caller.project).await?)
}
