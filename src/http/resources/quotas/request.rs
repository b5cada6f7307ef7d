//! The bodies of set.

use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use crate::{
    domain::quota::{Overrides, Resource},
    http::{
        answer::{problem::Problem, types::AnyJson, visibility::Versioned},
        request::{
            body::{Under, malformed},
            fields::{Limit, given},
        },
    },
};

/// A body with a limit for each resource, and what else it has.
macro_rules! limits {
    ($(#[$what:meta])* $kind:ident under $name:literal { $($resource:ident: $field:ident),+ $(,)? } $($more:tt)*) => {
        $(#[$what])*
        #[derive(Deserialize, ToSchema)]
        pub struct $kind {
            $(
                #[serde(default, deserialize_with = "given")]
                #[schema(nullable = false)]
                $field: Option<Limit>,
            )+
            $($more)*
        }

        impl Versioned for $kind {}

        impl Under for $kind {
            const NAME: &'static str = $name;
        }

        impl $kind {
            fn limits(&self) -> Overrides {
                let mut limits = Overrides::default();
                $(limits.set(Resource::$resource, self.$field.map(|Limit(limit)| limit));)+
                limits
            }
        }
    };
}

limits! {
    /// Limits to be set; what is left out stays as it is.
    SetLimits under "quota_class_set" {
        Volumes: volumes,
        Snapshots: snapshots,
        Gigabytes: gigabytes,
        PerVolumeGigabytes: per_volume_gigabytes,
        Backups: backups,
        BackupGigabytes: backup_gigabytes,
        Groups: groups,
    }
}

limits! {
    /// A project's limits to be set; what is left out stays as it is.
    SetQuotas under "quota_set" {
        Volumes: volumes,
        Snapshots: snapshots,
        Gigabytes: gigabytes,
        PerVolumeGigabytes: per_volume_gigabytes,
        Backups: backups,
        BackupGigabytes: backup_gigabytes,
        Groups: groups,
    }
    /// Says nothing. Source: Cinder's `quota.py`.
    #[schema(value_type = AnyJson, required = false)]
    tenant_id: Option<IgnoredAny>,
    /// Says nothing.
    #[schema(value_type = AnyJson, required = false)]
    id: Option<IgnoredAny>,
}

impl SetLimits {
    /// What is asked for.
    pub fn asked(&self) -> Overrides {
        self.limits()
    }
}

impl SetQuotas {
    /// What is asked for.
    ///
    /// # Errors
    /// When that is nothing.
    pub fn asked(&self) -> Result<Overrides, Problem> {
        let limits = self.limits();
        if limits.is_empty() && self.tenant_id.is_none() && self.id.is_none() {
            return Err(malformed(format!("`quota_set` is empty; give a limit for one of {}.", Resource::WORDS.join(", "))));
        }
        Ok(limits)
    }
}
