//! Show and list: a project looks at a snapshot or a backup of its own, an admin at any, or at a page of them. Its own project decides, not its volume's: a
//! transfer may have left it behind.

use crate::domain::limits::{PAGE_BYTES, RECORD};
use crate::service::prelude::*;
use crate::store::copies::{ALL_BACKUPS, ALL_SNAPSHOTS};

/// A snapshot or a backup.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(cx: &Context, kind: CopyKind, id: Id) -> Result<VolumeCopy> {
    let action = kind.either(&policy::SNAPSHOTS_GET, &policy::BACKUPS_GET);
    visible(cx, &mut look(cx, action, Some((kind.record_kind(), id))).await?, kind, id).await
}

/// One that exists for the caller.
pub(in crate::service) async fn visible(cx: &Context, db: &mut Db, kind: CopyKind, id: Id) -> Result<VolumeCopy> {
    cx.visible(kind.table().by_id(db, id).await?, kind.record_kind(), id)
}

/// Of the volumes of these backups, which were looked at before, the backups that an incremental one builds on.
pub async fn parents(cx: &Context, backups: &[VolumeCopy]) -> Result<HashSet<Id>> {
    let db = &mut look(cx, &policy::BACKUPS_GET, None).await?;
    Ok(copies::parents(db, backups.iter().map(|backup| backup.volume_id)).await?)
}

/// So many volumes come to no more than a page does, whatever they carry.
const AT_ONCE: usize = PAGE_BYTES / RECORD;

/// The volumes of these snapshots, which were looked at before, by their ids, as far as they exist for the caller: for what an answer
/// shows of a snapshot's volume, which is texts of its own alone.
pub async fn volumes_of(cx: &Context, snapshots: &[VolumeCopy]) -> Result<HashMap<Id, Volume>> {
    let (mut db, mut theirs) = (look(cx, &policy::SNAPSHOTS_GET, None).await?, HashMap::new());
    for snapshots in snapshots.chunks(AT_ONCE) {
        let volumes = volumes::TABLE.of(&mut db, "id", snapshots.iter().map(|snapshot| snapshot.volume_id)).await?;
        for mut volume in volumes.into_iter().filter(|volume| cx.sees(&volume.project_id)) {
            volume.metadata.clear();
            volume.extra.retain(|key, _| key.starts_with("dedicated_storage_"));
            theirs.insert(volume.id, volume);
        }
    }
    Ok(theirs)
}

/// A page of one kind, and how many there are on all pages where that is asked.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none that the caller may see.
pub async fn list(cx: &Context, kind: CopyKind, page: &PageRequest, is_counted: bool) -> Result<Counted<VolumeCopy>> {
    let (action, list) = kind.either((&policy::SNAPSHOTS_LIST, &ALL_SNAPSHOTS), (&policy::BACKUPS_LIST, &ALL_BACKUPS));
    permit(cx, action, None).await?;
    page::page_and_count(cx, list, page, is_counted).await
}
