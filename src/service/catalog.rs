//! The catalogue: what the cloud offers, to everybody; and what runs behind it, to admins.

use super::{
    Asker, Error, Service,
    page::{self, Wanted},
};
use crate::domain::{
    Id, Noun, Time,
    catalog::{Backend, VolumeType},
    page::Page,
};

/// A page of the volume types, filtered by `name`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no type.
pub fn types(service: &Service, wanted: &Wanted) -> Result<Page<VolumeType>, Error> {
    let name = wanted.filters.get("name");
    page::page_of(service.catalog.types(), wanted, |volume_type| name.is_none_or(|name| *name == volume_type.name))
}

/// A volume type by its id: a name finds none, as in Cinder.
///
/// # Errors
/// [`Error::NotFound`].
pub fn volume_type(service: &Service, id: Id) -> Result<&VolumeType, Error> {
    service.catalog.types().iter().find(|known| known.id == id).ok_or(Error::NotFound(Noun::VolumeType, id))
}

/// Whether a type's encryption may be looked at, of which none has any.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub fn encryption(service: &Service, asker: &Asker, id: Id) -> Result<(), Error> {
    asker.must_be_admin("volume_extension:volume_type_encryption:get")?;
    volume_type(service, id).map(|_| ())
}

/// What keeps the volumes, for an admin who may ask by `policy`; and when it was last seen alive, which is now.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn backend(service: &Service, asker: &Asker, policy: &'static str) -> Result<(Backend, Time), Error> {
    asker.must_be_admin(policy)?;
    Ok((service.catalog.backend(), service.clock.now()))
}
