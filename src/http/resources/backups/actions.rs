//! `POST backups/{id}/action`. Source: Cinder's `admin_actions`.

use super::BACKUPS;
use crate::http::request::fields::BackupStatus;
use crate::http::resources::copies::{self, Asked, FORCE_DELETE};
use crate::http::resources::prelude::*;
use crate::service::copies::CopyAction;

/// Those of backups.
pub enum OnBackups {}

impl Actions for OnBackups {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        FORCE_DELETE,
        row!("os-reset_status" ResetBackupStatus => |ResetBackupStatus { status }, _| {
            Ok(Asked::Change(CopyAction::ResetStatus(status.0)))
        }),
    ];
}

operations! { BACKUPS;
    /// An action of the table; 400 where there is no such action, or the backup's state refuses it.
    ACT: "Do something to a backup", |call, body: Acted<OnBackups>| copies::act(call, CopyKind::Backup, body) => 200 Nothing,
        description: "The body's one key names what is done.", refuses: &[Kind::NotFound, Kind::Refused];
}

/// The status that a backup is to have.
#[derive(Deserialize, ToSchema)]
pub struct ResetBackupStatus {
    status: BackupStatus,
}

impl Versioned for ResetBackupStatus {}
