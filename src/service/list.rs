//! List: a page of the offers that a caller may see.

use super::{Asker, Error, Service};
use crate::{
    domain::{
        Id, Offer, ProjectId,
        page::{Order, Page},
    },
    store::{Db, list as pages, transfers},
};

/// Which page of which offers.
#[derive(Debug, Clone)]
pub struct List {
    /// Every project's; heeded from an admin only.
    pub all_projects: bool,
    /// One project's, of all.
    pub project: Option<ProjectId>,
    pub name: Option<String>,
    pub id: Option<Id>,
    pub volume_id: Option<Id>,
    pub order: Order,
    pub marker: Option<Id>,
    pub offset: u32,
    pub limit: u16,
}

/// A page of pending offers.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no transfer that the caller may see, pending or ended since.
pub async fn list(service: &Service, asker: &Asker, wanted: List) -> Result<Page<Offer>, Error> {
    let mut db = service.store.reader().await?;
    let sees_all = wanted.all_projects && asker.caller.is_admin;
    let after = match wanted.marker {
        Some(id) => Some(marker(&mut db, asker, sees_all, id).await?),
        None => None,
    };
    if wanted.limit == 0 {
        return Ok(Page { rows: Vec::new(), has_next: false });
    }
    let query = pages::Query {
        project: if sees_all { wanted.project } else { Some(asker.caller.project.clone()) },
        name: wanted.name,
        id: wanted.id,
        volume_id: wanted.volume_id,
        order: wanted.order,
        after,
        offset: wanted.offset.into(),
        rows: i64::from(wanted.limit) + 1,
    };
    let rows = pages::pending(&mut db, &query).await?.into_iter().map(|transfer| transfer.offer).collect();
    Ok(Page::from_one_more(rows, wanted.limit))
}

async fn marker(db: &mut Db, asker: &Asker, sees_all: bool, id: Id) -> Result<crate::domain::page::Marker, Error> {
    let transfer = transfers::by_id(db, id).await?.ok_or(Error::MarkerNotFound)?;
    let is_theirs = sees_all || transfer.offer.made.project_id == asker.caller.project;
    if is_theirs { Ok((&transfer.offer).into()) } else { Err(Error::MarkerNotFound) }
}
