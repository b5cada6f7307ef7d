//! Which volumes a backup can be made of, and what an incremental one builds on. Source: Cinder's `backup/api.py`, `create`.

use super::show;
use crate::service::prelude::*;
use crate::service::volumes::actions::refusal::{refusal, refusal_with};

/// What is asked of a backup alone.
pub struct Asked {
    /// Whether a server may have the volume meanwhile.
    pub takes_in_use: bool,
    pub is_incremental: bool,
    /// The snapshot that is backed up in the volume's stead.
    pub snapshot_id: Option<Id>,
    pub container: Option<String>,
    pub availability_zone: Option<String>,
}

/// What the backup has beside what every copy has, if the locked volume allows it.
pub(super) async fn judge(cx: &Context, db: &mut Db, volume: &Volume, asked: &Asked) -> Result<Map<String, Value>> {
    let snapshot = if let Some(id) = asked.snapshot_id { Some(snapshot(cx, db, volume, id).await?) } else { None };
    judge_volume(db, volume, asked).await?;
    let parent = if asked.is_incremental { Some(parent(cx, db, volume, snapshot.as_ref()).await?) } else { None };
    let extra = [
        ("snapshot_id", snapshot.as_ref().map(|snapshot| json!(snapshot.id))),
        ("data_timestamp", snapshot.as_ref().map(|snapshot| json!(snapshot.created_at))),
        ("is_incremental", parent.as_ref().map(|_| json!(true))),
        ("parent_id", parent.as_ref().map(|parent| json!(parent.id))),
        ("container", asked.container.as_ref().map(|container| json!(container))),
        ("availability_zone", asked.availability_zone.as_ref().map(|zone| json!(zone))),
    ];
    Ok(extra.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// The snapshot that is to be backed up.
async fn snapshot(cx: &Context, db: &mut Db, volume: &Volume, id: Id) -> Result<VolumeCopy> {
    let snapshot = show::visible(cx, db, CopyKind::Snapshot, id).await?;
    let (asked, VolumeCopy { volume_id, status, .. }) = (volume.id, &snapshot);
    let words =
        || format!("Volume {asked} does not match with snapshot.volume_id {volume_id}. Give the snapshot's own volume.");
    ensure!(*volume_id == asked, Error::Invalid(format!("Invalid volume: {}", words())));
    let words = || format!("Snapshot to be backed up must be available, but the current status is \"{status}\".");
    let advice = "Have an admin reset it (os-reset_status).";
    ensure!(status.is(KnownStatus::Available), Error::Invalid(format!("Invalid snapshot: {} {advice}", words())));
    Ok(snapshot)
}

/// The volume's status does not matter to a backup of its snapshot; but of a volume that is on offer nothing is made.
async fn judge_volume(db: &mut Db, volume: &Volume, asked: &Asked) -> Result<()> {
    let is_of_snapshot = asked.snapshot_id.is_some() && !volume.status.is(KnownStatus::AwaitingTransfer);
    match volume.status.as_str() {
        _ if is_of_snapshot => Ok(()),
        "available" => Ok(()),
        "in-use" if asked.takes_in_use => Ok(()),
        "in-use" => {
            let words = "Backing up an in-use volume must use the force flag.";
            Err(refusal_with(db, volume, words, "Detach it, or send force as true.").await)
        }
        status => {
            let words = format!("Volume to be backed up must be available or in-use, but the current status is \"{status}\".");
            Err(refusal(db, volume, &words).await)
        }
    }
}

/// The latest backup of the caller's project that shows the volume as it was before.
async fn parent(cx: &Context, db: &mut Db, volume: &Volume, snapshot: Option<&VolumeCopy>) -> Result<VolumeCopy> {
    let backups = copies::BACKUPS.of(db, "volume_id", [volume.id]).await?;
    let is_older = |backup: &VolumeCopy| snapshot.is_none_or(|snapshot| backup.data_timestamp() < snapshot.created_at);
    let fits = |backup: &VolumeCopy| {
        backup.project_id == cx.caller.project && backup.status.is(KnownStatus::Available) && is_older(backup)
    };
    let words = "Invalid backup: No backups available to do an incremental backup. Make one that is not incremental first.";
    let latest = backups.into_iter().filter(fits).max_by_key(|backup| (backup.data_timestamp(), backup.id));
    latest.ok_or_else(|| Error::Invalid(words.to_owned()))
}
