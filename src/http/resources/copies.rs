//! What is alike of the calls on snapshots and on backups.

use crate::domain::VolumeCopy;
use crate::domain::page::{Direction, Order, Page, SortKey};
use crate::http::request::action::{self, Row, bare};
use crate::http::request::list_query::{Filters, List};
use crate::http::request::query::Query;
use crate::http::request::query_parameter::Parameter;
use crate::http::resources::prelude::*;
use crate::service::copies::{self, ChangeOf, CopyAction, CopyKind, Delete, Manner, Show, Update};

/// The one that the path names.
pub async fn named(call: &Call, kind: CopyKind) -> Result<VolumeCopy, Problem> {
    let id = call.id(kind.record_kind())?;
    call.look(Show { kind, id }).await
}

/// Changes the one that the path names, and gives it as it is then.
pub async fn update(call: &mut Call, kind: CopyKind, change: Update) -> Result<VolumeCopy, Problem> {
    let id = call.id(kind.record_kind())?;
    call.perform(ChangeOf { kind, id, change }).await
}

/// Deletes the one that the path names: 202, or a refusal for its state.
pub async fn delete(mut call: Call, kind: CopyKind) -> Result<Answer, Problem> {
    let id = call.id(kind.record_kind())?;
    call.perform(Delete { kind, id, manner: Manner::Gently }).await?;
    Ok(Answer::empty(202))
}

/// What an action comes to.
pub type Asked = action::Asked<CopyAction>;

/// Does what is asked of the one that the path names, with the action's own status.
pub async fn act(mut call: Call, kind: CopyKind, asked: Asked, status: u16) -> Result<Answer, Problem> {
    let id = call.id(kind.record_kind())?;
    match asked {
        Asked::Change(change) => drop(call.perform(ChangeOf { kind, id, change }).await?),
        Asked::ForceDelete => call.perform(Delete { kind, id, manner: Manner::ByForce }).await?,
    }
    Ok(Answer::empty(status))
}

/// What is deleted whatever its status.
pub const FORCE_DELETE: Row<Asked> = bare("os-force_delete", |_, _| Ok(Asked::ForceDelete));

/// What snapshots and backups can be sorted by.
pub const SORT_KEYS: &[SortKey] =
    &[SortKey::Id, SortKey::Name, SortKey::Status, SortKey::VolumeId, SortKey::Size, SortKey::CreatedAt, SortKey::UpdatedAt];

/// The page that a query asks for by these filters, and how many there are on all pages where it asks that too.
pub async fn page(
    call: &Call,
    kind: CopyKind,
    listing: &Listing,
    filters: &[Parameter],
) -> Result<(Page<VolumeCopy>, Option<i64>), Problem> {
    let query = call.query()?;
    let is_counted = listing.is_counted(call, &query)?;
    let (page, count) = narrowed(call, kind, &query, Filters::of(&query).table(call, filters)?, is_counted).await?;
    Ok((page.linked_when_full(), count))
}

/// The page that these filters leave.
pub async fn narrowed(
    call: &Call,
    kind: CopyKind,
    query: &Query,
    filters: Filters<'_>,
    is_counted: bool,
) -> Result<(Page<VolumeCopy>, Option<i64>), Problem> {
    let list = List { record_kind: kind.record_kind(), keys: SORT_KEYS, default: Order::by_age(Direction::Descending) };
    let page = list.wanted(call, query, filters)?;
    list.look(call, copies::List { kind, page, is_counted }).await
}
