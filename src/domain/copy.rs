//! Snapshots and backups: records of their own that were made of a volume, alike in all that is known of them.

use serde_json::{Map, Value};

use super::{
    Id, ProjectId, Time, VolumeStatus,
    page::{Listed, SortKey, SortValue},
};

/// What only one of the two kinds has, by Cinder's names. `parent_id`, of an incremental backup, is ours: no answer shows it.
pub const EXTRAS: [&str; 11] = [
    "availability_zone",
    "container",
    "data_timestamp",
    "encryption_key_id",
    "fail_reason",
    "group_snapshot_id",
    "is_incremental",
    "object_count",
    "os-extended-snapshot-attributes:progress",
    "parent_id",
    "snapshot_id",
];

/// A snapshot or a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
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
    pub metadata: Map<String, Value>,
    /// What only one of the two kinds has: those of [`EXTRAS`] that are not null.
    pub extra: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Option<Time>,
}

impl Listed for Copy {
    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn sort_value(&self, key: SortKey) -> SortValue<'_> {
        match key {
            SortKey::Name => SortValue::Text(self.name.as_deref()),
            SortKey::Status => SortValue::Text(Some(self.status.as_str())),
            SortKey::Size => SortValue::Number(self.size),
            SortKey::CreatedAt => SortValue::Time(Some(self.created_at)),
            SortKey::UpdatedAt => SortValue::Time(self.updated_at),
            _ => SortValue::Text(None), // no key of these lists, or the id, which settles ties by itself
        }
    }
}
