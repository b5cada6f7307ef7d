//! Show and list: a project looks at a snapshot or a backup of its own, an admin at any, or at a page of them. Its own project decides, not its volume's: a
//! transfer may have left it behind.

use std::collections::{HashMap, HashSet};

use super::either;
use crate::service::prelude::*;
use crate::store::copy_lists;
use crate::store::copy_lists::{BACKUPS, SNAPSHOTS};

/// A snapshot or a backup.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct Show {
    pub kind: CopyKind,
    pub id: Id,
}

impl Query for Show {
    type Answer = VolumeCopy;

    fn access(&self) -> Access<'_> {
        Access::of_record(either(self.kind, &policy::SNAPSHOTS_GET, &policy::BACKUPS_GET), self.kind.record_kind(), self.id)
    }

    async fn read(&self, cx: &Context) -> Result<VolumeCopy, Error> {
        visible(cx, &mut cx.service.store.reader().await?, self.kind, self.id).await
    }
}

/// One that exists for the caller.
pub(in crate::service) async fn visible(cx: &Context, db: &mut Db, kind: CopyKind, id: Id) -> Result<VolumeCopy, Error> {
    cx.visible(kind.table().by_id(db, id).await?, kind.record_kind(), id)
}

/// Of the volumes of these backups, which were looked at before, the backups that an incremental one builds on.
pub struct Parents<'a>(pub &'a [VolumeCopy]);

impl Query for Parents<'_> {
    type Answer = HashSet<Id>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::BACKUPS_GET)
    }

    async fn read(&self, cx: &Context) -> Result<HashSet<Id>, Error> {
        Ok(copy_lists::parents(&mut cx.service.store.reader().await?, self.0.iter().map(|backup| backup.volume_id)).await?)
    }
}

/// The volumes of these snapshots, which were looked at before, by their ids, as far as they exist for the caller: for what an answer
/// shows of a snapshot's volume.
pub struct VolumesOf<'a>(pub &'a [VolumeCopy]);

impl Query for VolumesOf<'_> {
    type Answer = HashMap<Id, Volume>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::SNAPSHOTS_GET)
    }

    async fn read(&self, cx: &Context) -> Result<HashMap<Id, Volume>, Error> {
        let ids = self.0.iter().map(|snapshot| snapshot.volume_id);
        let volumes = volumes::TABLE.of(&mut cx.service.store.reader().await?, "id", ids).await?;
        let theirs = volumes.into_iter().filter(|volume| cx.sees(&volume.project_id));
        Ok(theirs.map(|volume| (volume.id, volume)).collect())
    }
}

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
