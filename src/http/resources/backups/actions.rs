//! `POST backups/{id}/action`. Source: Cinder's `admin_actions`.

use serde::Deserializer;

use super::BACKUPS;
use crate::domain::VolumeStatus;
use crate::domain::copy::BACKUP_STATUSES;
use crate::http::answer::types::BackupStatus;
use crate::http::request::action::{Acted, Actions, Row, row};
use crate::http::request::fields;
use crate::http::resources::copies::{self, Asked, FORCE_DELETE};
use crate::http::resources::prelude::*;
use crate::service::copies::{CopyAction, CopyKind};

/// Those of backups.
pub enum OnBackups {}

impl Actions for OnBackups {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        FORCE_DELETE,
        row!("os-reset_status" ResetBackupStatus => |ResetBackupStatus { status }, _| {
            Ok(Asked::Change(CopyAction::ResetStatus(status)))
        }),
    ];
}

operations! { BACKUPS;
    /// An action of the table; 400 where there is no such action, or the backup's state refuses it.
    ACT: "Do something to a backup", |call, body: Acted<OnBackups>| copies::act(call, CopyKind::Backup, body) => 200 Nothing,
        description: "The body's one key names what is done.", refuses: &[Kind::NotFound, Kind::Refused];
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<VolumeStatus, D::Error> {
    fields::copy_status(from, "Backup status", &BACKUP_STATUSES)
}

/// The status that a backup is to have.
#[derive(Deserialize, ToSchema)]
pub struct ResetBackupStatus {
    #[serde(deserialize_with = "status")]
    #[schema(value_type = BackupStatus)]
    status: VolumeStatus,
}

impl Versioned for ResetBackupStatus {}
