//! Attach and detach: notes that a server or a host has the volume, or no longer. Nothing is mounted here, so there is nothing to
//! wait for.

use super::refusal::refusal;
use crate::domain::attachment::{self, Attachment, Mode};
use crate::service::prelude::*;

/// Who has it, and how. A server, a host, or both.
pub struct Attach {
    pub server: Option<Id>,
    pub host: Option<String>,
    pub device: String,
    pub mode: Mode,
}

const FROM: [KnownStatus; 3] = [KnownStatus::Available, KnownStatus::Attaching, KnownStatus::InUse];

impl Attach {
    pub(super) async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, mut volume: Volume, at: Time) -> Result<Volume> {
        let Self { server, host, device, mode } = self;
        if !FROM.iter().any(|from| volume.status.is(*from)) {
            let words = match volume.status.as_str() {
                "maintenance" => "The volume cannot be attached in maintenance mode.".to_owned(),
                status => format!("Volume status must be available or attaching to attach, but the status is {status}."),
            };
            return Err(refusal(tx, &volume, &words).await);
        }
        if volume.is_readonly() && *mode != Mode::ReadOnly {
            let words = format!("Invalid attaching mode '{}' for volume {}.", mode.as_str(), volume.id);
            let advice = "It is read-only: attach it with the mode ro, or clear the flag with os-update_readonly_flag.";
            return Err(Error::Invalid(format!("{words} {advice}")));
        }
        // the same server once more is as once: its first answer may have been lost
        if !volume.is_attached_to(*server, host.as_deref()) {
            if !volume.multiattach && (volume.is_attached() || volume.status.is(KnownStatus::InUse)) {
                return Err(refusal(tx, &volume, "volume is already attached and multiple attachments are not enabled.").await);
            }
            let attachment = Attachment {
                id: volume.id,
                attachment_id: cx.new_id(),
                volume_id: volume.id,
                server_id: *server,
                host_name: host.clone(),
                device: device.clone(),
                attached_at: at,
            };
            volume.attach(&attachment, *mode);
        }
        volume.status = KnownStatus::InUse.into();
        Ok(volume)
    }
}

/// Where nothing is attached to a volume in one of these, detaching it is as good as done.
const AS_GOOD_AS_DETACHED: [KnownStatus; 4] =
    [KnownStatus::Available, KnownStatus::InUse, KnownStatus::Attaching, KnownStatus::Detaching];

pub(super) async fn detach(tx: &mut Tx<'_>, mut volume: Volume, attachment: Option<Id>) -> Result<Volume> {
    let words = "The volume cannot be detached in maintenance mode.";
    ensure!(!volume.status.is(KnownStatus::Maintenance), refusal(tx, &volume, words).await);
    let is_bare = !volume.is_attached() && !AS_GOOD_AS_DETACHED.iter().any(|status| volume.status.is(*status));
    let is_free = !volume.status.is(KnownStatus::AwaitingTransfer) && !is_bare;
    let words = || format!("Volume status must be in-use or detaching to detach, but the status is {}.", volume.status);
    ensure!(is_free, refusal(tx, &volume, &words()).await);
    let ids = || volume.attachments().iter().filter_map(attachment::attachment_id);
    let words = match attachment {
        None if volume.attachments().len() > 1 => {
            Some("Detach volume failed: More than one attachment, but no attachment_id provided.".to_owned())
        }
        Some(id) if volume.is_attached() && !ids().any(|known| known == id) => {
            Some(format!("Volume attachment could not be found with filter: attachment_id = {id}."))
        }
        _ => None,
    };
    words.map_or(Ok(()), |words| Err(Error::Invalid(format!("Invalid volume: {words} {}", advice(ids())))))?;
    volume.detach(|id| attachment.is_none() || id == attachment);
    volume.status = if volume.is_attached() { KnownStatus::InUse } else { KnownStatus::Available }.into();
    Ok(volume)
}

/// What to do about several attachments; an import may have brought some without ids.
fn advice(ids: impl Iterator<Item = Id>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return "None of them has an id; an admin takes out all with os-reset_status.".to_owned();
    }
    format!("Give one of {}.", ids.join(", "))
}
