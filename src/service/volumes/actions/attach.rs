//! Attach: notes that a server or a host has the volume. Nothing is mounted here, so there is nothing to wait for.

use super::refusal::refused;
use crate::domain::attachment::{Attachment, Mode};
use crate::service::prelude::*;

/// Who has it, and how. A server, a host, or both.
#[derive(Debug)]
pub struct Attach {
    pub server: Option<Id>,
    pub host: Option<String>,
    pub device: String,
    pub mode: Mode,
}

const FROM: [KnownStatus; 3] = [KnownStatus::Available, KnownStatus::Attaching, KnownStatus::InUse];

impl Attach {
    pub(super) async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, mut volume: Volume, at: Time) -> Result<Volume, Error> {
        let Self { server, host, device, mode } = self;
        if !FROM.iter().any(|from| volume.status.is(*from)) {
            let words = if volume.status.is(KnownStatus::Maintenance) {
                "The volume cannot be attached in maintenance mode.".to_owned()
            } else {
                format!("Volume status must be available or attaching to attach, but the status is {}.", volume.status)
            };
            return refused(tx, &volume, &words).await;
        }
        if volume.is_readonly() && *mode != Mode::ReadOnly {
            return Err(Error::Invalid(format!(
                "Invalid attaching mode '{}' for volume {}. It is read-only: attach it with the mode ro, or clear the flag with \
                 os-update_readonly_flag.",
                mode.as_str(),
                volume.id
            )));
        }
        // the same server once more is as once: its first answer may have been lost
        if !volume.is_attached_to(*server, host.as_deref()) {
            if !volume.multiattach && (volume.is_attached() || volume.status.is(KnownStatus::InUse)) {
                let words = "volume is already attached and multiple attachments are not enabled.";
                return refused(tx, &volume, words).await;
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
