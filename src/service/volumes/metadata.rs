//! The metadata of a volume: read and edited.

use serde_json::{Map, Value};

use super::change::Change;
use super::show;
use crate::domain::metadata::Edit;
use crate::service::metadata;
use crate::service::prelude::*;

/// All of it.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct Read(pub Id);

impl Query for Read {
    type Answer = Map<String, Value>;

    fn access(&self) -> Access<'_> {
        Access::of_record(&policy::VOLUMES_METADATA_GET, RecordKind::Volume, self.0)
    }

    async fn read(&self, cx: &Context) -> Result<Map<String, Value>, Error> {
        Ok(show::read(cx, self.0).await?.metadata)
    }
}

/// Source: Cinder's `volume/api.py`.
const FORBIDDING: [&str; 2] = ["maintenance", "uploading"];

/// # Errors
/// [`Error::Invalid`] in a status that forbids it; [`Error::NoMetadata`] when the key to remove is not there.
impl Change for Edit {
    fn action(&self) -> &'static Action {
        match self {
            Self::Merge(_) => &policy::VOLUMES_METADATA_ADD,
            Self::Replace(_) => &policy::VOLUMES_METADATA_REPLACE,
            Self::Remove(_) => &policy::VOLUMES_METADATA_DELETE,
        }
    }

    async fn apply(&self, _: &Context, _: &mut Tx<'_>, mut volume: Volume, _: Time) -> Result<Volume, Error> {
        if FORBIDDING.contains(&volume.status.as_str()) {
            return Err(Error::Invalid(format!(
                "Invalid volume: Updating volume metadata is not allowed for volumes in {} status. Wait until that is over.",
                volume.status
            )));
        }
        volume.metadata = metadata::edited(RecordKind::Volume, volume.id, volume.metadata, self)?;
        Ok(volume)
    }
}
