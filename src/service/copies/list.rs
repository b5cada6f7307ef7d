//! List: a page of the snapshots or backups that a caller may see.

use super::{CopyKind, traits};
use crate::domain::VolumeCopy;
use crate::domain::page::Page;
use crate::service::page::{self, PageRequest};
use crate::service::{Access, Context, Error, Query};
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
        let Self { kind, page: asked, is_counted } = self;
        let mut db = cx.service.store.reader().await?;
        let marker = match asked.marker {
            Some(id) => kind.table().by_id(&mut db, id).await?,
            None => None,
        };
        let marker = marker.filter(|copy| asked.sees(cx, &copy.project_id));
        let list = match kind {
            CopyKind::Snapshot => &SNAPSHOTS,
            CopyKind::Backup => &BACKUPS,
        };
        let page = page::page(&mut db, cx, list, asked, marker).await?;
        let count = if *is_counted { Some(page::count(&mut db, cx, list, asked).await?) } else { None };
        Ok((page, count))
    }
}
