//! Delete: a snapshot or a backup is gone, and no longer counts for its project.

use super::{Kind, change, show, ways};
use crate::{
    domain::{Copy, Id},
    service::{Asker, Error, Service, quotas},
    store::{Db, Write, copies, copy_lists, volumes},
};

/// How it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// If its status allows.
    Gently,
    /// Whatever its status; for admins.
    ByForce,
}

/// The statuses that something can be deleted from. Source: Cinder's `volume/api.py` and `backup/api.py`.
const DELETABLE: [&str; 2] = ["available", "error"];

/// Deletes one that exists for the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`] when its status or an incremental backup is in the way.
pub async fn delete(service: &Service, asker: &Asker, kind: Kind, id: Id, how: How) -> Result<(), Error> {
    let seen = show::show(service, asker, kind, id).await?;
    if how == How::ByForce {
        asker.must_be_admin(ways(kind).force_delete)?;
    }
    service.store.write(&Deleting { service, asker, kind, seen: &seen, how }).await
}

/// Invariant kept: what a project has by its usage is the sum of its rows.
struct Deleting<'a> {
    service: &'a Service,
    asker: &'a Asker,
    kind: Kind,
    seen: &'a Copy,
    how: How,
}

impl Write for Deleting<'_> {
    type Done = ();
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<(), Error> {
        let copy = change::lock(db, self.asker, self.kind, self.seen).await?;
        if self.how == How::Gently && !DELETABLE.contains(&copy.status.as_str()) {
            return Err(Error::Invalid(format!(
                "{} It is {}. Wait until what it is busy with is done, or have an admin reset its status.",
                ways(self.kind).undeletable,
                copy.status
            )));
        }
        if self.kind == Kind::Backup && copy_lists::parents(db, [copy.id]).await?.contains(&copy.id) {
            return Err(Error::Invalid(
                "Invalid backup: Incremental backups exist for this backup. Delete those first, the newest before the others."
                    .to_owned(),
            ));
        }
        copies::remove(db, self.kind, std::slice::from_ref(&copy)).await?;
        quotas::charge(self.service, db, &copy.project_id, -(ways(self.kind).usage)(copy.size)).await
    }

    /// Gone is gone: if somebody else deleted it in the meantime, that is what this caller wanted too.
    async fn landed(&self, db: &mut Db) -> Result<Option<()>, Error> {
        volumes::lock(db, self.seen.volume_id).await?;
        let left = copies::locked(db, self.kind, self.seen.volume_id, self.seen.id).await?;
        Ok(left.is_none().then_some(()))
    }
}
