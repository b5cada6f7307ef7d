//! The limits that were set: those of a project, or of the default class. A row of a table; what is not set is null there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Db, FromRow, Sql, StoreError, bulk,
    statement::{BadColumn, Row},
};
use crate::domain::{
    ProjectId,
    quota::{Overrides, Quota, Resource},
};

/// Every column of the limits.
macro_rules! limits {
    () => {
        "volumes, snapshots, gigabytes, per_volume_gigabytes, backups, backup_gigabytes, groups"
    };
}

/// Sets what is given and leaves alone what is not, in one statement: of two who set different limits at once neither undoes
/// what the other did.
macro_rules! set {
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

const SET: Sql = Sql {
    sqlite: set!(
        "value ->> 'project_id', value ->> 'volumes', value ->> 'snapshots', value ->> 'gigabytes',
           value ->> 'per_volume_gigabytes', value ->> 'backups', value ->> 'backup_gigabytes', value ->> 'groups'
    FROM json_each($1)
    WHERE true" // else ON would be read as a join's
    ),
    postgres: set!(
        "*
    FROM jsonb_to_recordset($1::jsonb) AS r (
        project_id TEXT, volumes BIGINT, snapshots BIGINT, gigabytes BIGINT, per_volume_gigabytes BIGINT, backups BIGINT,
        backup_gigabytes BIGINT, groups BIGINT)"
    ),
};

const REMOVE: &str = "
    DELETE FROM quota_limits
    WHERE project_id = $1";

/// The rows of these projects.
macro_rules! of {
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

const OF: Sql =
    Sql { sqlite: of!("SELECT value FROM json_each($1)"), postgres: of!("SELECT jsonb_array_elements_text($1::jsonb)") };

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

/// The limits that were set and hold for these: for a project the default class's, then its own over them.
pub async fn in_force(db: &mut Db, whose: Whose<'_>) -> Result<Vec<Overrides>, StoreError> {
    db.sql(IN_FORCE).bind(whose.key()).all().await
}

/// Those of these limits that were set.
pub async fn of<'a>(db: &mut Db, whose: impl IntoIterator<Item = Whose<'a>>) -> Result<Vec<Quota>, StoreError> {
    let keys: Vec<_> = whose.into_iter().map(Whose::key).collect();
    db.sql(OF).bind(bulk::json(&keys)).all().await
}

/// Sets these limits: each that is given, and no other.
pub async fn set(db: &mut Db, quotas: &[Quota]) -> Result<(), StoreError> {
    if quotas.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = quotas.iter().map(row).collect();
    db.sql(SET).bind(bulk::json(&rows)).run().await.map(|_| ())
}

/// Takes back what was set for a project.
pub async fn remove(db: &mut Db, project: &ProjectId) -> Result<(), StoreError> {
    db.sql(REMOVE).bind(project.as_str()).run().await.map(|_| ())
}

fn row(quota: &Quota) -> BTreeMap<&'static str, Value> {
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
