//! What can be done to a volume by `POST …/action`, each a `Change` of the locked volume; the forced delete is a deletion. What takes
//! more than a screen has a file of its own. Those that only move the status stand together, in `moves`.

pub mod attach;
mod moves;
pub(in crate::service) mod refusal;
pub mod reset_status;

use self::refusal::{refusal, refusal_with};
use super::change::Change;
use super::update::FORBIDDING;
use crate::service::prelude::*;
use crate::service::volume_types;

/// An action, with what it was asked with.
///
/// # Errors
/// [`Error::Invalid`] where the volume's state or what was asked does not allow it; [`Error::OverQuota`].
pub enum VolumeAction {
    Attach(attach::Attach),
    /// This attachment; `None` is the only one.
    Detach(Option<Id>),
    /// To so many GiB; where the caller knows that a server may have the volume, meanwhile too.
    Extend {
        new_size: i64,
        while_in_use: bool,
    },
    Reserve,
    Unreserve,
    BeginDetaching,
    RollDetaching,
    ResetStatus(reset_status::ResetStatus),
    /// To the type of this name or id.
    Retype(String),
    SetBootable(bool),
    /// Of its image.
    EditImageMetadata(Edit),
    SetReadonly(bool),
}

impl Change for VolumeAction {
    fn action(&self) -> &'static Action {
        match self {
            Self::Attach(_) => &policy::VOLUMES_ATTACH,
            Self::Detach(_) => &policy::VOLUMES_DETACH,
            Self::Extend { .. } => &policy::VOLUMES_EXTEND,
            Self::Reserve => &policy::VOLUMES_RESERVE,
            Self::Unreserve => &policy::VOLUMES_UNRESERVE,
            Self::BeginDetaching => &policy::VOLUMES_BEGIN_DETACHING,
            Self::RollDetaching => &policy::VOLUMES_ROLL_DETACHING,
            Self::ResetStatus(_) => &policy::VOLUMES_RESET_STATUS,
            Self::Retype(_) => &policy::VOLUMES_RETYPE,
            Self::SetBootable(_) => &policy::VOLUMES_SET_BOOTABLE,
            Self::EditImageMetadata(Edit::Remove(_)) => &policy::VOLUMES_IMAGE_METADATA_REMOVE,
            Self::EditImageMetadata(_) => &policy::VOLUMES_IMAGE_METADATA_SET,
            Self::SetReadonly(_) => &policy::VOLUMES_SET_READONLY,
        }
    }

    async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, volume: Volume, at: Time) -> Result<Volume> {
        match self {
            Self::Attach(asked) => asked.apply(cx, tx, volume, at).await,
            Self::Detach(attachment) => attach::detach(tx, volume, *attachment).await,
            Self::Extend { new_size, while_in_use } => extend(cx, tx, volume, *new_size, *while_in_use).await,
            Self::Reserve => moves::reserve(tx, volume).await,
            Self::Unreserve => Ok(moves::unreserve(volume)),
            Self::BeginDetaching => moves::begin_detaching(tx, volume).await,
            Self::RollDetaching => Ok(moves::roll_detaching(volume)),
            Self::ResetStatus(asked) => asked.apply(cx, tx, volume, at).await,
            Self::Retype(name) => retype(cx, tx, volume, name).await,
            Self::SetBootable(bootable) => set_bootable(tx, volume, *bootable).await,
            Self::EditImageMetadata(edit) => image_metadata(tx, volume, edit).await,
            Self::SetReadonly(readonly) => set_readonly(tx, volume, *readonly).await,
        }
    }
}

/// Cinder's boot flag, which is no system disk of EVS's.
async fn set_bootable(tx: &mut Tx<'_>, volume: Volume, bootable: bool) -> Result<Volume> {
    let words = "The volume cannot be updated during maintenance.";
    ensure!(!volume.status.is(KnownStatus::Maintenance), refusal(tx, &volume, words).await);
    Ok(Volume { bootable, ..volume })
}

