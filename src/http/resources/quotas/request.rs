//! What requests name: a project or a class in the path, and the bodies of set.

use serde::de::IgnoredAny;

use crate::domain::quota::{Overrides, Resource};
use crate::http::request::api::Api;
use crate::http::request::fields::{Limit, given};
use crate::http::resources::prelude::*;

/// Bodies with a limit for each resource, and what else each has.
macro_rules! limits {
    ($($kind:ident under $name:literal of $judge:path { $($more:tt)* })+) => {$(
        limits! {
            struct $kind under $name of $judge { $($more)* }
            Volumes: volumes,
            Snapshots: snapshots,
            Gigabytes: gigabytes,
            PerVolumeGigabytes: per_volume_gigabytes,
            Backups: backups,
            BackupGigabytes: backup_gigabytes,
            Groups: groups,
        }
    )+};
    (struct $kind:ident under $name:literal of $judge:path { $($more:tt)* } $($resource:ident: $field:ident,)+) => {
        /// Limits to be set; what is left out stays as it is.
        #[derive(Deserialize, ToSchema)]
        pub struct $kind {
            $(
                #[serde(default, deserialize_with = "given")]
                #[schema(nullable = false)]
                $field: Option<Limit>,
            )+
            $($more)*
        }

        impl Under for $kind {
            const NAME: &'static str = $name;

            fn judge_path(call: &Call) -> Result<(), Problem> {
                $judge(call).map(drop)
            }
        }

        impl $kind {
            /// What is asked for.
            pub fn limits(&self) -> Overrides {
                let mut limits = Overrides::default();
                $(limits.set(Resource::$resource, self.$field.map(|Limit(limit)| limit));)+
                limits
            }
        }
    };
}

limits! {
    SetLimits under "quota_class_set" of class {}
    SetQuotas under "quota_set" of target {
        /// Says nothing. Source: Cinder's `quota.py`.
        #[serde(default, deserialize_with = "given")]
        #[schema(value_type = AnyJson, required = false)]
        tenant_id: Option<IgnoredAny>,
        /// Says nothing.
        #[serde(default, deserialize_with = "given")]
        #[schema(value_type = AnyJson, required = false)]
        id: Option<IgnoredAny>,
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

/// The one class there is: its limits hold where a project has none of its own.
pub const DEFAULT_CLASS: &str = "default";

/// The project that the path names beside the caller's.
pub fn target(call: &Call) -> Result<ProjectId, Problem> {
    let sent = call.parameter("target_project_id");
    ProjectId::parse(sent).ok_or_else(|| match call.api {
        Api::V2 => {
            problem!(ProjectMalformed, "The project whose quotas are asked for must be {}.", ProjectId::RULE)
        }
        _ => problem!(NotFound, "Project {} could not be found. Its id must be {}.", shown(sent), ProjectId::RULE),
    })
}

/// The class that the path names is the one that there is.
pub fn class(call: &Call) -> Result<(), Problem> {
    match call.parameter("class_name") {
        DEFAULT_CLASS => Ok(()),
        sent => {
            Err(problem!(NotFound, "Quota class {} could not be found. The one that there is is {DEFAULT_CLASS}.", shown(sent)))
        }
    }
}
