//! What can be done to a volume by `POST …/action`: one action a file, each a `Change` of the locked volume; the forced delete is
//! a deletion. Those that only move the status are rows of one table, in `moves`.

pub mod attach;
pub mod detach;
pub mod extend;
mod flags;
pub mod moves;
pub(in crate::service) mod refusal;
pub mod reset_status;

use super::change::Change;
use crate::service::prelude::*;

/// An action, with what it was asked with.
///
/// # Errors
/// [`Error::Invalid`] where the volume's state or what was asked does not allow it; [`Error::OverQuota`].
#[derive(Debug)]
pub enum VolumeAction {
    Attach(attach::Attach),
    Detach(detach::Detach),
    Extend(extend::Extend),
    Move(&'static moves::Move),
    ResetStatus(reset_status::ResetStatus),
    SetBootable(bool),
    SetReadonly(bool),
}

impl Change for VolumeAction {
    fn action(&self) -> &'static Action {
        match self {
            Self::Attach(_) => &policy::VOLUMES_ATTACH,
            Self::Detach(_) => &policy::VOLUMES_DETACH,
            Self::Extend(_) => &policy::VOLUMES_EXTEND,
            Self::Move(row) => row.action,
            Self::ResetStatus(_) => &policy::VOLUMES_RESET_STATUS,
            Self::SetBootable(_) => &policy::VOLUMES_SET_BOOTABLE,
            Self::SetReadonly(_) => &policy::VOLUMES_SET_READONLY,
        }
    }

    async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, volume: Volume, at: Time) -> Result<Volume, Error> {
        match self {
            Self::Attach(asked) => asked.apply(cx, tx, volume, at).await,
            Self::Detach(asked) => asked.apply(tx, volume).await,
            Self::Extend(asked) => asked.apply(cx, tx, volume).await,
            Self::Move(row) => row.apply(tx, volume).await,
            Self::ResetStatus(asked) => asked.apply(cx, tx, volume, at).await,
            Self::SetBootable(bootable) => flags::set_bootable(tx, volume, *bootable).await,
            Self::SetReadonly(readonly) => flags::set_readonly(tx, volume, *readonly).await,
        }
    }
}
