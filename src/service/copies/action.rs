//! What can be done to a snapshot or a backup by `POST …/action`.

use super::change::ChangeCopy;
use super::either;
use crate::domain::copy::PROGRESS;
use crate::service::prelude::*;

/// An action, with what it was asked with; the forced delete is a deletion.
///
/// # Errors
/// [`Error::Invalid`] where its state does not allow it.
#[derive(Debug)]
pub enum CopyAction {
    /// An admin says what its status is.
    ResetStatus(VolumeStatus),
    /// Who makes or deletes a snapshot says how far that is.
    Report { status: VolumeStatus, progress: Option<String> },
}

/// Which statuses may be reported from which. Source: Cinder's `snapshot_actions`.
const REPORTS: [(&str, &[&str]); 2] =
    [("creating", &["creating", "available", "error"]), ("deleting", &["deleting", "error_deleting"])];

impl ChangeCopy for CopyAction {
    fn action(&self, kind: CopyKind) -> &'static Action {
        match self {
            Self::ResetStatus(_) => either(kind, &policy::SNAPSHOTS_RESET_STATUS, &policy::BACKUPS_RESET_STATUS),
            Self::Report { .. } => &policy::SNAPSHOTS_REPORT,
        }
    }

    fn apply(&self, _: CopyKind, copy: &mut VolumeCopy) -> Result<(), Error> {
        match self {
            Self::ResetStatus(status) => copy.status.clone_from(status),
            Self::Report { status, progress } => report(copy, status, progress.as_ref())?,
        }
        Ok(())
    }
}

fn report(copy: &mut VolumeCopy, status: &VolumeStatus, progress: Option<&String>) -> Result<(), Error> {
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
