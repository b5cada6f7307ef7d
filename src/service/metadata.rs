//! The metadata of a volume or a snapshot, as it is read.

use super::{copies, volumes};
use crate::service::prelude::*;

/// All of it, of a volume or a snapshot.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn list(cx: &Context, kind: RecordKind, id: Id) -> Result<Map<String, Value>> {
    let is_snapshots = kind == RecordKind::Snapshot;
    let action = if is_snapshots { &policy::SNAPSHOTS_METADATA_GET } else { &policy::VOLUMES_METADATA_GET };
    let db = &mut look(cx, action, Some((kind, id))).await?;
    if is_snapshots {
        return Ok(copies::visible(cx, db, CopyKind::Snapshot, id).await?.metadata);
    }
    Ok(volumes::show::visible(cx, db, id).await?.metadata)
}
