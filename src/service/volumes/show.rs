//! Show: a project looks at a volume of its own, an admin at any.

use super::settle;
use crate::{
    domain::{Id, Noun, Time, Volume},
    service::{Asker, Error, Service},
    store::{Db, creating, volumes},
};

/// A volume, whole. A volume that is `creating` until it was looked at so many times counts this look.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(service: &Service, asker: &Asker, id: Id) -> Result<Volume, Error> {
    let volume = read(service, asker, id).await?;
    settle::look(service, &volume).await;
    Ok(volume)
}

/// A volume, whole, without a look being counted.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub(super) async fn read(service: &Service, asker: &Asker, id: Id) -> Result<Volume, Error> {
    let volume = visible(&mut service.store.reader().await?, asker, id).await?;
    Ok(settle::settled(volume, service.clock.now()))
}

/// A volume that exists for the caller, as it is stored.
async fn visible(db: &mut Db, asker: &Asker, id: Id) -> Result<Volume, Error> {
    let volume = volumes::by_id(db, id).await?;
    volume.filter(|volume| asker.caller.may_see(&volume.project_id)).ok_or(Error::NotFound(Noun::Volume, id))
}

/// Locks a volume that exists for the caller to the end of the transaction, and settles it: what may be judged and changed.
pub(in crate::service) async fn locked(db: &mut Db, asker: &Asker, id: Id, now: Time) -> Result<Volume, Error> {
    if !volumes::lock(db, id).await? {
        return Err(Error::NotFound(Noun::Volume, id));
    }
    let stored = visible(db, asker, id).await?;
    let volume = settle::settled(stored.clone(), now);
    if volume != stored {
        creating::settle(db, id, now).await?;
    }
    Ok(volume)
}
