//! List: a page of the volumes that a caller may see, and how many there are in all.

use super::settle;
use crate::{
    domain::{Volume, page::Page},
    service::{
        Asker, Error, Service,
        page::{self, Wanted},
    },
    store::volumes,
};

/// A page of volumes, by the filters that `store::volumes::ALL` names.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no volume that the caller may see.
pub async fn list(service: &Service, asker: &Asker, wanted: &Wanted) -> Result<Page<Volume>, Error> {
    settle::all(service).await?;
    let mut db = service.store.reader().await?;
    let marker = match wanted.marker {
        Some(id) => volumes::by_id(&mut db, id).await?,
        None => None,
    };
    let sees = |volume: &Volume| wanted.sees_all(asker) || volume.project_id == asker.caller.project;
    let page = page::page(&mut db, asker, &volumes::ALL, wanted, marker.filter(sees)).await?;
    // where nothing could be written, what is due is stored as it was
    let now = service.clock.now();
    Ok(page.map(|volume| settle::settled(volume, now)))
}

/// How many volumes there are on all pages.
pub async fn count(service: &Service, asker: &Asker, wanted: &Wanted) -> Result<i64, Error> {
    settle::all(service).await?;
    page::count(&mut service.store.reader().await?, asker, &volumes::ALL, wanted).await
}
