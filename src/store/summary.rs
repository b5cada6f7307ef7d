//! How many volumes there are and how large they are together, which is counted already, and which metadata they have.

use super::list::whose;
use super::prelude::*;
use crate::domain::limits::PAIRS;

/// What quotas count, and what they do not, of which an index holds the few that there are.
const TOTAL: &str = "
    SELECT CAST(COALESCE(SUM(volumes), 0) AS BIGINT) AS volumes, CAST(COALESCE(SUM(gigabytes), 0) AS BIGINT) AS gigabytes
    FROM (
        SELECT volumes, volume_gigabytes AS gigabytes, project_id FROM quota_usage
        UNION ALL SELECT 1, size, project_id FROM volumes WHERE NOT consumes_quota
    ) AS all_of_them
    WHERE ";

/// An index holds the volumes that have any. What many of them have alike is taken apart once.
const METADATA: &str = "
    SELECT DISTINCT m.key AS name, m.value AS value
    FROM (
        SELECT DISTINCT metadata
        FROM volumes
        WHERE metadata <> '{}'
          AND ";

const TAKEN_APART: Sql = Sql {
    sqlite: "
    ) AS those
    CROSS JOIN json_each(metadata) AS m",
    postgres: "
    ) AS those
    CROSS JOIN LATERAL jsonb_each_text(metadata::jsonb) AS m (key, value)",
};

/// Volumes, and their GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub volumes: i64,
    pub gigabytes: i64,
}

/// A value that some volume has under this name.
#[derive(Debug)]
pub struct Pair {
    pub name: String,
    pub value: String,
}

/// Of a project's volumes, or of all.
pub async fn total(db: &mut Db, project: Option<&ProjectId>) -> Result<Total, StoreError> {
    total_of(db.engine(), project).on(db).one().await
}

/// The statement of [`total`].
pub fn total_of(engine: Engine, project: Option<&ProjectId>) -> Select {
    let mut select = Select::new(engine, TOTAL);
    whose(&mut select, project);
    select
}

/// Each pair of metadata that a project's volumes have, or all volumes, once.
pub async fn metadata(db: &mut Db, project: Option<&ProjectId>) -> Result<Vec<Pair>, StoreError> {
    metadata_of(db.engine(), project).on(db).all().await
}

/// The statement of [`metadata`].
pub fn metadata_of(engine: Engine, project: Option<&ProjectId>) -> Select {
    let mut select = Select::new(engine, METADATA);
    whose(&mut select, project).one_of(TAKEN_APART).push("\n    ORDER BY 1, 2\n    LIMIT ").bind(PAIRS.into());
    select
}

from_row!(Total, "quota_usage", { volumes, gigabytes });

from_row!(Pair, "volumes", { name, value });
