//! Detach: a server or a host has the volume no longer.

use super::refusal::refused;
use crate::domain::{Id, KnownStatus, Volume, attachment};
use crate::service::{Error, Tx};

/// Which attachment; `None` is the only one.
#[derive(Debug)]
pub struct Detach {
    pub attachment: Option<Id>,
}

/// Where nothing is attached to a volume in one of these, detaching it is as good as done.
const AS_GOOD_AS_DETACHED: [KnownStatus; 4] =
    [KnownStatus::Available, KnownStatus::InUse, KnownStatus::Attaching, KnownStatus::Detaching];

impl Detach {
    pub(super) async fn apply(&self, tx: &mut Tx<'_>, mut volume: Volume) -> Result<Volume, Error> {
        if volume.status.is(KnownStatus::Maintenance) {
            return refused(tx, &volume, "The volume cannot be detached in maintenance mode.").await;
        }
        let is_bare = !volume.is_attached() && !AS_GOOD_AS_DETACHED.iter().any(|status| volume.status.is(*status));
        if volume.status.is_awaiting_transfer() || is_bare {
            let words = format!("Volume status must be in-use or detaching to detach, but the status is {}.", volume.status);
            return refused(tx, &volume, &words).await;
        }
        let ids = || volume.attachments().iter().filter_map(attachment::attachment_id);
        match self.attachment {
            None if volume.attachments().len() > 1 => {
                let words = "Detach volume failed: More than one attachment, but no attachment_id provided.";
                return Err(Error::Invalid(format!("Invalid volume: {words} {}", advice(ids()))));
            }
            Some(id) if volume.is_attached() && !ids().any(|known| known == id) => {
                let words = format!("Volume attachment could not be found with filter: attachment_id = {id}.");
                return Err(Error::Invalid(format!("Invalid volume: {words} {}", advice(ids()))));
            }
            _ => {}
        }
        volume.detach(|id| self.attachment.is_none() || id == self.attachment);
        volume.status = if volume.is_attached() { KnownStatus::InUse } else { KnownStatus::Available }.into();
        Ok(volume)
    }
}

/// What to do about several attachments; an import may have brought some without ids.
fn advice(ids: impl Iterator<Item = Id>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return "None of them has an id; an admin takes out all with os-reset_status.".to_owned();
    }
    format!("Give one of {}.", ids.join(", "))
}
