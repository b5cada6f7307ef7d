//! What can be done to a volume by `POST …/action`: one action a file, each a [`change`] of the locked volume, but for the forced
//! delete. Those that only move the status are rows of one table, in `moves`.

pub mod attach;
pub mod detach;
pub mod extend;
mod force_delete;
pub mod moves;
pub(in crate::service) mod refusal;
pub mod reset_status;
mod set_bootable;
mod set_readonly;

use super::change::change;
use crate::{
    domain::Id,
    service::{Asker, Error, Service},
};

/// An action, with what it was asked with.
pub enum Action {
    Attach(attach::Attach),
    Detach(detach::Detach),
    Extend(extend::Extend),
    ForceDelete,
    Move(&'static moves::Move),
    ResetStatus(reset_status::ResetStatus),
    SetBootable(bool),
    SetReadonly(bool),
}

/// Does it to a volume that exists for the caller.
///
/// # Errors
/// [`Error::NotFound`] first; then [`Error::Forbidden`] for what only admins may; [`Error::Invalid`] where the volume's state or
/// what was asked does not allow it; [`Error::OverQuota`].
pub async fn act(service: &Service, asker: &Asker, id: Id, action: Action) -> Result<(), Error> {
    match &action {
        Action::Attach(asked) => change(service, asker, id, &attach::Attaching { service, asked }).await,
        Action::Detach(asked) => change(service, asker, id, asked).await,
        Action::Extend(asked) => change(service, asker, id, &extend::Extending { service, asked }).await,
        Action::ForceDelete => return force_delete::force_delete(service, asker, id).await,
        Action::Move(row) => change(service, asker, id, *row).await,
        Action::ResetStatus(asked) => {
            change(service, asker, id, &reset_status::Resetting { by: &service.stamp(asker), asker, asked }).await
        }
        Action::SetBootable(bootable) => change(service, asker, id, &set_bootable::SetBootable(*bootable)).await,
        Action::SetReadonly(readonly) => change(service, asker, id, &set_readonly::SetReadonly(*readonly)).await,
    }
    .map(|_| ())
}
