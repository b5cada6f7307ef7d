//! The actions that only move a volume's status: a table of from and to.
//! Source: Cinder's `volume/api.py`, `reserve_volume` and what stands around it.

use super::refusal::refused;
use crate::service::prelude::*;

/// A row of the table.
pub struct Move {
    pub(super) action: &'static Action,
    from: KnownStatus,
    /// From here too, where several servers may have the volume.
    from_multiattach: Option<KnownStatus>,
    to: To,
    /// What is said from any other status. `None`: it is let be, since who undoes need not know whether it was done.
    refusal: Option<fn(allowed: &str, now: &VolumeStatus) -> String>,
}
enum To {
    Status(KnownStatus),
    /// Back to `in-use` where a server has it, else to `available`.
    ByAttachments,
}

/// A row that lets any other status be.
const fn quietly(action: &'static Action, from: KnownStatus, to: To) -> Move {
    Move { action, from, from_multiattach: None, to, refusal: None }
}

/// `os-reserve`: a server is about to attach the volume.
pub static RESERVE: Move = Move {
    from_multiattach: Some(KnownStatus::InUse),
    refusal: Some(|allowed, now| format!("Volume status must be {allowed} to reserve, but the status is {now}.")),
    ..quietly(&policy::VOLUMES_RESERVE, KnownStatus::Available, To::Status(KnownStatus::Attaching))
};

/// `os-unreserve`: it is not, after all.
pub static UNRESERVE: Move = quietly(&policy::VOLUMES_UNRESERVE, KnownStatus::Attaching, To::ByAttachments);

/// `os-begin_detaching`: a server is about to let go of the volume.
pub static BEGIN_DETACHING: Move = Move {
    refusal: Some(|_, _| {
        "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.".to_owned()
    }),
    ..quietly(&policy::VOLUMES_BEGIN_DETACHING, KnownStatus::InUse, To::Status(KnownStatus::Detaching))
};

/// `os-roll_detaching`: it is not, after all.
pub static ROLL_DETACHING: Move =
    quietly(&policy::VOLUMES_ROLL_DETACHING, KnownStatus::Detaching, To::Status(KnownStatus::InUse));

impl Move {
    pub(super) async fn apply(&self, tx: &mut Tx<'_>, mut volume: Volume) -> Result<Volume> {
        let more = self.from_multiattach.filter(|_| volume.multiattach);
        if volume.status.is(self.from) || more.is_some_and(|from| volume.status.is(from)) {
            volume.status = match self.to {
                To::Status(to) => to,
                To::ByAttachments if volume.is_attached() => KnownStatus::InUse,
                To::ByAttachments => KnownStatus::Available,
            }
            .into();
            return Ok(volume);
        }
        let Some(words) = self.refusal else { return Ok(volume) };
        let allowed = [Some(self.from), more].into_iter().flatten().map(KnownStatus::as_str).collect::<Vec<_>>().join(" or ");
        refused(tx, &volume, &words(&allowed, &volume.status)).await
    }
}
