//! What is alike of the calls on snapshots and on backups.

use crate::http::resources::prelude::*;
use crate::service::copies::{self, ChangeOf, CopyAction, Delete};

/// The one that the path names.
pub async fn named(call: &Call, kind: CopyKind) -> Result<VolumeCopy> {
    call.look(copies::show(call.cx(), kind, call.id(kind.record_kind())?)).await
}

/// Changes the one that the path names, and gives it as it is then.
pub async fn update(call: &mut Call, kind: CopyKind, change: Update) -> Result<VolumeCopy> {
    call.perform(ChangeOf { kind, id: call.id(kind.record_kind())?, change }).await
}

/// Deletes the one that the path names: 202, or a refusal for its state.
pub async fn delete(mut call: Call, kind: CopyKind) -> Result<Answer> {
    call.perform(Delete { kind, id: call.id(kind.record_kind())?, is_by_force: false }).await?;
    Ok(Answer::empty(202))
}

/// What an action comes to.
pub enum Asked {
    Change(CopyAction),
    ForceDelete,
}

/// Does what is asked of the one that the path names, with the action's own status.
pub async fn act<T: Actions<Asked = Asked>>(mut call: Call, kind: CopyKind, Acted(asked, status): Acted<T>) -> Result<Answer> {
    let id = call.id(kind.record_kind())?;
    match asked {
        Asked::Change(change) => drop(call.perform(ChangeOf { kind, id, change }).await?),
        Asked::ForceDelete => call.perform(Delete { kind, id, is_by_force: true }).await?,
    }
    Ok(Answer::empty(status))
}

/// What is deleted whatever its status.
pub const FORCE_DELETE: Row<Asked> = bare("os-force_delete", 202, |_, _| Ok(Asked::ForceDelete));

/// What snapshots and backups can be sorted by.
pub const SORT_KEYS: &[SortKey] =
    &[SortKey::Id, SortKey::Name, SortKey::Status, SortKey::VolumeId, SortKey::Size, SortKey::CreatedAt, SortKey::UpdatedAt];

/// The page that a query asks for, and how many there are on all pages where it asks that too.
pub async fn page(call: &Call, kind: CopyKind, listing: &Listing) -> Result<(Page<VolumeCopy>, Option<i64>)> {
    let (page, is_counted) = listing.counted(call)?;
    let (page, count) = listing.look(call, copies::list(call.cx(), kind, &page, is_counted)).await?;
    Ok((page.linked_when_full(), count))
}
