//! Create: a snapshot or a backup of a volume, the caller's from then on.

use serde_json::{Map, Value};

use super::{Kind, backup, snapshot, ways};
use crate::{
    domain::{Copy, Id, Time, VolumeStatus},
    secrets::random,
    service::{Asker, Error, Service, quotas, volumes::show},
    store::{Db, Write, copies, volumes},
};

/// What is asked for.
#[derive(Debug)]
pub struct Create {
    pub volume_id: Id,
    pub name: Option<String>,
    pub description: Option<String>,
    pub metadata: Map<String, Value>,
    pub what: What,
}

/// Which of the two, with what is asked of it alone.
#[derive(Debug)]
pub enum What {
    Snapshot(snapshot::Asked),
    Backup(backup::Asked),
}

impl What {
    const fn kind(&self) -> Kind {
        match self {
            Self::Snapshot(_) => Kind::Snapshot,
            Self::Backup(_) => Kind::Backup,
        }
    }
}

/// Makes it: there is nothing to wait for, so it is `available` at once. It is the caller's project's, and counts for it, an
/// admin's of another project's volume too, as in Cinder.
///
/// # Errors
/// [`Error::NotFound`] of the volume, or of a backup's snapshot; [`Error::Invalid`] where the state of either does not allow it;
/// [`Error::OverQuota`].
pub async fn create(service: &Service, asker: &Asker, asked: &Create) -> Result<Copy, Error> {
    asker.still_waits()?;
    let id = random::id(&*service.random);
    service.store.write(&Making { service, asker, asked, id, at: service.clock.now() }).await
}

/// Invariant kept: nothing is made of a volume while it is on offer, and what a project has by its usage is the sum of its rows.
struct Making<'a> {
    service: &'a Service,
    asker: &'a Asker,
    asked: &'a Create,
    id: Id,
    at: Time,
}

impl Write for Making<'_> {
    type Done = Copy;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<Copy, Error> {
        let Create { volume_id, name, description, metadata, what } = self.asked;
        let volume = show::locked(db, self.asker, *volume_id, self.at).await?;
        let extra = match what {
            What::Snapshot(asked) => snapshot::judge(db, &volume, asked).await?,
            What::Backup(asked) => backup::judge(db, self.asker, &volume, asked).await?,
        };
        let copy = Copy {
            id: self.id,
            volume_id: volume.id,
            project_id: self.asker.caller.project.clone(),
            user_id: Some(self.asker.caller.user.clone()),
            name: name.clone(),
            description: description.clone(),
            status: VolumeStatus::available(),
            size: volume.size,
            metadata: metadata.clone(),
            extra,
            created_at: self.at,
            updated_at: None,
        };
        copies::save(db, what.kind(), std::slice::from_ref(&copy)).await?;
        quotas::charge(self.service, db, &copy.project_id, (ways(what.kind()).usage)(copy.size)).await?;
        Ok(copy)
    }

    async fn landed(&self, db: &mut Db) -> Result<Option<Copy>, Error> {
        volumes::lock(db, self.asked.volume_id).await?;
        Ok(copies::by_ids(db, self.asked.what.kind(), [self.id]).await?.pop())
    }
}
