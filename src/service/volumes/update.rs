//! What is noted on a volume: what it is called, how it is described, its metadata. None of it touches an offer.

use super::change::Change;
use crate::domain::metadata::reserved_change;
use crate::service::prelude::*;

/// # Errors
/// [`Error::Invalid`] in a status that forbids it.
impl Change for Update {
    fn action(&self) -> &'static Action {
        &policy::VOLUMES_CHANGE
    }

    async fn apply(&self, _: &Context, _: &mut Tx<'_>, mut volume: Volume, _: Time) -> Result<Volume> {
        let words = "The volume cannot be updated during maintenance. Have an admin reset its status (os-reset_status).";
        ensure!(!volume.status.is(KnownStatus::Maintenance), Error::Invalid(format!("Invalid volume: {words}")));
        let before = volume.metadata.clone();
        self.apply(&mut volume.name, &mut volume.description, &mut volume.metadata);
        refuse_reserved(&before, &volume)?;
        Ok(volume)
    }
}

/// What says in metadata how a volume is paid for, encrypted or backed up stays as it was made, so that the rules and what is shown
/// never disagree.
fn refuse_reserved(before: &Map<String, Value>, volume: &Volume) -> Result<()> {
    let Some(key) = reserved_change(before, &volume.metadata) else { return Ok(()) };
    let words = format!("The metadata key {} is set when the volume is made, and does not change.", shown(key));
    let advice = "Send it as it is, or leave it out of a request that adds to the metadata.";
    Err(Error::Invalid(format!("Invalid volume: {words} {advice}")))
}

/// The statuses in which metadata, also an image's, cannot be changed. Source: Cinder's `volume/api.py`.
pub(super) const FORBIDDING: [&str; 2] = ["maintenance", "uploading"];

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

    async fn apply(&self, _: &Context, _: &mut Tx<'_>, mut volume: Volume, _: Time) -> Result<Volume> {
        let status = volume.status.as_str();
        let words = || format!("Updating volume metadata is not allowed for volumes in {status} status.");
        let advice = "Have an admin reset it (os-reset_status).";
        ensure!(!FORBIDDING.contains(&status), Error::Invalid(format!("Invalid volume: {} {advice}", words())));
        let missing = |key: &str| Error::NoMetadata(RecordKind::Volume, volume.id, key.to_owned());
        let before = volume.metadata.clone();
        self.apply(&mut volume.metadata).map_err(missing)?;
        refuse_reserved(&before, &volume)?;
        Ok(volume)
    }
}
