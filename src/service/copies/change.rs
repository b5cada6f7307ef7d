//! What every change of a snapshot or a backup does: lock its volume and it, read it, change it, write it back, in one
//! transaction.

use super::{Kind, show};
use crate::{
    domain::{Copy, Id, Time},
    service::{Asker, Error, Service, volumes::change::left_by},
    store::{Db, Write, copies, volumes},
};

/// Changes one that exists for the caller; as it is then, `updated_at` moved if anything is different.
///
/// # Errors
/// [`Error::NotFound`], and what `change` says no with.
pub(super) async fn change<F>(service: &Service, asker: &Asker, kind: Kind, id: Id, change: F) -> Result<Copy, Error>
where
    F: Fn(&mut Copy) -> Result<(), Error> + Sync,
{
    let seen = show::show(service, asker, kind, id).await?;
    service.store.write(&Changing { asker, kind, seen: &seen, change, at: service.clock.now().max(seen.created_at) }).await
}

/// The copy as the caller sees it, locked behind its volume: which volume that is never changes, but whose copy it is may have.
pub(super) async fn lock(db: &mut Db, asker: &Asker, kind: Kind, seen: &Copy) -> Result<Copy, Error> {
    volumes::lock(db, seen.volume_id).await?; // a backup's may be gone
    let copy = copies::locked(db, kind, seen.volume_id, seen.id).await?;
    copy.filter(|copy| asker.caller.may_see(&copy.project_id)).ok_or(Error::NotFound(kind.noun(), seen.id))
}

struct Changing<'a, F> {
    asker: &'a Asker,
    kind: Kind,
    seen: &'a Copy,
    change: F,
    at: Time,
}

impl<F: Fn(&mut Copy) -> Result<(), Error> + Sync> Write for Changing<'_, F> {
    type Done = Copy;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<Copy, Error> {
        let before = lock(db, self.asker, self.kind, self.seen).await?;
        let mut after = before.clone();
        (self.change)(&mut after)?;
        if after != before {
            after.updated_at = Some(self.at);
            copies::save(db, self.kind, std::slice::from_ref(&after)).await?;
        }
        Ok(after)
    }

    /// A change leaves its moment, to the microsecond, as `updated_at`.
    async fn landed(&self, db: &mut Db) -> Result<Option<Copy>, Error> {
        volumes::lock(db, self.seen.volume_id).await?;
        let copy = copies::locked(db, self.kind, self.seen.volume_id, self.seen.id).await?;
        let Some(copy) = copy else { return Ok(None) };
        Ok(left_by(self.at, copy.updated_at)?.then_some(copy))
    }
}
