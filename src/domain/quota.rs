//! Quotas: how much a project may have, and how much it has.

use std::array;
use std::ops::RangeInclusive;

use derive_more::{Add, Neg};

use super::prelude::*;

str_enum! {
    /// What is limited. Source: Cinder's quota sets; the words are theirs, and documents name them in this order.
    pub enum Resource {
        Volumes = "volumes",
        Snapshots = "snapshots",
        /// GiB of volumes and snapshots.
        Gigabytes = "gigabytes",
        /// GiB of any one volume.
        PerVolumeGigabytes = "per_volume_gigabytes",
        Backups = "backups",
        BackupGigabytes = "backup_gigabytes",
        /// Nothing here is a group, but clients read and set its limit.
        Groups = "groups",
    }
}

/// A limit for each resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits([i64; Resource::ALL.len()]);

/// The limit that is none.
pub const UNLIMITED: i64 = -1;

/// What a limit may be. Source: Cinder (a signed 32-bit number).
pub const LIMIT: RangeInclusive<i64> = UNLIMITED..=i32::MAX as i64;

impl Default for Limits {
    /// None at all: a fixture is not to fail at the eleventh volume.
    fn default() -> Self {
        Self([UNLIMITED; Resource::ALL.len()])
    }
}

impl Limits {
    /// The limit of one resource; -1 for none.
    pub const fn get(&self, resource: Resource) -> i64 {
        self.0[resource as usize]
    }

    /// Sets the limit of one resource; -1 for none.
    pub const fn set(&mut self, resource: Resource, limit: i64) {
        self.0[resource as usize] = limit;
    }

    /// These limits where `over` has none of its own.
    pub fn under(self, over: &Overrides) -> Self {
        Self(array::from_fn(|at| over.0[at].unwrap_or(self.0[at])))
    }

    /// Whether `amount` of a resource is within its limit.
    pub const fn allow(&self, resource: Resource, amount: i64) -> bool {
        let limit = self.get(resource);
        limit == UNLIMITED || amount <= limit
    }
}

/// The limits that were set for a project, or for the default class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub struct Overrides([Option<i64>; Resource::ALL.len()]);

impl Overrides {
    /// The project's own limit of one resource; `None` where the default holds.
    pub const fn get(&self, resource: Resource) -> Option<i64> {
        self.0[resource as usize]
    }

    /// Sets the project's own limit of one resource, or takes it away.
    pub const fn set(&mut self, resource: Resource, limit: Option<i64>) {
        self.0[resource as usize] = limit;
    }

    /// These, and those of `under` where these say nothing.
    pub fn over(self, under: &Self) -> Self {
        Self(array::from_fn(|at| self.0[at].or(under.0[at])))
    }

    /// Whether the project has no limit of its own.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The limits that were set for a project, or for the default class where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct Quota {
    #[serde(deserialize_with = "whose", serialize_with = "key")]
    pub project_id: Option<ProjectId>,
    pub limits: Overrides,
}

/// Whose limits a row has: the default class's stand under the id that no project has.
fn whose<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ProjectId>, D::Error> {
    stored::text(from, ProjectId::RULE, |text| if text.is_empty() { Some(None) } else { ProjectId::parse(text).map(Some) })
}

#[allow(clippy::ref_option)] // as serde gives a field
fn key<S: Serializer>(project: &Option<ProjectId>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(project.as_ref().map_or("", ProjectId::as_str))
}

/// What a project has, or a change of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Add, Neg)]
pub struct Usage {
    pub volumes: i64,
    pub snapshots: i64,
    /// GiB of volumes and snapshots.
    pub gigabytes: i64,
    /// GiB of volumes alone, which no quota limits.
    pub volume_gigabytes: i64,
    pub backups: i64,
    pub backup_gigabytes: i64,
}

impl Usage {
    /// One volume of this size.
    pub const fn volume(size: i64) -> Self {
        Self { volumes: 1, ..Self::larger(size) }
    }

    /// A volume that is this much larger.
    pub const fn larger(gigabytes: i64) -> Self {
        Self { gigabytes, volume_gigabytes: gigabytes, ..Self::NONE }
    }

    /// One snapshot of this size.
    pub const fn snapshot(size: i64) -> Self {
        Self { snapshots: 1, gigabytes: size, ..Self::NONE }
    }

    /// One backup of this size.
    pub const fn backup(size: i64) -> Self {
        Self { backups: 1, backup_gigabytes: size, ..Self::NONE }
    }

    /// Nothing is used.
    pub const NONE: Self =
        Self { volumes: 0, snapshots: 0, gigabytes: 0, volume_gigabytes: 0, backups: 0, backup_gigabytes: 0 };

    /// How much of one resource is used.
    pub const fn get(&self, resource: Resource) -> i64 {
        match resource {
            Resource::Volumes => self.volumes,
            Resource::Snapshots => self.snapshots,
            Resource::Gigabytes => self.gigabytes,
            Resource::Backups => self.backups,
            Resource::BackupGigabytes => self.backup_gigabytes,
            Resource::PerVolumeGigabytes | Resource::Groups => 0,
        }
    }
}
