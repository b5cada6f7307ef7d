//! What is noted on a snapshot or a backup: what it is called, how it is described, and of a snapshot its metadata.

use super::change::ChangeCopy;
use super::either;
use crate::domain::metadata::{Edit, Update};
use crate::service::prelude::*;

impl ChangeCopy for Update {
    fn action(&self, kind: CopyKind) -> &'static Action {
        either(kind, &policy::SNAPSHOTS_CHANGE, &policy::BACKUPS_CHANGE)
    }

    fn apply(&self, _: CopyKind, copy: &mut VolumeCopy) -> Result<(), Error> {
        self.apply(&mut copy.name, &mut copy.description, &mut copy.metadata);
        Ok(())
    }
}

/// # Errors
/// [`Error::NoMetadata`] when the key to remove is not there.
impl ChangeCopy for Edit {
    fn action(&self, _: CopyKind) -> &'static Action {
        match self {
            Self::Merge(_) => &policy::SNAPSHOTS_METADATA_ADD,
            Self::Replace(_) => &policy::SNAPSHOTS_METADATA_REPLACE,
            Self::Remove(_) => &policy::SNAPSHOTS_METADATA_DELETE,
        }
    }

    fn apply(&self, kind: CopyKind, copy: &mut VolumeCopy) -> Result<(), Error> {
        let missing = |key: &str| Error::NoMetadata(kind.record_kind(), copy.id, key.to_owned());
        self.apply(&mut copy.metadata).map_err(missing)
    }
}
