//! What limits and usage look like to a client.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::quota::{Limits, Resource, Usage};
use crate::http::answer::visibility::Versioned;

/// Something of each resource.
#[derive(Serialize, ToSchema)]
pub struct Resources<T> {
    #[schema(inline)]
    volumes: T,
    #[schema(inline)]
    snapshots: T,
    #[schema(inline)]
    gigabytes: T,
    #[schema(inline)]
    per_volume_gigabytes: T,
    #[schema(inline)]
    backups: T,
    #[schema(inline)]
    backup_gigabytes: T,
    #[schema(inline)]
    groups: T,
}

/// How much there may be; -1 is no limit.
#[derive(Serialize, ToSchema)]
#[schema(as = QuotaLimit)]
pub struct Limit(i64);

/// A quota set with whose it is: a project's id, or a class's name.
#[derive(Serialize, ToSchema)]
pub struct QuotaSet<'a, T> {
    id: &'a str,
    #[serde(flatten)]
    resources: Resources<T>,
}

/// A limit with what there is of it.
#[derive(Serialize, ToSchema)]
pub struct Used {
    limit: i64,
    in_use: i64,
    /// Nothing is: what is asked for is there at once, or refused.
    reserved: i64,
}

/// Limits and usage of one project, as `limits` has them.
#[derive(Serialize, ToSchema)]
pub struct AllLimits {
    /// Requests are not counted.
    rate: [&'static str; 0],
    absolute: Absolute,
}

/// Totals and their limits; of GiB where the name says so.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Absolute {
    max_total_volumes: i64,
    max_total_snapshots: i64,
    max_total_volume_gigabytes: i64,
    max_total_backups: i64,
    max_total_backup_gigabytes: i64,
    total_volumes_used: i64,
    total_snapshots_used: i64,
    total_gigabytes_used: i64,
    total_backups_used: i64,
    total_backup_gigabytes_used: i64,
}

impl<T: ToSchema> Versioned for Resources<T> {}

impl<T: ToSchema> Versioned for QuotaSet<'_, T> {}

impl Versioned for AllLimits {}

fn each<T>(of: impl Fn(Resource) -> T) -> Resources<T> {
    Resources {
        volumes: of(Resource::Volumes),
        snapshots: of(Resource::Snapshots),
        gigabytes: of(Resource::Gigabytes),
        per_volume_gigabytes: of(Resource::PerVolumeGigabytes),
        backups: of(Resource::Backups),
        backup_gigabytes: of(Resource::BackupGigabytes),
        groups: of(Resource::Groups),
    }
}

/// Each resource's limit.
pub fn limits(limits: &Limits) -> Resources<Limit> {
    each(|resource| Limit(limits.get(resource)))
}

/// Each resource's limit, with how much there is of it.
pub fn used(limits: &Limits, usage: &Usage) -> Resources<Used> {
    each(|resource| Used { limit: limits.get(resource), in_use: usage.get(resource), reserved: 0 })
}

/// The same with whose it is.
pub fn with_id<T>(id: &str, resources: Resources<T>) -> QuotaSet<'_, T> {
    QuotaSet { id, resources }
}

/// Totals and limits in one, as `limits` shows them.
pub fn absolute(limits: &Limits, usage: &Usage) -> AllLimits {
    AllLimits {
        rate: [],
        absolute: Absolute {
            max_total_volumes: limits.get(Resource::Volumes),
            max_total_snapshots: limits.get(Resource::Snapshots),
            max_total_volume_gigabytes: limits.get(Resource::Gigabytes),
            max_total_backups: limits.get(Resource::Backups),
            max_total_backup_gigabytes: limits.get(Resource::BackupGigabytes),
            total_volumes_used: usage.volumes,
            total_snapshots_used: usage.snapshots,
            total_gigabytes_used: usage.gigabytes,
            total_backups_used: usage.backups,
            total_backup_gigabytes_used: usage.backup_gigabytes,
        },
    }
}
