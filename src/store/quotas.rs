//! Quotas: the limits that were set, and what each project has, moved in the same transaction as its rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Db, FromRow, Sql, StoreError, bulk,
    db::{BadColumn, Row},
    dump,
};
use crate::domain::{
    ProjectId,
    quota::{Overrides, Quota, Resource, Usage},
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

/// Locks the rows of these projects in the order of their ids, those too that were not there, and takes everything off them.
const EMPTY: Sql = Sql {
    sqlite: "
    INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, backups, backup_gigabytes)
    SELECT value, 0, 0, 0, 0, 0
    FROM json_each($1)
    WHERE true
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = 0, snapshots = 0, gigabytes = 0, backups = 0, backup_gigabytes = 0",
    postgres: "
    INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, backups, backup_gigabytes)
    SELECT value, 0, 0, 0, 0, 0
    FROM jsonb_array_elements_text($1::jsonb)
    ORDER BY value COLLATE \"C\"
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = 0, snapshots = 0, gigabytes = 0, backups = 0, backup_gigabytes = 0",
};

/// Grouped, not asked project by project: whatever the planner takes the tables for while they are being filled, it reads each
/// of them once at most.
macro_rules! fill {
    ($projects:literal) => {
        concat!(
            "
    UPDATE quota_usage
    SET volumes = counted.volumes, snapshots = counted.snapshots, gigabytes = counted.gigabytes, backups = counted.backups,
        backup_gigabytes = counted.backup_gigabytes
    FROM (
        SELECT project_id, SUM(volumes) AS volumes, SUM(snapshots) AS snapshots, SUM(gigabytes) AS gigabytes,
               SUM(backups) AS backups, SUM(backup_gigabytes) AS backup_gigabytes
        FROM (
            SELECT project_id, 1 AS volumes, 0 AS snapshots, size AS gigabytes, 0 AS backups, 0 AS backup_gigabytes
            FROM volumes
            WHERE project_id IN (",
            $projects,
            ")
            UNION ALL
            SELECT project_id, 0, 1, size, 0, 0
            FROM snapshots
            WHERE project_id IN (",
            $projects,
            ")
            UNION ALL
            SELECT project_id, 0, 0, 0, 1, size
            FROM backups
            WHERE project_id IN (",
            $projects,
            ")
        ) AS records
        GROUP BY project_id
    ) AS counted
    WHERE quota_usage.project_id = counted.project_id"
        )
    };
}

const FILL: Sql =
    Sql { sqlite: fill!("SELECT value FROM json_each($1)"), postgres: fill!("SELECT jsonb_array_elements_text($1::jsonb)") };

/// Every column of the limits.
macro_rules! limits {
    () => {
        "volumes, snapshots, gigabytes, per_volume_gigabytes, backups, backup_gigabytes, groups"
    };
}

/// Sets what is given and leaves alone what is not, in one statement: of two who set different limits at once neither undoes
/// what the other did.
macro_rules! set_limits {
    ($rows:literal) => {
        concat!(
            "
    INSERT INTO quota_limits (project_id, ",
            limits!(),
            ")
    SELECT ",
            $rows,
            "
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = COALESCE(excluded.volumes, quota_limits.volumes),
        snapshots = COALESCE(excluded.snapshots, quota_limits.snapshots),
        gigabytes = COALESCE(excluded.gigabytes, quota_limits.gigabytes),
        per_volume_gigabytes = COALESCE(excluded.per_volume_gigabytes, quota_limits.per_volume_gigabytes),
        backups = COALESCE(excluded.backups, quota_limits.backups),
        backup_gigabytes = COALESCE(excluded.backup_gigabytes, quota_limits.backup_gigabytes),
        groups = COALESCE(excluded.groups, quota_limits.groups)"
        )
    };
}

const SET_LIMITS: Sql = Sql {
    sqlite: set_limits!(
        "value ->> 'project_id', value ->> 'volumes', value ->> 'snapshots', value ->> 'gigabytes',
           value ->> 'per_volume_gigabytes', value ->> 'backups', value ->> 'backup_gigabytes', value ->> 'groups'
    FROM json_each($1)
    WHERE true" // else ON would be read as a join's
    ),
    postgres: set_limits!(
        "*
    FROM jsonb_to_recordset($1::jsonb) AS r (
        project_id TEXT, volumes BIGINT, snapshots BIGINT, gigabytes BIGINT, per_volume_gigabytes BIGINT, backups BIGINT,
        backup_gigabytes BIGINT, groups BIGINT)"
    ),
};

const REMOVE_LIMITS: &str = "
    DELETE FROM quota_limits
    WHERE project_id = $1";

/// The rows of these projects.
macro_rules! limits_of {
    ($projects:literal) => {
        concat!(
            "
    SELECT project_id, ",
            limits!(),
            "
    FROM quota_limits
    WHERE project_id IN (",
            $projects,
            ")"
        )
    };
}

const LIMITS_OF: Sql = Sql {
    sqlite: limits_of!("SELECT value FROM json_each($1)"),
    postgres: limits_of!("SELECT jsonb_array_elements_text($1::jsonb)"),
};

/// $1 the last project before, $2 how many.
const LIMITS_BEHIND: &str = concat!(
    "
    SELECT project_id, ",
    limits!(),
    "
    FROM quota_limits
    WHERE project_id > $1
    ORDER BY project_id
    LIMIT $2"
);

const USAGE: &str = "
    SELECT volumes, snapshots, gigabytes, backups, backup_gigabytes
    FROM quota_usage
    WHERE project_id = $1";

/// The default class's before the project's own: no project's id sorts before its empty one.
const IN_FORCE: &str = concat!(
    "
    SELECT ",
    limits!(),
    "
    FROM quota_limits
    WHERE project_id IN ('', $1)
    ORDER BY project_id"
);

/// Whose limits: a project's, or those of the default class, which hold where a project has none of its own.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    Project(&'a ProjectId),
    DefaultClass,
}

impl<'a> Whose<'a> {
    /// The project's, or where there is none the default class's.
    pub fn of(project: Option<&'a ProjectId>) -> Self {
        project.map_or(Self::DefaultClass, Self::Project)
    }

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

/// Makes what these projects have the sum of their rows: for an import, which changes many. After it has changed them, after
/// every other lock but the counters'.
///
/// It is right whatever others do at the same time, because every transaction changes rows and usage together and holds the
/// usage's lock to its end. Two statements, since only a statement that begins behind the lock sees what was
/// committed before it. A transaction that moved this usage before has committed, and its rows are counted. One that has not yet
/// is not seen: its rows are not counted, and when the lock is free it adds them itself.
pub async fn recount(db: &mut Db, projects: &BTreeSet<ProjectId>) -> Result<(), StoreError> {
    if projects.is_empty() {
        return Ok(());
    }
    let projects = bulk::json(projects);
    db.sql(EMPTY).bind(projects.as_str()).run().await?;
    db.sql(FILL).bind(projects.as_str()).run().await.map(|_| ())
}

/// The limits that were set and hold for these: for a project the default class's, then its own over them.
pub async fn in_force(db: &mut Db, whose: Whose<'_>) -> Result<Vec<Overrides>, StoreError> {
    db.sql(IN_FORCE).bind(whose.key()).all().await
}

/// Those of these limits that were set.
pub async fn limits_of<'a>(db: &mut Db, whose: impl IntoIterator<Item = Whose<'a>>) -> Result<Vec<Quota>, StoreError> {
    let keys: Vec<_> = whose.into_iter().map(Whose::key).collect();
    db.sql(LIMITS_OF).bind(bulk::json(&keys)).all().await
}

/// Sets these limits: each that is given, and no other.
pub async fn set_limits(db: &mut Db, quotas: &[Quota]) -> Result<(), StoreError> {
    if quotas.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = quotas.iter().map(limits_row).collect();
    db.sql(SET_LIMITS).bind(bulk::json(&rows)).run().await.map(|_| ())
}

/// Takes back what was set for a project.
pub async fn remove_limits(db: &mut Db, project: &ProjectId) -> Result<(), StoreError> {
    db.sql(REMOVE_LIMITS).bind(project.as_str()).run().await.map(|_| ())
}

/// The next limits that were set, none at the end: the default class's first, then by project.
pub async fn limits_behind(db: &mut Db, last: Option<&Quota>) -> Result<Vec<Quota>, StoreError> {
    let mut quotas = match last {
        None => limits_of(db, [Whose::DefaultClass]).await?,
        Some(_) => Vec::new(),
    };
    let last = Whose::of(last.and_then(|quota| quota.project_id.as_ref()));
    quotas.extend(db.sql(LIMITS_BEHIND).bind(last.key()).bind(dump::BATCH).all::<Quota>().await?);
    Ok(quotas)
}

fn limits_row(quota: &Quota) -> BTreeMap<&'static str, Value> {
    let limits = Resource::ALL.map(|resource| (resource.as_str(), Value::from(quota.limits.get(resource))));
    let project = ("project_id", Value::from(Whose::of(quota.project_id.as_ref()).key()));
    limits.into_iter().chain([project]).collect()
}

impl FromRow for Quota {
    const TABLE: &'static str = "quota_limits";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        let project_id = match row.get::<String>("project_id")? {
            class if class == Whose::DefaultClass.key() => None,
            project => Some(ProjectId::parse(&project).ok_or(BadColumn("project_id"))?),
        };
        Ok(Self { project_id, limits: Overrides::from_row(row)? })
    }
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
