//! Show and list: a project looks at a snapshot or a backup of its own, an admin at any, or at a page of them. Its own project decides, not its volume's: a
//! transfer may have left it behind.

use std::collections::{HashMap, HashSet};

use crate::domain::limits::{PAGE_BYTES, RECORD};
use crate::service::prelude::*;
use crate::store::copies::{self, ALL_BACKUPS, ALL_SNAPSHOTS};

/// A snapshot or a backup.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(cx: &Context, kind: CopyKind, id: Id) -> Result<VolumeCopy, Error> {
    let action = kind.either(&policy::SNAPSHOTS_GET, &policy::BACKUPS_GET);
    look(cx, Access::of_record(action, kind.record_kind(), id), async || {
        visible(cx, &mut cx.service.store.reader().await?, kind, id).await
    })
    .await
}

/// One that exists for the caller.
pub(in crate::service) async fn visible(cx: &Context, db: &mut Db, kind: CopyKind, id: Id) -> Result<VolumeCopy, Error> {
    cx.visible(kind.table().by_id(db, id).await?, kind.record_kind(), id)
}

/// Of the volumes of these backups, which were looked at before, the backups that an incremental one builds on.
pub async fn parents(cx: &Context, backups: &[VolumeCopy]) -> Result<HashSet<Id>, Error> {
    look(cx, Access::new(&policy::BACKUPS_GET), async || {
        let volumes = backups.iter().map(|backup| backup.volume_id);
        Ok(copies::parents(&mut cx.service.store.reader().await?, volumes).await?)
    })
    .await
}

/// So many volumes come to no more than a page does, whatever they carry.
const AT_ONCE: usize = PAGE_BYTES / RECORD;

/// The volumes of these snapshots, which were looked at before, by their ids, as far as they exist for the caller: for what an answer
/// shows of a snapshot's volume, which is texts of its own alone.
pub async fn volumes_of(cx: &Context, snapshots: &[VolumeCopy]) -> Result<HashMap<Id, Volume>, Error> {
    look(cx, Access::new(&policy::SNAPSHOTS_GET), async || {
        let ids: Vec<Id> = snapshots.iter().map(|snapshot| snapshot.volume_id).collect();
        let (mut db, mut theirs) = (cx.service.store.reader().await?, HashMap::new());
        for ids in ids.chunks(AT_ONCE) {
            let volumes = volumes::TABLE.of(&mut db, "id", ids.iter().copied()).await?;
            for mut volume in volumes.into_iter().filter(|volume| cx.sees(&volume.project_id)) {
                volume.metadata.clear();
                volume.extra.retain(|key, _| key.starts_with("dedicated_storage_"));
                theirs.insert(volume.id, volume);
            }
        }
        Ok(theirs)
    })
    .await
}

/// A page of one kind, and how many there are on all pages where that is asked.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none that the caller may see.
pub async fn list(
    cx: &Context,
    kind: CopyKind,
    page: &PageRequest,
    is_counted: bool,
) -> Result<(Page<VolumeCopy>, Option<i64>), Error> {
    let (action, list) = kind.either((&policy::SNAPSHOTS_LIST, &ALL_SNAPSHOTS), (&policy::BACKUPS_LIST, &ALL_BACKUPS));
    look(cx, Access::new(action), async || page::page_and_count(cx, list, page, is_counted).await).await
}
