//! Retype: a volume becomes one of another type. There is no data to move, so it is done at once.

use super::refusal::refused;
use crate::service::prelude::*;
use crate::service::volume_types;

/// Source: Cinder's `volume/api.py`.
pub(super) async fn retype(cx: &Context, tx: &mut Tx<'_>, volume: Volume, name: &str) -> Result<Volume, Error> {
    let is_in_use = volume.status.is(KnownStatus::InUse);
    if !volume.status.is_available() && !is_in_use {
        let words = format!(
            "Volume {} status must be available or in-use to retype, but current status is: {}.",
            volume.id, volume.status
        );
        return refused(tx, &volume, &words).await;
    }
    let after = volume_types::of_volume(cx, tx, Some(name), None).await?;
    let is_types = after.as_ref().is_some_and(|of| of.encryption.is_some());
    let (was, will) = (volume.encrypted, is_types || Volume::metadata_encrypts(&volume.metadata));
    let Some(after) = after.filter(|after| volume.volume_type.as_ref() != Some(&after.name)) else {
        let words = format!("New volume_type same as original: {}. Name another.", shown(name));
        return Err(Error::Invalid(format!("Invalid input received: {words}")));
    };
    if was != will && is_in_use {
        return refused(tx, &volume, "Retype cannot change encryption requirements for an in-use volume.").await;
    }
    let mut volume = Volume { volume_type: Some(after.name), ..volume };
    if was != will {
        volume.encrypted = will;
        volume.extra.shift_remove("encryption_key_id");
        if will {
            volume.extra.insert("encryption_key_id".to_owned(), cx.new_id().to_string().into());
        }
    }
    Ok(volume)
}
