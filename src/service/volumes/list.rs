//! List: a page of the volumes that a caller may see, and how many there are in all.

use super::provisioning;
use crate::domain::page::{Page, SortKey};
use crate::service::page::{self, PageRequest};
use crate::service::prelude::*;
use crate::store::volumes;

/// A page of volumes, by the filters that `store::volumes::ALL` names, and how many there are on all pages where that is asked.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no volume that the caller may see.
pub struct List {
    pub page: PageRequest,
    pub is_counted: bool,
}

impl Query for List {
    type Answer = (Page<Volume>, Option<i64>);

    fn access(&self) -> Access<'_> {
        Access::new(&policy::VOLUMES_LIST)
    }

    async fn read(&self, cx: &Context) -> Result<Self::Answer, Error> {
        // what is shown of a volume is settled below; which volumes are shown, their stored status decides
        if [SortKey::Status, SortKey::UpdatedAt].into_iter().any(|key| self.page.asks_about(key)) {
            provisioning::all(cx).await?;
        }
        let (page, count) = page::page_and_count(cx, &volumes::ALL, &self.page, self.is_counted).await?;
        // where nothing could be written, what is due is stored as it was
        let now = cx.now();
        Ok((page.map(|volume| provisioning::settled(volume, now)), count))
    }
}
