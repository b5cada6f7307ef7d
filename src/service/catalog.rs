//! The catalogue: what the cloud offers, to everybody; and what runs behind it, to admins.

use crate::domain::catalog::{Backend, VolumeType};
use crate::domain::filter::{Filter, FilterValue};
use crate::service::prelude::*;

/// A page of the volume types, filtered by `name`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no type.
pub struct Types(pub PageRequest);

impl Query for Types {
    type Answer = Page<VolumeType>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::TYPES_LIST)
    }

    async fn read(&self, cx: &Context) -> Result<Page<VolumeType>, Error> {
        // of the filters the name alone compares with what a type has
        let is_it = |filter: &Filter, known: &VolumeType| filter.value == FilterValue::from(known.name.as_str());
        let fits = |known: &VolumeType| self.0.filters.iter().all(|filter| is_it(filter, known));
        page::page_of(cx.service.catalog.types(), &self.0, fits)
    }
}

/// A volume type.
///
/// # Errors
/// [`Error::NotFound`].
pub struct Type {
    /// `None` for the one of volumes that name none. A name finds none, as in Cinder.
    pub id: Option<Id>,
    /// What is asked of it.
    pub aspect: Aspect,
}

/// What is asked of a volume type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    Itself,
    ExtraSpecs,
    /// Of which none has any.
    Encryption,
}

impl Query for Type {
    type Answer = Option<VolumeType>;

    fn access(&self) -> Access<'_> {
        Access::new(match self.aspect {
            Aspect::Itself => &policy::TYPES_GET,
            Aspect::ExtraSpecs => &policy::TYPES_EXTRA_SPECS,
            Aspect::Encryption => &policy::TYPES_ENCRYPTION,
        })
    }

    async fn read(&self, cx: &Context) -> Result<Option<VolumeType>, Error> {
        let catalog = &cx.service.catalog;
        let Some(id) = self.id else { return Ok(catalog.default_type().cloned()) };
        let found = catalog.types().iter().find(|known| known.id == id).cloned();
        cx.visible(found, RecordKind::VolumeType, id).map(Some)
    }
}

/// Something that is the same whoever asks for it, of those who may.
pub struct Known<T> {
    action: &'static Action,
    read: fn(&Context) -> T,
}

impl<T: Send> Query for &Known<T> {
    type Answer = T;

    fn access(&self) -> Access<'_> {
        Access::new(self.action)
    }

    async fn read(&self, cx: &Context) -> Result<T, Error> {
        Ok((self.read)(cx))
    }
}

/// The names of the availability zones.
pub static ZONES: Known<Vec<String>> =
    Known { action: &policy::ZONES_LIST, read: |cx| cx.service.catalog.zones().map(str::to_owned).collect() };

/// Whether the parts of the API may be asked for.
pub static EXTENSIONS: Known<()> = Known { action: &policy::EXTENSIONS_LIST, read: |_| () };

/// What keeps the volumes, as a service; and when it was last seen alive, which is now.
pub static SERVICES: Known<(Backend, Time)> = Known { action: &policy::SERVICES_LIST, read: backend };
/// The same, as a host.
pub static HOSTS: Known<(Backend, Time)> = Known { action: &policy::HOSTS_LIST, read: backend };
/// The same, as a pool.
pub static POOLS: Known<(Backend, Time)> = Known { action: &policy::POOLS_LIST, read: backend };

fn backend(cx: &Context) -> (Backend, Time) {
    (cx.service.catalog.backend(), cx.now())
}
