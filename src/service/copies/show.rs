//! Show: a project looks at a snapshot or a backup of its own, an admin at any. Its own project decides, not its volume's: a
//! transfer may have left it behind.

use std::collections::{HashMap, HashSet};

use super::Kind;
use crate::{
    domain::{Copy, Id, Volume},
    service::{Asker, Error, Service},
    store::{Db, copies, copy_lists, load},
};

/// A snapshot or a backup.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(service: &Service, asker: &Asker, kind: Kind, id: Id) -> Result<Copy, Error> {
    visible(&mut service.store.reader().await?, asker, kind, id).await
}

/// One that exists for the caller.
pub(super) async fn visible(db: &mut Db, asker: &Asker, kind: Kind, id: Id) -> Result<Copy, Error> {
    let copy = copies::by_ids(db, kind, [id]).await?.pop();
    copy.filter(|copy| asker.caller.may_see(&copy.project_id)).ok_or(Error::NotFound(kind.noun(), id))
}

/// Those of the backups that an incremental one builds on.
pub async fn parents(service: &Service, backups: &[Copy]) -> Result<HashSet<Id>, Error> {
    let mut db = service.store.reader().await?;
    Ok(copy_lists::parents(&mut db, backups.iter().map(|backup| backup.id)).await?)
}

/// Those of the copies' volumes that exist for the caller, by their ids: for what an answer shows of a copy's volume.
pub async fn volumes(service: &Service, asker: &Asker, copies: &[Copy]) -> Result<HashMap<Id, Volume>, Error> {
    let mut db = service.store.reader().await?;
    let volumes = load::by_ids(&mut db, copies.iter().map(|copy| copy.volume_id)).await?;
    let theirs = volumes.into_iter().filter(|volume| asker.caller.may_see(&volume.project_id));
    Ok(theirs.map(|volume| (volume.id, volume)).collect())
}
