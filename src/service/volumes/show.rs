//! Show: a project looks at a volume of its own, an admin at any.

use crate::{
    domain::{Id, Noun, Volume},
    service::{Asker, Error, Service},
    store::{Db, volumes},
};

/// A volume, whole.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(service: &Service, asker: &Asker, id: Id) -> Result<Volume, Error> {
    visible(&mut service.store.reader().await?, asker, id).await
}

/// A volume that exists for the caller.
pub(super) async fn visible(db: &mut Db, asker: &Asker, id: Id) -> Result<Volume, Error> {
    let volume = volumes::by_id(db, id).await?;
    volume.filter(|volume| asker.caller.may_see(&volume.project_id)).ok_or(Error::NotFound(Noun::Volume, id))
}
