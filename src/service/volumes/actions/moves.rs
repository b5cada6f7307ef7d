//! The actions that only move a volume's status: a table of from and to.
//! Source: Cinder's `volume/api.py`, `reserve_volume` and what stands around it.

use super::refusal::refused;
use crate::service::prelude::*;

/// A row of the table.
#[derive(Debug)]
pub struct Move {
    pub(super) action: &'static Action,
    from: KnownStatus,
    /// From here too, where several servers may have the volume.
    from_multiattach: Option<KnownStatus>,
    to: To,
    /// What is said from any other status. `None`: it is let be, since who undoes need not know whether it was done.
    refusal: Option<fn(allowed: &str, now: &VolumeStatus) -> String>,
}

#[derive(Debug)]
enum To {
    Status(KnownStatus),
    /// Back to `in-use` where a server has it, else to `available`.
    ByAttachments,
}

/// `os-reserve`: a server is about to attach the volume.
pub static RESERVE: Move = Move {
    action: &policy::VOLUMES_RESERVE,
    from: KnownStatus::Available,
    from_multiattach: Some(KnownStatus::InUse),
    to: To::Status(KnownStatus::Attaching),
    refusal: Some(|allowed, now| format!("Volume status must be {allowed} to reserve, but the status is {now}.")),
};

/// `os-unreserve`: it is not, after all.
pub static UNRESERVE: Move = Move {
    action: &policy::VOLUMES_UNRESERVE,
    from: KnownStatus::Attaching,
    from_multiattach: None,
    to: To::ByAttachments,
    refusal: None,
};

/// `os-begin_detaching`: a server is about to let go of the volume.
pub static BEGIN_DETACHING: Move = Move {
    action: &policy::VOLUMES_BEGIN_DETACHING,
    from: KnownStatus::InUse,
    from_multiattach: None,
    to: To::Status(KnownStatus::Detaching),
    refusal: Some(|_, _| {
        "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.".to_owned()
    }),
};

/// `os-roll_detaching`: it is not, after all.
pub static ROLL_DETACHING: Move = Move {
    action: &policy::VOLUMES_ROLL_DETACHING,
    from: KnownStatus::Detaching,
    from_multiattach: None,
    to: To::Status(KnownStatus::InUse),
    refusal: None,
};

impl Move {
    pub(super) async fn apply(&self, tx: &mut Tx<'_>, mut volume: Volume) -> Result<Volume, Error> {
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
