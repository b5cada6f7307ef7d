//! Quotas: the limits that were set, and what each project has, moved in the same transaction as its rows.

use super::{
    Db, FromRow, StoreError,
    db::{BadColumn, Row},
};
use crate::domain::{
    ProjectId,
    quota::{Overrides, Resource, Usage},
};

/// Locks the row too, to the end of the transaction: who moves the same project's usage waits, and then sees this one's.
const MOVE: &str = "
    INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, backups, backup_gigabytes)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = quota_usage.volumes + excluded.volumes, snapshots = quota_usage.snapshots + excluded.snapshots,
        gigabytes = quota_usage.gigabytes + excluded.gigabytes, backups = quota_usage.backups + excluded.backups,
        backup_gigabytes = quota_usage.backup_gigabytes + excluded.backup_gigabytes
    RETURNING volumes, snapshots, gigabytes, backups, backup_gigabytes";

const USAGE: &str = "
    SELECT volumes, snapshots, gigabytes, backups, backup_gigabytes
    FROM quota_usage
    WHERE project_id = $1";

const OVERRIDES: &str = "
    SELECT volumes, snapshots, gigabytes, per_volume_gigabytes, backups, backup_gigabytes, groups
    FROM quota_limits
    WHERE project_id = $1";

/// Whose limits: a project's, or those of the default class, which hold where a project has none of its own.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    Project(&'a ProjectId),
    DefaultClass,
}

impl<'a> Whose<'a> {
    fn key(self) -> &'a str {
        match self {
            Self::Project(project) => project.as_str(),
            Self::DefaultClass => "", // no project has this id
        }
    }
}

/// Adds `change` to what a project has; what it has then. Several projects in the order of their ids, so that no two
/// transactions wait for each other; after every other lock but the counters'.
pub async fn add(db: &mut Db, project: &ProjectId, change: Usage) -> Result<Usage, StoreError> {
    db.sql(MOVE)
        .bind(project.as_str())
        .bind(change.volumes)
        .bind(change.snapshots)
        .bind(change.gigabytes)
        .bind(change.backups)
        .bind(change.backup_gigabytes)
        .one()
        .await
}

/// What a project has.
pub async fn usage(db: &mut Db, project: &ProjectId) -> Result<Usage, StoreError> {
    Ok(db.sql(USAGE).bind(project.as_str()).first().await?.unwrap_or_default())
}

/// The limits that were set.
pub async fn overrides(db: &mut Db, whose: Whose<'_>) -> Result<Overrides, StoreError> {
    Ok(db.sql(OVERRIDES).bind(whose.key()).first().await?.unwrap_or_default())
}

impl FromRow for Usage {
    const TABLE: &'static str = "quota_usage";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self {
            volumes: row.get("volumes")?,
            snapshots: row.get("snapshots")?,
            gigabytes: row.get("gigabytes")?,
            backups: row.get("backups")?,
            backup_gigabytes: row.get("backup_gigabytes")?,
        })
    }
}

impl FromRow for Overrides {
    const TABLE: &'static str = "quota_limits";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        let mut overrides = Self::default();
        for resource in Resource::ALL {
            overrides.set(resource, row.get(resource.as_str())?);
        }
        Ok(overrides)
    }
}
