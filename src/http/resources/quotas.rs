//! What a project may have and has.

use serde::de::IgnoredAny;

use crate::domain::quota::{Limits, Overrides, Quota, Resource, Usage};
use crate::http::answer::visibility::Part;
use crate::http::request::api::Api;
use crate::http::request::fields::{Limit, given};
use crate::http::resources::prelude::*;
use crate::service::quotas::{self, Reset, Set};

// What requests name: a project or a class in the path, and the bodies of set.

/// A body with a limit for each resource, and what else it has.
macro_rules! limits {
    ($kind:ident under $name:literal of $judge:path { $($more:tt)* } $($field:ident: $resource:ident,)+) => {
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

            fn judge_path(call: &Call) -> Result<()> {
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

/// Each resource, under the name that it has in bodies and answers.
macro_rules! of_each_resource {
    ($($name:ident: $resource:ident,)+) => {
        /// Something of each resource.
        #[derive(Serialize, ToSchema)]
        pub struct Resources<T> {
            $(#[schema(inline)] $name: T,)+
        }

        fn each<T>(of: impl Fn(Resource) -> T) -> Resources<T> {
            Resources { $($name: of(Resource::$resource)),+ }
        }

        limits! { SetLimits under "quota_class_set" of class {} $($name: $resource,)+ }
        limits! { SetQuotas under "quota_set" of target {
            /// Says nothing. Source: Cinder's `quota.py`.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = AnyJson, required = false)]
            tenant_id: Option<IgnoredAny>,
            /// Says nothing.
            #[serde(default, deserialize_with = "given")]
            #[schema(value_type = AnyJson, required = false)]
            id: Option<IgnoredAny>,
        } $($name: $resource,)+ }
    };
}

of_each_resource! {
    volumes: Volumes, snapshots: Snapshots, gigabytes: Gigabytes, per_volume_gigabytes: PerVolumeGigabytes,
    backups: Backups, backup_gigabytes: BackupGigabytes, groups: Groups,
}

/// The one class there is: its limits hold where a project has none of its own.
pub const DEFAULT_CLASS: &str = "default";

/// The project that the path names beside the caller's.
pub fn target(call: &Call) -> Result<ProjectId> {
    let sent = call.parameter("target_project_id");
    ProjectId::parse(sent).ok_or_else(|| match call.api {
        Api::V2 => problem!(ProjectMalformed, "The project whose quotas are asked for must be {}.", ProjectId::RULE),
        _ => problem!(NotFound, "Project {} could not be found. Its id must be {}.", shown(sent), ProjectId::RULE),
    })
}

/// The class that the path names is the one that there is.
pub fn class(call: &Call) -> Result<()> {
    match call.parameter("class_name") {
        DEFAULT_CLASS => Ok(()),
        sent => {
            Err(problem!(NotFound, "Quota class {} could not be found. The one that there is is {DEFAULT_CLASS}.", shown(sent)))
        }
    }
}

// What limits and usage look like to a client.

/// How much there may be; -1 is no limit.
#[derive(Serialize, ToSchema)]
pub struct QuotaLimit(i64);

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
    // Totals and limits in one.
    AllLimits of(limits: &Limits, usage: &Usage) {
        /// Requests are not counted.
        rate: [&'static str; 0] = [],
        absolute: Absolute = Absolute::of(limits, usage),
    };

    /// Totals and their limits; of GiB where the name says so.
    #[serde(rename_all = "camelCase")]
    // As `limits` shows them.
    Absolute of(limits: &Limits, usage: &Usage) {
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
fn shown_limits(limits: &Limits) -> Resources<QuotaLimit> {
    each(|resource| QuotaLimit(limits.get(resource)))
}

/// Each resource's limit, with how much there is of it.
pub fn used(limits: &Limits, usage: &Usage) -> Resources<Used> {
    each(|resource| Used { limit: limits.get(resource), in_use: usage.get(resource), reserved: 0 })
}

/// What the operations are about.
pub static QUOTAS: Subject = Subject { name: "quotas", what: "What a project may have, and what it has." };

const LIMITS: Part = part::<QuotaSet<QuotaLimit>>().called(|| "QuotaSet".into());
const USAGE: Part = part::<QuotaSet<Used>>().called(|| "QuotaUsage".into());
const LIMITS_ALONE: Part = part::<Resources<QuotaLimit>>().called(|| "Quotas".into());

const OF_PROJECT: &[Kind] = &[Kind::ProjectMalformed, Kind::NotFound];
const OF_CLASS: &[Kind] = &[Kind::NotFound];

operations! { QUOTAS;
    /// A project's limits, with what there is of each if `usage` asks for it.
    SHOW: "Show a project's quotas", |call| show(call) => 200 Either("quota_set", [LIMITS, USAGE]),
        query: &[switch("usage", "Whether to say how much there is of each, too.")], refuses: OF_PROJECT;

    /// The limits of a project for which none were set.
    DEFAULTS: "Show the quotas of a project that has none of its own", |call| defaults(call) => 200 One("quota_set", LIMITS),
        refuses: OF_PROJECT;

    /// Sets the limits that the body names, and answers with all. For admins.
    SET: "Set a project's quotas", |call, body: SetQuotas| set(call, body) => 200 One("quota_set", LIMITS_ALONE),
        refuses: OF_PROJECT;

    /// Forgets what was set for a project: the defaults hold again. For admins.
    RESET: "Make a project's quotas the default ones", |call| reset(call) => 200 Nothing, refuses: OF_PROJECT;

    /// The defaults themselves, as the one class that there is. For admins.
    SHOW_CLASS: "Show the default quotas", |call| show_class(call) => 200 One("quota_class_set", LIMITS), refuses: OF_CLASS;

    /// Sets defaults, and answers with all. For admins.
    SET_CLASS: "Set the default quotas", |call, body: SetLimits| set_class(call, body)
        => 200 One("quota_class_set", LIMITS_ALONE), refuses: OF_CLASS;

    /// The caller's project's, all in one; from 3.39 an admin may name another.
    ABSOLUTE: "Show limits and what there is of them", |call| absolute(call) => 200 One("limits", part::<AllLimits>()),
        query: &[
            own("project_id", "From an admin: another project's.", "firstproject").since(39),
            own("tenant_id", "What `project_id` once was called.", "firstproject").since(39),
        ];
}

async fn show(call: Call) -> Result<Answer> {
    let project = target(&call)?;
    let with_usage = call.query()?.boolean("usage")?.unwrap_or_default();
    let (limits, usage) = call.look(quotas::show(call.cx(), &project)).await?;
    let id = project.as_str();
    Ok(if with_usage {
        Answer::one(&call, 200, "quota_set", &QuotaSet { id, resources: used(&limits, &usage) })
    } else {
        Answer::one(&call, 200, "quota_set", &QuotaSet { id, resources: shown_limits(&limits) })
    })
}

async fn defaults(call: Call) -> Result<Answer> {
    let project = target(&call)?;
    let limits = call.look(quotas::defaults(call.cx(), Some(&project))).await?;
    Ok(Answer::one(&call, 200, "quota_set", &QuotaSet { id: project.as_str(), resources: shown_limits(&limits) }))
}

async fn set(mut call: Call, body: SetQuotas) -> Result<Answer> {
    let project = target(&call)?;
    let limits = body.limits();
    let empty = || format!("`quota_set` is empty; give a limit for one of {}.", Resource::WORDS.join(", "));
    ensure!(!limits.is_empty() || body.tenant_id.is_some() || body.id.is_some(), malformed(empty()));
    let limits = call.perform(Set(Quota { project_id: Some(project), limits })).await?;
    Ok(Answer::one(&call, 200, "quota_set", &shown_limits(&limits)))
}

async fn reset(mut call: Call) -> Result<Answer> {
    call.perform(Reset(target(&call)?)).await?;
    Ok(Answer::empty(200))
}

async fn show_class(call: Call) -> Result<Answer> {
    class(&call)?;
    let limits = call.look(quotas::defaults(call.cx(), None)).await?;
    Ok(Answer::one(&call, 200, "quota_class_set", &QuotaSet { id: DEFAULT_CLASS, resources: shown_limits(&limits) }))
}

async fn set_class(mut call: Call, body: SetLimits) -> Result<Answer> {
    class(&call)?;
    let limits = call.perform(Set(Quota { project_id: None, limits: body.limits() })).await?;
    Ok(Answer::one(&call, 200, "quota_class_set", &shown_limits(&limits)))
}

async fn absolute(call: Call) -> Result<Answer> {
    let query = call.query()?;
    let named = ["project_id", "tenant_id"].into_iter().find_map(|name| Some((name, query.get(name)?)));
    let project = match named.filter(|_| call.is_from(39) && call.cx().sees_every_project()) {
        Some((name, text)) => ProjectId::parse(text)
            .ok_or_else(|| problem!(Url, "{name} is {}; give a project's id: {}.", quoted(text), ProjectId::RULE))?,
        None => call.cx().caller.project.clone(),
    };
    let (limits, usage) = call.look(quotas::show(call.cx(), &project)).await?;
    Ok(Answer::one(&call, 200, "limits", &AllLimits::of(&limits, &usage)))
}
