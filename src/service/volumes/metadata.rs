//! The metadata of a volume: read and edited.

use serde_json::{Map, Value};

use super::{
    change::{self, Change},
    show,
};
use crate::{
    domain::{Id, Noun, Time, Volume, metadata::Edit},
    service::{Asker, Error, Service, metadata},
    store::Db,
};

/// All of it.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn read(service: &Service, asker: &Asker, id: Id) -> Result<Map<String, Value>, Error> {
    Ok(show::read(service, asker, id).await?.metadata)
}

/// All of it after the edit.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] in a status that forbids it; [`Error::NoMetadata`] when the key to remove is not there.
pub async fn edit(service: &Service, asker: &Asker, id: Id, edit: &Edit) -> Result<Map<String, Value>, Error> {
    Ok(change::change(service, asker, id, edit).await?.metadata)
}

/// Source: Cinder's `volume/api.py`.
const FORBIDDING: [&str; 2] = ["maintenance", "uploading"];

impl Change for Edit {
    async fn apply(&self, _: &mut Db, mut volume: Volume, _: Time) -> Result<Volume, Error> {
        if FORBIDDING.contains(&volume.status.as_str()) {
            return Err(Error::Invalid(format!(
                "Invalid volume: Updating volume metadata is not allowed for volumes in {} status. Wait until that is over.",
                volume.status
            )));
        }
        volume.metadata = metadata::edited(Noun::Volume, volume.id, volume.metadata, self)?;
        Ok(volume)
    }
}
