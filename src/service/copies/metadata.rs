//! The metadata of a snapshot or a backup: read and edited.

use serde_json::{Map, Value};

use super::change::ChangeCopy;
use super::show;
use crate::domain::metadata::Edit;
use crate::service::metadata;
use crate::service::prelude::*;

/// All of it, of a snapshot.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct Read(pub Id);

impl Query for Read {
    type Answer = Map<String, Value>;

    fn access(&self) -> Access<'_> {
        Access::of_record(&policy::SNAPSHOTS_METADATA_GET, RecordKind::Snapshot, self.0)
    }

    async fn read(&self, cx: &Context) -> Result<Map<String, Value>, Error> {
        Ok(show::visible(cx, &mut cx.service.store.reader().await?, CopyKind::Snapshot, self.0).await?.metadata)
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
        copy.metadata = metadata::edited(kind.record_kind(), copy.id, std::mem::take(&mut copy.metadata), self)?;
        Ok(())
    }
}
