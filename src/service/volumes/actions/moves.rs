//! The actions that only move a volume's status. Who undoes need not know whether it was done: from another status it is let be.
//! Source: Cinder's `volume/api.py`, `reserve_volume` and what stands around it.

use super::refusal::refusal;
use crate::service::prelude::*;

fn moved(volume: Volume, to: KnownStatus) -> Volume {
    Volume { status: to.into(), ..volume }
}

/// `os-reserve`: a server is about to attach the volume, which another may have where several servers may.
pub(super) async fn reserve(tx: &mut Tx<'_>, volume: Volume) -> Result<Volume> {
    if volume.status.is(KnownStatus::Available) || volume.multiattach && volume.status.is(KnownStatus::InUse) {
        return Ok(moved(volume, KnownStatus::Attaching));
    }
    let allowed = if volume.multiattach { "available or in-use" } else { "available" };
    let words = format!("Volume status must be {allowed} to reserve, but the status is {}.", volume.status);
    Err(refusal(tx, &volume, &words).await)
}

/// `os-unreserve`: it is not, after all.
pub(super) fn unreserve(volume: Volume) -> Volume {
    let to = if volume.is_attached() { KnownStatus::InUse } else { KnownStatus::Available };
    if volume.status.is(KnownStatus::Attaching) { moved(volume, to) } else { volume }
}

/// `os-begin_detaching`: a server is about to let go of the volume.
pub(super) async fn begin_detaching(tx: &mut Tx<'_>, volume: Volume) -> Result<Volume> {
    if volume.status.is(KnownStatus::InUse) {
        return Ok(moved(volume, KnownStatus::Detaching));
    }
    let words = "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
    Err(refusal(tx, &volume, words).await)
}

/// `os-roll_detaching`: it is not, after all.
pub(super) fn roll_detaching(volume: Volume) -> Volume {
    if volume.status.is(KnownStatus::Detaching) { moved(volume, KnownStatus::InUse) } else { volume }
}
