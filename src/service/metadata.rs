//! The metadata of a volume or a snapshot, as it is read.

use super::{copies, volumes};
use crate::service::prelude::*;

/// All of it.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct Read {
    /// A volume or a snapshot.
    pub kind: RecordKind,
    pub id: Id,
}

impl Query for Read {
    type Answer = Map<String, Value>;

    fn access(&self) -> Access<'_> {
        let action = match self.kind {
            RecordKind::Snapshot => &policy::SNAPSHOTS_METADATA_GET,
            _ => &policy::VOLUMES_METADATA_GET,
        };
        Access::of_record(action, self.kind, self.id)
    }

    async fn read(&self, cx: &Context) -> Result<Map<String, Value>, Error> {
        let db = &mut cx.service.store.reader().await?;
        Ok(match self.kind {
            RecordKind::Snapshot => copies::visible(cx, db, CopyKind::Snapshot, self.id).await?.metadata,
            _ => volumes::show::visible(cx, db, self.id).await?.metadata,
        })
    }
}
