//! The flags of a volume: Cinder's boot flag, which is no system disk of EVS's, and whether it may be attached for reading only.

use super::refusal::refused;
use crate::service::prelude::*;

pub(super) async fn set_bootable(tx: &mut Tx<'_>, volume: Volume, bootable: bool) -> Result<Volume, Error> {
    if volume.status.is(KnownStatus::Maintenance) {
        return refused(tx, &volume, "The volume cannot be updated during maintenance.").await;
    }
    Ok(Volume { bootable, ..volume })
}

pub(super) async fn set_readonly(tx: &mut Tx<'_>, mut volume: Volume, readonly: bool) -> Result<Volume, Error> {
    if !volume.status.is_available() {
        let Volume { id, status, .. } = &volume;
        let words = format!("Volume {id} status must be available to update readonly flag, but current status is: {status}.");
        return refused(tx, &volume, &words).await;
    }
    volume.set_readonly(readonly);
    Ok(volume)
}
