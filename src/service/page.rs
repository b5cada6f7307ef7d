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
    /// A filter asks for what no row can have.
    pub fits_nothing: bool,
    pub order: Order,
    pub marker: Option<Id>,
    pub offset: u32,
    pub limit: u16,
}

impl Wanted {
    /// Whether rows of every project are seen.
    pub fn sees_all(&self, asker: &Asker) -> bool {
        self.all_projects && asker.caller.is_admin
    }

    /// The one project whose rows are asked for; `None` for those of every project.
    fn of_project(&self, asker: &Asker) -> Option<ProjectId> {
        if self.sees_all(asker) { self.project.clone() } else { Some(asker.caller.project.clone()) }
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
    let is_behind = |row: &&T| marker.is_none_or(|marker| wanted.order.compare(marker, *row).is_lt());
    let offset = usize::try_from(wanted.offset).unwrap_or(usize::MAX);
    let rows = rows.into_iter().filter(is_behind).skip(offset).take(usize::from(wanted.limit) + 1).cloned().collect();
    Ok(Page::from_one_more(rows, wanted.limit))
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
    if wanted.limit == 0 || wanted.fits_nothing {
        return Ok(Page { rows: Vec::new(), has_next: false, is_full: false });
    }
    let query = Query {
        project: wanted.of_project(asker),
        filters: wanted.filters.clone(),
        order: wanted.order.clone(),
        after: marker.map(|row| After::new(&row, &wanted.order)),
        offset: wanted.offset.into(),
        rows: i64::from(wanted.limit) + 1,
    };
    Ok(Page::from_one_more(list::rows(db, listing, &query).await?, wanted.limit))
}

/// How many rows the list has on all of its pages.
pub(super) async fn count(db: &mut Db, asker: &Asker, listing: &Listing, wanted: &Wanted) -> Result<i64, Error> {
    if wanted.fits_nothing {
        return Ok(0);
    }
    Ok(list::count(db, listing, wanted.of_project(asker).as_ref(), &wanted.filters).await?)
}
