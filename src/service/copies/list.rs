//! List: a page of the snapshots or backups that a caller may see.

use super::either;
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
        Access::new(either(self.kind, &policy::SNAPSHOTS_LIST, &policy::BACKUPS_LIST))
    }

    async fn read(&self, cx: &Context) -> Result<Self::Answer, Error> {
        page::page_and_count(cx, either(self.kind, &SNAPSHOTS, &BACKUPS), &self.page, self.is_counted).await
    }
}
