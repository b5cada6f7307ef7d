//! The limits that were set: those of a project, or of the default class. A row of a table; what is not set is null there.

use super::prelude::*;
use crate::domain::quota::{Overrides, Quota};

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<Quota> = Table::new(
    "quota_limits",
    &["project_id"],
    &[
        Of(TEXT, &["project_id"]),
        Part(&[Of(
            BIGINT,
            &["volumes", "snapshots", "gigabytes", "per_volume_gigabytes", "backups", "backup_gigabytes", "groups"],
        )]),
    ],
);

const REMOVE: &str = "DELETE FROM quota_limits WHERE project_id = $1";

/// What the limits of a project are kept under; without one those of the default class, which hold where a project has none of
/// its own.
fn key(project: Option<&ProjectId>) -> &str {
    project.map_or("", ProjectId::as_str) // no project has this id
}

/// The limits that were set and hold for these: for a project the default class's, then its own over them.
pub async fn in_force(db: &mut Db, project: Option<&ProjectId>) -> Result<Vec<Overrides>> {
    // no project's id sorts before the class's empty one
    let select = TABLE.select(db.engine()).push("project_id IN ('', ").bind(key(project)).push(")\n    ORDER BY project_id");
    Ok(TABLE.all(db, select).await?.into_iter().map(|quota| quota.limits).collect())
}

/// Those limits of these projects, and of the default class, that were set.
pub async fn of<'a>(db: &mut Db, projects: impl IntoIterator<Item = Option<&'a ProjectId>>) -> Result<Vec<Quota>> {
    TABLE.all(db, TABLE.select(db.engine()).is_one_of_texts("project_id", projects.into_iter().map(key))).await
}

/// Takes back what was set for a project.
pub async fn remove(db: &mut Db, project: &ProjectId) -> Result<()> {
    db.sql(REMOVE).bind(project.as_str()).run().await.map(|_| ())
}