/// What is known of the image that it was made of. Source: Cinder's `volume/api.py`.
async fn image_metadata(tx: &mut Tx<'_>, mut volume: Volume, edit: &Edit) -> Result<Volume> {
    let words = || format!("Updating image metadata is not allowed for volumes in {} status.", volume.status);
    ensure!(!FORBIDDING.contains(&volume.status.as_str()), refusal(tx, &volume, &words()).await);
    let mut all = volume.image_metadata();
    edit.apply(&mut all).map_err(|key| Error::NoMetadata(RecordKind::Volume, volume.id, key.to_owned()))?;
    volume.extra.insert(Volume::IMAGE_METADATA.to_owned(), Value::Object(all));
    Ok(volume)
}

/// Whether it may be attached for reading only.
async fn set_readonly(tx: &mut Tx<'_>, mut volume: Volume, readonly: bool) -> Result<Volume> {
    let Volume { id, status, .. } = &volume;
    let words = || format!("Volume {id} status must be available to update readonly flag, but current status is: {status}.");
    ensure!(status.is(KnownStatus::Available), refusal(tx, &volume, &words()).await);
    volume.set_readonly(readonly);
    Ok(volume)
}

// Extend: a volume becomes larger, within its project's quota.

/// `while_in_use`: whether the caller knows that a server may have the volume meanwhile.
pub(super) async fn extend(cx: &Context, tx: &mut Tx<'_>, volume: Volume, new_size: i64, while_in_use: bool) -> Result<Volume> {
    let words = "Invalid input received: New size for extend must be greater than current size.";
    let advice = "A volume never becomes smaller; give more GiB than it has.";
    let size = volume.size;
    ensure!(new_size > size, Error::Invalid(format!("{words} (current: {size}, extended: {new_size}). {advice}")));
    let is_in_use = volume.status.is(KnownStatus::InUse);
    if !(volume.status.is(KnownStatus::Available) || is_in_use && while_in_use) {
        let words = format!("Volume {} status must be 'available' to extend, currently {}.", volume.id, volume.status);
        if is_in_use {
            let advice =
                "Detach it first, or ask at microversion 3.42 or later of /v3, where it is extended while a server has it.";
            return Err(refusal_with(tx, &volume, &words, advice).await);
        }
        return Err(refusal(tx, &volume, &words).await);
    }
    let growth = if volume.consumes_quota { Usage::larger(new_size - volume.size) } else { Usage::NONE };
    quotas::charge(cx, tx, &volume.project_id, growth, Some(new_size)).await?;
    Ok(Volume { size: new_size, ..volume })
}

// Retype: a volume becomes one of another type. There is no data to move, so it is done at once.

/// Source: Cinder's `volume/api.py`.
pub(super) async fn retype(cx: &Context, tx: &mut Tx<'_>, volume: Volume, name: &str) -> Result<Volume> {
    let is_in_use = volume.status.is(KnownStatus::InUse);
    let Volume { id, status, .. } = &volume;
    let words = || format!("Volume {id} status must be available or in-use to retype, but current status is: {status}.");
    ensure!(status.is(KnownStatus::Available) || is_in_use, refusal(tx, &volume, &words()).await);
    let after = volume_types::of_volume(cx, tx, Some(name), None).await?;
    let is_types = after.as_ref().is_some_and(|of| of.encryption.is_some());
    let (was, will) = (volume.encrypted, is_types || Volume::metadata_encrypts(&volume.metadata));
    let Some(after) = after.filter(|after| volume.volume_type.as_ref() != Some(&after.name)) else {
        let words = format!("New volume_type same as original: {}. Name another.", shown(name));
        return Err(Error::Invalid(format!("Invalid input received: {words}")));
    };
    let words = "Retype cannot change encryption requirements for an in-use volume.";
    ensure!(was == will || !is_in_use, refusal(tx, &volume, words).await);
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
