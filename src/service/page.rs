//! What every list does: find the marker, ask for one row more than the page holds, and see whether a page follows.

use serde_json::{Map, Value};

use super::{Asker, Error};
use crate::{
    domain::{
        Id, ProjectId,
        page::{Listed, Order, Page},
    },
    store::{
        Db, FromRow,
        list::{self, After, Listing, Query},
    },
};

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Every project's; heeded from an admin only.
    pub all_projects: bool,
    /// One project's, of all.
    pub project: Option<ProjectId>,
    /// By the names that the list knows.
    pub filters: Map<String, Value>,
    pub order: Order,
    pub marker: Option<Id>,
    pub offset: u32,
    pub limit: u16,
    /// A filter that no row can fit: an empty list.
    pub fits_nothing: bool,
    /// Whether to say how many rows the filters leave, whatever the page.
    pub counts: bool,
}

impl Wanted {
    /// Whether rows of every project are seen.
    pub fn sees_all(&self, asker: &Asker) -> bool {
        self.all_projects && asker.caller.is_admin
    }
}

/// A page of those that fit, of a list that is held whole.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none of `all`.
pub(super) fn page_of<T: Listed + Clone>(all: &[T], wanted: &Wanted, fits: impl Fn(&T) -> bool) -> Result<Page<T>, Error> {
    let marker = match wanted.marker {
        Some(id) => Some(all.iter().find(|row| row.id() == id).ok_or(Error::MarkerNotFound)?),
        None => None,
    };
    let mut rows: Vec<&T> = all.iter().filter(|row| !wanted.fits_nothing && fits(row)).collect();
    rows.sort_by(|a, b| wanted.order.compare(*a, *b));
    let count = wanted.counts.then(|| i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let is_behind = |row: &&T| marker.is_none_or(|marker| wanted.order.compare(marker, *row).is_lt());
    let offset = usize::try_from(wanted.offset).unwrap_or(usize::MAX);
    let rows = rows.into_iter().filter(is_behind).skip(offset).take(usize::from(wanted.limit) + 1).cloned().collect();
    Ok(Page { count, ..Page::from_one_more(rows, wanted.limit) })
}

/// A page, behind `marker` where one was asked for and found.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no row that the caller may see.
pub(super) async fn page<T: FromRow + Listed>(
    db: &mut Db,
    asker: &Asker,
    listing: &Listing,
    wanted: &Wanted,
    marker: Option<T>,
) -> Result<Page<T>, Error> {
    if wanted.marker.is_some() && marker.is_none() {
        return Err(Error::MarkerNotFound);
    }
    if wanted.fits_nothing {
        return Ok(Page { rows: Vec::new(), has_next: false, count: wanted.counts.then_some(0) });
    }
    let query = Query {
        project: if wanted.sees_all(asker) { wanted.project.clone() } else { Some(asker.caller.project.clone()) },
        filters: wanted.filters.clone(),
        order: wanted.order.clone(),
        after: marker.map(|row| After::new(&row, &wanted.order)),
        offset: wanted.offset.into(),
        rows: i64::from(wanted.limit) + 1,
    };
    let count = if wanted.counts { Some(list::count(db, listing, &query).await?) } else { None };
    let rows = if wanted.limit == 0 { Vec::new() } else { list::rows(db, listing, &query).await? };
    Ok(Page { count, ..Page::from_one_more(rows, wanted.limit) })
}
