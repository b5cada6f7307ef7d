//! What every list does: find the marker, ask for one row more than the page holds, and see whether a page follows.

use crate::domain::page::{Filter, Order};
use crate::service::prelude::*;
use crate::store::list::{self, After, List, Query};

/// Which page of a list.
pub struct PageRequest {
    /// Every project's; heeded from an admin only.
    pub all_projects: bool,
    /// One project's, of all.
    pub project: Option<ProjectId>,
    pub filters: Vec<Filter>,
    /// A filter asks for what no row can have.
    pub matches_none: bool,
    pub order: Order,
    pub marker: Option<Id>,
    pub offset: u32,
    pub limit: u16,
}

impl PageRequest {
    fn sees_all(&self, cx: &Context) -> bool {
        self.all_projects && cx.sees_every_project()
    }

    /// The one project whose rows are asked for; `None` for those of every project.
    pub(super) fn of_project(&self, cx: &Context) -> Option<ProjectId> {
        if self.sees_all(cx) { self.project.clone() } else { Some(cx.caller.project.clone()) }
    }
}

/// A page, behind the marker where one was asked for. It may be in the table and not on the list any more.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no row that the caller may see.
pub(super) async fn page<T: Listed>(db: &mut Db, cx: &Context, list: &List<T>, asked: &PageRequest) -> Result<Page<T>> {
    page_of(db, cx, list, asked, |row| asked.sees_all(cx) || row.project().is_none_or(|project| *project == cx.caller.project))
        .await
}

/// The same of a list whose rows are also others' than their project's.
///
/// # Errors
/// As of [`page`].
pub(super) async fn page_of<T: Listed>(
    db: &mut Db,
    cx: &Context,
    list: &List<T>,
    asked: &PageRequest,
    sees: impl Fn(&T) -> bool,
) -> Result<Page<T>> {
    let marker = match asked.marker {
        Some(id) => Some(list.table.by_id(db, id).await?.filter(sees).ok_or(Error::MarkerNotFound)?),
        None => None,
    };
    if asked.limit == 0 || asked.matches_none {
        return Ok(Page { rows: Vec::new(), has_next: false, is_full: false });
    }
    let query = Query {
        project: asked.of_project(cx),
        filters: asked.filters.clone(),
        order: asked.order.clone(),
        after: marker.map(|row| After::new(list.table, &row, &asked.order)),
        offset: asked.offset.into(),
        rows: i64::from(asked.limit) + 1,
        now: cx.now(),
    };
    let (rows, is_large) = list::rows(db, list, &query).await?;
    let most = usize::from(asked.limit);
    // of rows that come to too many bytes the last belongs to the next page, unless it is the only one
    let fitting = if is_large { rows.len().saturating_sub(1).max(1) } else { most };
    Ok(Page::from_one_more(rows, fitting.min(most)))
}

/// A page, and how many rows the list has on all of its pages where that is asked.
pub type Counted<T> = (Page<T>, Option<i64>);

/// The same, and how many rows the list has on all of its pages where that is asked.
///
/// # Errors
/// As of [`page`].
pub async fn page_and_count<T: Listed>(cx: &Context, list: &List<T>, asked: &PageRequest, counts: bool) -> Result<Counted<T>> {
    let mut db = cx.reader().await?;
    let page = page(&mut db, cx, list, asked).await?;
    let count = match (counts, asked.matches_none) {
        (false, _) => None,
        (true, true) => Some(0),
        (true, false) => Some(list::count(&mut db, list, asked.of_project(cx).as_ref(), &asked.filters).await?),
    };
    Ok((page, count))
}
