//! What can be done to a snapshot or a backup by `POST …/action`.

use super::{
    Kind,
    change::change,
    delete::{self, How},
    ways,
};
use crate::{
    domain::{Copy, Id, VolumeStatus, copy::PROGRESS},
    service::{Asker, Error, Service},
};

/// An action, with what it was asked with.
#[derive(Debug)]
pub enum Action {
    /// An admin says what its status is.
    ResetStatus(VolumeStatus),
    /// An admin deletes it whatever its status.
    ForceDelete,
    /// Who makes or deletes a snapshot says how far that is.
    Report { status: VolumeStatus, progress: Option<String> },
}

/// Which statuses may be reported from which. Source: Cinder's `snapshot_actions`.
const REPORTS: [(&str, &[&str]); 2] =
    [("creating", &["creating", "available", "error"]), ("deleting", &["deleting", "error_deleting"])];

/// Does it to one that exists for the caller.
///
/// # Errors
/// [`Error::NotFound`] first; then [`Error::Forbidden`] for what only admins may; [`Error::Invalid`] where its state does not
/// allow it.
pub async fn act(service: &Service, asker: &Asker, kind: Kind, id: Id, action: &Action) -> Result<(), Error> {
    match action {
        Action::ForceDelete => return delete::delete(service, asker, kind, id, How::ByForce).await,
        Action::ResetStatus(status) => change(service, asker, kind, id, |copy| reset(asker, kind, copy, status)).await?,
        Action::Report { status, progress } => {
            change(service, asker, kind, id, |copy| report(copy, status, progress.as_ref())).await?
        }
    };
    Ok(())
}

fn reset(asker: &Asker, kind: Kind, copy: &mut Copy, status: &VolumeStatus) -> Result<(), Error> {
    asker.must_be_admin(ways(kind).reset_status)?;
    copy.status.clone_from(status);
    Ok(())
}

fn report(copy: &mut Copy, status: &VolumeStatus, progress: Option<&String>) -> Result<(), Error> {
    let Some((_, to)) = REPORTS.iter().find(|(from, _)| *from == copy.status.as_str()) else {
        return Err(Error::Invalid(format!(
            "Snapshot status {} not allowed for update_snapshot_status. It must be creating or deleting; \
             an admin sets any status with os-reset_status.",
            copy.status
        )));
    };
    if !to.contains(&status.as_str()) {
        return Err(Error::Invalid(format!(
            "Provided snapshot status {status} not allowed for snapshot with status {}. Give one of {}.",
            copy.status,
            to.join(", ")
        )));
    }
    copy.status.clone_from(status);
    if let Some(progress) = progress {
        copy.extra.insert(PROGRESS.to_owned(), progress.as_str().into());
    }
    Ok(())
}
