//! List: a page of the offers that a caller may see.

use crate::domain::page::Page;
use crate::service::page::{self, PageRequest};
use crate::service::prelude::*;
use crate::store::transfers;

/// A page of pending offers, filtered by `name`, `id` and `volume_id`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no transfer that the caller may see, pending or ended since: a walk goes on
/// when its marker is accepted meanwhile.
pub struct List(pub PageRequest);

impl Query for List {
    type Answer = Page<Transfer>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::TRANSFERS_LIST)
    }

    async fn read(&self, cx: &Context) -> Result<Page<Transfer>, Error> {
        page::page(&mut cx.service.store.reader().await?, cx, &transfers::PENDING, &self.0).await
    }
}
