//! What limits and usage look like to a client.

use crate::domain::quota::{Limits, Resource, Usage};
use crate::http::resources::prelude::*;

/// Each resource, under the name that it has in answers.
macro_rules! resources {
    ($($name:ident: $resource:ident,)+) => {
        /// Something of each resource.
        #[derive(Serialize, ToSchema)]
        pub struct Resources<T> {
            $(#[schema(inline)] $name: T,)+
        }

        fn each<T>(of: impl Fn(Resource) -> T) -> Resources<T> {
            Resources { $($name: of(Resource::$resource)),+ }
        }
    };
}

resources! {
    volumes: Volumes,
    snapshots: Snapshots,
    gigabytes: Gigabytes,
    per_volume_gigabytes: PerVolumeGigabytes,
    backups: Backups,
    backup_gigabytes: BackupGigabytes,
    groups: Groups,
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

view! {
    /// Limits and usage of one project, as `limits` has them.
    AllLimits,
    /// Totals and limits in one.
    of(limits: &Limits, usage: &Usage) {
        /// Requests are not counted.
        rate: [&'static str; 0] = [],
        absolute: Absolute = Absolute::of(limits, usage),
    };

    /// Totals and their limits; of GiB where the name says so.
    #[serde(rename_all = "camelCase")]
    Absolute,
    /// As `limits` shows them.
    of(limits: &Limits, usage: &Usage) {
        max_total_volumes: i64 = limits.get(Resource::Volumes),
        max_total_snapshots: i64 = limits.get(Resource::Snapshots),
        max_total_volume_gigabytes: i64 = limits.get(Resource::Gigabytes),
        max_total_backups: i64 = limits.get(Resource::Backups),
        max_total_backup_gigabytes: i64 = limits.get(Resource::BackupGigabytes),
        total_volumes_used: i64 = usage.volumes,
        total_snapshots_used: i64 = usage.snapshots,
        total_gigabytes_used: i64 = usage.gigabytes,
        total_backups_used: i64 = usage.backups,
        total_backup_gigabytes_used: i64 = usage.backup_gigabytes,
    };
}

impl<T: ToSchema> Versioned for Resources<T> {}

impl<T: ToSchema> Versioned for QuotaSet<'_, T> {}

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
