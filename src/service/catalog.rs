//! The catalogue: what the cloud offers, to everybody; and what runs behind it, to admins.

use crate::domain::catalog::{Backend, VolumeType};
use crate::domain::filter::{Filter, FilterValue};
use crate::service::prelude::*;

/// A page of the volume types, filtered by `name`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no type.
pub async fn types(cx: &Context, page: &PageRequest) -> Result<Page<VolumeType>, Error> {
    // of the filters the name alone compares with what a type has
    let is_it = |filter: &Filter, known: &VolumeType| filter.value == FilterValue::from(known.name.clone());
    let fits = |known: &VolumeType| page.filters.iter().all(|filter| is_it(filter, known));
    look(cx, Access::new(&policy::TYPES_LIST), async || page::page_of(cx.service.catalog.types(), page, fits)).await
}

/// A volume type by its id, as in Cinder not by its name; without one, that of volumes that name none, where there is such.
/// `action`: what the policy calls it to see this of a type.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn volume_type(cx: &Context, action: &'static Action, id: Option<Id>) -> Result<Option<VolumeType>, Error> {
    look(cx, Access::new(action), async || {
        let catalog = &cx.service.catalog;
        let Some(id) = id else { return Ok(catalog.default_type().cloned()) };
        let found = catalog.types().iter().find(|known| known.id == id).cloned();
        cx.visible(found, RecordKind::VolumeType, id).map(Some)
    })
    .await
}

/// The names of the availability zones.
pub async fn zones(cx: &Context) -> Result<Vec<String>, Error> {
    look(cx, Access::new(&policy::ZONES_LIST), async || Ok(cx.service.catalog.zones().map(str::to_owned).collect())).await
}

/// Whether the parts of the API may be asked for.
pub async fn extensions(cx: &Context) -> Result<(), Error> {
    look(cx, Access::new(&policy::EXTENSIONS_LIST), async || Ok(())).await
}

/// What keeps the volumes, and when it was last seen alive, which is now. `action`: what the policy calls it to see it as this.
pub async fn backend(cx: &Context, action: &'static Action) -> Result<(Backend, Time), Error> {
    look(cx, Access::new(action), async || Ok((cx.service.catalog.backend(), cx.now()))).await
}
