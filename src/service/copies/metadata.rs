//! The metadata of a snapshot or a backup: read and edited.

use serde_json::{Map, Value};

use super::{Kind, change::change, show};
use crate::{
    domain::{Id, metadata::Edit},
    service::{Asker, Error, Service, metadata},
};

/// All of it.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn read(service: &Service, asker: &Asker, kind: Kind, id: Id) -> Result<Map<String, Value>, Error> {
    Ok(show::show(service, asker, kind, id).await?.metadata)
}

/// All of it after the edit.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NoMetadata`] when the key to remove is not there.
pub async fn edit(service: &Service, asker: &Asker, kind: Kind, id: Id, edit: &Edit) -> Result<Map<String, Value>, Error> {
    let copy = change(service, asker, kind, id, |copy| {
        copy.metadata = metadata::edited(kind.noun(), id, std::mem::take(&mut copy.metadata), edit)?;
        Ok(())
    });
    Ok(copy.await?.metadata)
}
