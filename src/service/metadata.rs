//! The metadata of any record: what an edit makes of it, or that a key is not there.

use serde_json::{Map, Value};

use crate::domain::metadata::Edit;
use crate::service::prelude::*;

/// The metadata of the record `id` as it is after the edit.
///
/// # Errors
/// [`Error::NoMetadata`] when the key to remove is not there.
pub(super) fn edited(
    record_kind: RecordKind,
    id: Id,
    metadata: Map<String, Value>,
    edit: &Edit,
) -> Result<Map<String, Value>, Error> {
    edit.apply(metadata).map_err(|key| Error::NoMetadata(record_kind, id, key.to_owned()))
}
