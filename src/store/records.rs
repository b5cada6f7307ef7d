//! Where a record of any kind is found: whose it is, and which volume it belongs to.

use super::prelude::*;
use crate::domain::RecordKind;

/// A record that is there.
pub struct Found {
    pub volume_id: Id,
    /// Of a transfer the donor's, whether it is pending or has ended.
    pub project_id: ProjectId,
    /// Whether the API knows it: a transfer that has ended is history.
    pub is_current: bool,
}

/// The record, if it is there; a volume type is none of a project's.
pub async fn find(db: &mut Db, record_kind: RecordKind, id: Id) -> Result<Option<Found>, StoreError> {
    let (table, volume, project, is_current) = match record_kind {
        RecordKind::Volume => ("volumes", "id", "project_id", "TRUE"),
        RecordKind::Transfer => ("transfers", "volume_id", "source_project_id", "state = 'pending'"),
        RecordKind::Snapshot => ("snapshots", "volume_id", "project_id", "TRUE"),
        RecordKind::Backup => ("backups", "volume_id", "project_id", "TRUE"),
        RecordKind::VolumeType => return Ok(None),
    };
    let mut select = Select::new(db.engine(), "\n    SELECT id, ");
    select.push(volume).push(" AS volume_id, ").push(project).push(" AS project_id, ").push(is_current).push(" AS is_current");
    select.push("\n    FROM ").push(table).push("\n    WHERE id = ").bind(id.into());
    select.on(db).first().await
}

from_row!(Found, "volumes, transfers, snapshots or backups", { volume_id, project_id, is_current });
