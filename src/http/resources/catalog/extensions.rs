//! Extensions: the parts of Cinder's API that once were optional, of which we serve these.

use super::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::catalog;

/// An extension. Source of names, aliases and dates: Cinder's `api/contrib`.
#[derive(Serialize, ToSchema)]
pub struct Extension {
    name: &'static str,
    alias: &'static str,
    description: &'static str,
    updated: &'static str,
    links: [Link; 0],
}

impl Versioned for Extension {}

const fn extension(alias: &'static str, name: &'static str, updated: &'static str, description: &'static str) -> Extension {
    Extension { name, alias, description, updated, links: [] }
}

#[rustfmt::skip]
static EXTENSIONS: &[Extension] = &[
    extension("backups", "Backups", "2012-12-12T00:00:00+00:00", "Backups of volumes."),
    extension("os-admin-actions", "AdminActions", "2012-08-25T00:00:00+00:00", "What only admins do to a volume."),
    extension("os-availability-zone", "AvailabilityZones", "2013-06-27T00:00:00+00:00", "The availability zones that there are."),
    extension("os-extended-services", "ExtendedServices", "2014-01-10T00:00:00-00:00", "Why a service is disabled."),
    extension("os-hosts", "Hosts", "2011-06-29T00:00:00+00:00", "The hosts that services run on, for admins."),
    extension("os-quota-class-sets", "QuotaClasses", "2012-03-12T00:00:00+00:00", "The quota of a project that has none of its own."),
    extension("os-quota-sets", "Quotas", "2011-08-08T00:00:00+00:00", "What a project may have, and has."),
    extension("os-services", "Services", "2012-10-28T00:00:00-00:00", "The services that keep volumes, for admins."),
    extension("os-types-extra-specs", "TypesExtraSpecs", "2011-08-24T00:00:00+00:00", "The extra specs of volume types."),
    extension("os-used-limits", "UsedLimits", "2013-10-03T00:00:00+00:00", "How much of the limits is used."),
    extension("os-vol-host-attr", "VolumeHostAttribute", "2011-11-03T00:00:00+00:00", "The host of a volume, for admins."),
    extension("os-vol-mig-status-attr", "VolumeMigStatusAttribute", "2013-08-08T00:00:00+00:00", "The migration of a volume, for admins."),
    extension("os-vol-tenant-attr", "VolumeTenantAttribute", "2011-11-03T00:00:00+00:00", "The project of a volume."),
    extension("os-volume-actions", "VolumeActions", "2012-05-31T00:00:00+00:00", "What is done to a volume: attach, extend and the like."),
    extension("os-volume-transfer", "VolumeTransfer", "2013-05-29T00:00:00+00:00", "Volumes passed from one project to another."),
    extension("os-volume-type-access", "VolumeTypeAccess", "2014-06-26T00:00:00Z", "Whether a volume type is for everybody."),
    extension("scheduler-stats", "Scheduler_stats", "2014-09-07T00:00:00+00:00", "The storage pools, for admins."),
];

operations! { CATALOG;
    /// All of them, in the order of the table.
    LIST: "List extensions", |call| list(call) => 200 Rows("extensions", part::<Extension>());

    /// One by its alias; 404 where there is none.
    SHOW: "Show an extension", |call| show(call) => 200 One("extension", part::<Extension>()), refuses: &[Kind::NotFound];
}

async fn list(call: Call) -> Result<Answer, Problem> {
    call.look(catalog::extensions(call.cx())).await?;
    Ok(Answer::rows(&call, "extensions", EXTENSIONS))
}

async fn show(call: Call) -> Result<Answer, Problem> {
    call.look(catalog::extensions(call.cx())).await?;
    let alias = call.parameter("alias");
    let found = EXTENSIONS.iter().find(|extension| extension.alias == alias);
    let missing = || format!("Extension {} could not be found. GET extensions lists those that there are.", shown(alias));
    let extension = found.ok_or_else(|| Problem::new(Kind::NotFound, missing()))?;
    Ok(Answer::one(&call, 200, "extension", extension))
}
