//! What a new volume is a copy of, and what it takes from there.

use crate::service::copies;
use crate::service::prelude::*;

/// A record whose content a new volume has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Volume(Id),
    Snapshot(Id),
    Backup(Id),
}

/// What a volume takes from its source where it was not told otherwise; of nothing, where it has none.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// GiB; no copy is smaller.
    pub size: i64,
    pub availability_zone: Option<String>,
    pub volume_type: Option<String>,
    pub bootable: bool,
    pub encrypted: bool,
    /// What is known of the image that it began with.
    pub image: Option<Value>,
    /// When the source was made.
    pub made_at: Option<Time>,
}

impl Source {
    /// What it is called in Cinder's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Volume(_) => "source volume",
            Self::Snapshot(_) => "snapshot",
            Self::Backup(_) => "backup",
        }
    }

    /// Locks the volume behind the source, and reads what a copy takes from it.
    ///
    /// # Errors
    /// [`Error::NotFound`], for another project's too; [`Error::Invalid`] while its status forbids it.
    pub(super) async fn origin(self, cx: &Context, db: &mut Db) -> Result<Origin> {
        match self {
            Self::Volume(id) => {
                let volume = cx.visible(locked(cx, db, id).await?, RecordKind::Volume, id)?;
                self.check("Invalid volume", volume.status.as_str(), &["available", "in-use"])?;
                Ok(of_volume(volume))
            }
            Self::Snapshot(id) => {
                let (snapshot, volume) = copy(cx, db, CopyKind::Snapshot, id).await?;
                self.check("Invalid snapshot", snapshot.status.as_str(), &["available"])?;
                let encrypted = volume.as_ref().is_some_and(|volume| volume.encrypted);
                // what a transfer has left behind tells nothing of what its volume has become
                let theirs = volume.filter(|volume| cx.sees(&volume.project_id));
                let made_at = Some(snapshot.created_at);
                Ok(Origin { size: snapshot.size, encrypted, made_at, ..theirs.map(of_volume).unwrap_or_default() })
            }
            Self::Backup(id) => {
                let (backup, _) = copy(cx, db, CopyKind::Backup, id).await?;
                self.check("Invalid backup", backup.status.as_str(), &["available"])?;
                Ok(Origin { size: backup.size, made_at: Some(backup.created_at), ..Origin::default() })
            }
        }
    }

    fn check(self, lead: &str, status: &str, allowed: &[&str]) -> Result<()> {
        let must = || format!("{} status must be one of '{}' values, and it is {status}.", self.name(), allowed.join(", "));
        let advice = "Copy another, or have an admin reset the status (os-reset_status).";
        ensure!(allowed.contains(&status), Error::Invalid(format!("{lead}: Originating {} {advice}", must())));
        Ok(())
    }
}

fn of_volume(volume: Volume) -> Origin {
    Origin {
        size: volume.size,
        availability_zone: volume.availability_zone,
        volume_type: volume.volume_type,
        bootable: volume.bootable,
        encrypted: volume.encrypted,
        image: volume.extra.get("volume_image_metadata").cloned(),
        made_at: Some(volume.created_at),
    }
}

/// Locks a volume, if it is there.
async fn locked(cx: &Context, db: &mut Db, id: Id) -> Result<Option<Volume>> {
    volumes::lock(db, id).await?;
    Ok(volumes::TABLE.by_id(db, id).await?.map(|volume| settling::settled(volume, cx.now())))
}

/// A snapshot or a backup that exists for the caller, and the volume that it was made of, if that is still there.
async fn copy(cx: &Context, db: &mut Db, kind: CopyKind, id: Id) -> Result<(VolumeCopy, Option<Volume>)> {
    // its volume is known only then, and must be locked first
    let seen = copies::visible(cx, db, kind, id).await?;
    let volume = locked(cx, db, seen.volume_id).await?;
    Ok((copies::visible(cx, db, kind, id).await?, volume))
}
