//! Snapshots and backups: records of their own that were made of a volume, alike in all that is known of them.

use super::prelude::*;

/// What only one of the two kinds has, by Cinder's names. `parent_id`, of an incremental backup, is ours: no answer shows it.
pub const EXTRAS: [&str; 11] = [
    "availability_zone", "container", "data_timestamp", "encryption_key_id", "fail_reason", "group_snapshot_id",
    "is_incremental", "object_count", PROGRESS, "parent_id", "snapshot_id",
];

/// How far a snapshot is, as `80%`.
pub const PROGRESS: &str = "os-extended-snapshot-attributes:progress";

/// What an admin can reset a snapshot's status to. Source: Cinder's `objects/fields.py`.
pub const SNAPSHOT_STATUSES: [&str; 10] = [
    "error", "available", "creating", "deleting", "deleted", "updating", "error_deleting", "unmanaging", "backing-up",
    "restoring",
];

/// And a backup's. Source: Cinder's `api/validation`.
pub const BACKUP_STATUSES: [&str; 2] = ["available", "error"];

/// A snapshot or a backup.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct VolumeCopy {
    pub id: Id,
    /// A snapshot's volume is always there; a backup outlives its volume.
    pub volume_id: Id,
    /// The volume's project, or the donor's where a transfer left it behind.
    pub project_id: ProjectId,
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub status: VolumeStatus,
    /// GiB.
    pub size: i64,
    /// Whether it counts for its project's quota.
    #[serde(deserialize_with = "stored::flag")]
    pub consumes_quota: bool,
    #[serde(with = "stored::object")]
    pub metadata: Map<String, Value>,
    /// What only one of the two kinds has: those of [`EXTRAS`] that say something, neither null nor false nor 0.
    #[serde(with = "stored::object")]
    pub extra: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Option<Time>,
}

impl VolumeCopy {
    /// One of [`EXTRAS`] that is a text.
    pub fn extra_text(&self, key: &str) -> Option<&str> {
        self.extra.get(key).and_then(Value::as_str)
    }

    /// When the volume was as a backup shows it: when its snapshot was made, or the backup itself.
    pub fn data_timestamp(&self) -> Time {
        self.extra_text("data_timestamp").and_then(Time::parse).unwrap_or(self.created_at)
    }
}

impl Listed for VolumeCopy {
    fn place(&self) -> (Id, Time, Option<&ProjectId>) {
        (self.id, self.created_at, Some(&self.project_id))
    }
}
