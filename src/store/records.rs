//! Where a record of any kind is found: whose it is, and which volume it belongs to.

use super::statement::{BadColumn, Row};
use super::{Db, FromRow, StoreError};
use crate::domain::{Id, ProjectId, RecordKind};

const VOLUME: &str = "
    SELECT id, id AS volume_id, project_id, TRUE AS is_current
    FROM volumes
    WHERE id = $1";

const TRANSFER: &str = "
    SELECT id, volume_id, source_project_id AS project_id, state = 'pending' AS is_current
    FROM transfers
    WHERE id = $1";

const SNAPSHOT: &str = "
    SELECT id, volume_id, project_id, TRUE AS is_current
    FROM snapshots
    WHERE id = $1";

const BACKUP: &str = "
    SELECT id, volume_id, project_id, TRUE AS is_current
    FROM backups
    WHERE id = $1";

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
    let statement = match record_kind {
        RecordKind::Volume => VOLUME,
        RecordKind::Transfer => TRANSFER,
        RecordKind::Snapshot => SNAPSHOT,
        RecordKind::Backup => BACKUP,
        RecordKind::VolumeType => return Ok(None),
    };
    db.sql(statement).bind(id).first().await
}

impl FromRow for Found {
    const TABLE: &'static str = "volumes, transfers, snapshots or backups";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self {
            volume_id: row.get("volume_id")?,
            project_id: row.parse("project_id", ProjectId::parse)?,
            is_current: row.get("is_current")?,
        })
    }
}
