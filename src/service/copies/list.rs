//! List: a page of the snapshots or backups that a caller may see.

use super::traits;
use crate::domain::page::Page;
use crate::service::page::{self, PageRequest};
use crate::service::prelude::*;
use crate::store::copy_lists::{BACKUPS, SNAPSHOTS};

/// A page of one kind, and how many there are on all pages where that is asked.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none that the caller may see.
pub struct List {
    pub kind: CopyKind,
    pub page: PageRequest,
    pub is_counted: bool,
}

impl Query for List {
    type Answer = (Page<VolumeCopy>, Option<i64>);

    fn access(&self) -> Access<'_> {
        Access::new(traits(self.kind).list)
    }

    async fn read(&self, cx: &Context) -> Result<Self::Answer, Error> {
        let list = match self.kind {
            CopyKind::Snapshot => &SNAPSHOTS,
            CopyKind::Backup => &BACKUPS,
        };
        page::page_and_count(cx, list, &self.page, self.is_counted).await
    }
}
