//! Quotas: what is seen and set of them, and what a transaction that makes, moves or removes records asks before it commits.
//! Invariant kept: what a project has by `quota_usage` is the sum of its rows.

use crate::domain::quota::{Quota, Resource};
use crate::service::prelude::*;

/// What a change of limits is done to: a project's, or the default class's.
fn target(project: Option<&ProjectId>) -> Target {
    project.map_or_else(|| Target::named("quota class", "default"), |project| Target::named("quota set", project.as_str()))
}

/// What is counted, in the order in which Cinder names it when several limits are exceeded: GiB first.
const COUNTED: [Resource; 5] =
    [Resource::Gigabytes, Resource::Snapshots, Resource::Volumes, Resource::BackupGigabytes, Resource::Backups];

/// The limits in force: a project's own, else those of the default class, else those of the settings.
async fn in_force(cx: &Context, db: &mut Db, project: Option<&ProjectId>) -> Result<Limits, StoreError> {
    Ok(limits::in_force(db, project).await?.iter().fold(cx.service.quotas, Limits::under))
}

/// Adds `change` to what a project has, and so takes the project's turn: after every lock of a volume, several projects in the order
/// of their ids. A volume among it has this size.
///
/// # Errors
/// [`Error::OverQuota`] when it grows beyond a limit, or no volume of the project's may be as large.
pub(super) async fn charge(cx: &Context, db: &mut Db, project: &ProjectId, change: Usage, size: Option<i64>) -> Result<()> {
    let after = usage::add(db, project, change).await?;
    let growing: Vec<Resource> = COUNTED.into_iter().filter(|resource| change.get(*resource) > 0).collect();
    if growing.is_empty() && size.is_none() {
        return Ok(()); // a project that has more than it may have can always give away
    }
    let limits = in_force(cx, db, Some(project)).await?;
    let largest = Resource::PerVolumeGigabytes;
    if let Some(size) = size.filter(|size| !limits.allow(largest, *size)) {
        return Err(over_quota(largest, limits.get(largest), size, size));
    }
    let exceeded = growing.into_iter().find(|resource| !limits.allow(*resource, after.get(*resource)));
    let over = |resource| over_quota(resource, limits.get(resource), change.get(resource), after.get(resource));
    exceeded.map_or(Ok(()), |resource| Err(over(resource)))
}

/// Passes `all` that a volume of this size and the snapshots that go with it count for from what one project has to what another
/// has, as [`charge`] does, or [later](usage::add_later), held to the recipient's limits.
/// Nothing moves within a project, whatever its limits are.
///
/// # Errors
/// [`Error::OverQuota`] when the recipient may not have as much, or no volume as large. Source: Cinder's `transfer/api.py`.
pub(super) async fn pass(
    cx: &Context,
    db: &mut Db,
    [donor, recipient]: [&ProjectId; 2],
    size: i64,
    all: Usage,
    is_later: bool,
) -> Result<()> {
    if donor == recipient {
        return Ok(());
    }
    let mut moves = [(donor, -all, None), (recipient, all, Some(size))];
    moves.sort_by_key(|(project, ..)| *project);
    for (project, change, size) in moves {
        if is_later {
            usage::add_later(db, project, change, size.unwrap_or_default(), &cx.service.quotas);
        } else {
            charge(cx, db, project, change, size).await?;
        }
    }
    Ok(())
}

/// Cinder's words, then what to do. Source: Cinder's `exception.py`.
fn over_quota(resource: Resource, limit: i64, asked: i64, after: i64) -> Error {
    let sizes = format!("Requested {asked}G, quota is {limit}G and {}G has been consumed.", after - asked);
    let lead = match resource {
        Resource::Volumes => {
            format!("VolumeLimitExceeded: Maximum number of volumes allowed ({limit}) exceeded for quota 'volumes'.")
        }
        Resource::Snapshots => format!("SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded."),
        Resource::Backups => format!("BackupLimitExceeded: Maximum number of backups allowed ({limit}) exceeded."),
        Resource::BackupGigabytes => {
            format!("VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. {sizes}")
        }
        Resource::PerVolumeGigabytes => {
            format!("VolumeSizeExceedsLimit: Requested volume size {asked}G is larger than maximum allowed limit {limit}G.")
        }
        Resource::Gigabytes | Resource::Groups => {
            format!("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. {sizes}")
        }
    };
    // what is too large by itself does not fit, however much is deleted
    let advice = match resource {
        Resource::PerVolumeGigabytes => {
            "Ask for a smaller one, or ask an admin to raise the project's limit of per_volume_gigabytes."
        }
        _ if asked > limit => "Ask for less, or ask an admin to raise the project's quota.",
        _ => "Delete what is not needed, or ask an admin to raise the project's quota.",
    };
    Error::OverQuota(format!("{lead} {advice}"))
}

// Set: an admin limits what a project, or every project without limits of its own, may have, or takes that back.

/// Sets the limits that are given, and no other; those in force then. One may be lower than what a project has: then nothing
/// more comes in but what is coming in at this moment, and nothing is taken away.
pub struct Set(pub Quota);

impl Operation for Set {
    unprepared!();

    type Done = Limits;

    fn intent(&self) -> Intent<'_> {
        let action = if self.0.project_id.is_some() { &policy::QUOTAS_SET } else { &policy::QUOTA_CLASSES_SET };
        Intent::new(action, target(self.0.project_id.as_ref()))
    }

    async fn write(&self, cx: &Context, (): &(), tx: &mut Tx<'_>) -> Result<Limits> {
        if !self.0.limits.is_empty() {
            // in one statement: of two who set different limits at once neither undoes what the other did
            limits::TABLE.merge(tx, std::slice::from_ref(&self.0)).await?;
        }
        Ok(in_force(cx, tx, self.0.project_id.as_ref()).await?)
    }
}

/// Leaves a project without limits of its own: the defaults hold again.
pub struct Reset(pub ProjectId);

impl Operation for Reset {
    unprepared!();

    type Done = ();

    fn intent(&self) -> Intent<'_> {
        Intent::new(&policy::QUOTAS_RESET, target(Some(&self.0)))
    }

    async fn write(&self, _: &Context, (): &(), tx: &mut Tx<'_>) -> Result<()> {
        Ok(limits::remove(tx, &self.0).await?)
    }
}

// Show: a project looks at what it may have and has, and at what it would have to keep to if nothing were set; an admin at any's.

/// The limits in force for a project, and what it has.
pub async fn show(cx: &Context, project: &ProjectId) -> Result<(Limits, Usage)> {
    policy::permit(cx, &policy::QUOTAS_GET, Some(project))?;
    let db = &mut cx.reader().await?;
    Ok((in_force(cx, db, Some(project)).await?, usage::of(db, project).await?))
}

/// What a project, or without one any, would have to keep to if nothing had been set for it: the limits of the default class.
pub async fn defaults(cx: &Context, project: Option<&ProjectId>) -> Result<Limits> {
    let action = if project.is_some() { &policy::QUOTAS_GET } else { &policy::QUOTA_CLASSES_GET };
    policy::permit(cx, action, project)?;
    Ok(in_force(cx, &mut cx.reader().await?, None).await?)
}
