//! How many volumes there are and how large they are together, which is counted already; which metadata they have, and which of
//! EVS's tags, kept among what a volume carries besides.

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
    SELECT DISTINCT m.key AS key, m.value AS value
    FROM (
        SELECT DISTINCT metadata
        FROM volumes
        WHERE metadata <> '{}'
          AND ";

const TAKEN_APART: Sql = Sql {
    sqlite: ") AS those CROSS JOIN json_each(metadata) AS m",
    postgres: ") AS those CROSS JOIN LATERAL jsonb_each_text(metadata::jsonb) AS m (key, value)",
};

/// An export may hold tags of any form; these are those of EVS's, texts under texts.
const TAGS: Sql = Sql {
    sqlite: "
    SELECT DISTINCT tag.key AS key, tag.value AS value
    FROM volumes
    CROSS JOIN json_each(volumes.extra, '$.tags') AS tag
    WHERE volumes.project_id = $1 AND json_type(volumes.extra, '$.tags') = 'object'
      AND tag.type = 'text'
    ORDER BY 1, 2
    LIMIT $2",
    postgres: r#"
    SELECT DISTINCT tag.key COLLATE "C" AS key, (tag.value #>> '{}') COLLATE "C" AS value
    FROM volumes
    CROSS JOIN LATERAL jsonb_each(
        CASE jsonb_typeof(volumes.extra::jsonb -> 'tags') WHEN 'object' THEN volumes.extra::jsonb -> 'tags' END
    ) AS tag
    WHERE volumes.project_id = $1 AND jsonb_typeof(tag.value) = 'string'
    ORDER BY 1, 2
    LIMIT $2"#,
};

/// Volumes, and their GiB.
pub struct Total {
    pub volumes: i64,
    pub gigabytes: i64,
}

/// A value that some volume has under this key, of its metadata or of its tags.
pub struct Pair {
    pub key: String,
    pub value: String,
}

/// Of a project's volumes, or of all.
pub async fn total(db: &mut Db, project: Option<&ProjectId>) -> Result<Total> {
    total_of(db.engine(), project).on(db).one().await
}

/// The statement of [`total`].
pub fn total_of(engine: Engine, project: Option<&ProjectId>) -> Select {
    whose(Select::new(engine, TOTAL), project)
}

/// Each pair of metadata that a project's volumes have, or all volumes, once.
pub async fn metadata(db: &mut Db, project: Option<&ProjectId>) -> Result<Vec<Pair>> {
    metadata_of(db.engine(), project).on(db).all().await
}

/// The statement of [`metadata`].
pub fn metadata_of(engine: Engine, project: Option<&ProjectId>) -> Select {
    whose(Select::new(engine, METADATA), project).one_of(TAKEN_APART).push("\n    ORDER BY 1, 2\n    LIMIT ").bind(PAIRS)
}

/// Every tag of a project's volumes, once, in order.
pub async fn tags(db: &mut Db, project: &ProjectId) -> Result<Vec<Pair>> {
    db.sql(TAGS).bind(project.as_str()).bind(PAIRS).all().await
}

from_row!(Total, "quota_usage", { volumes, gigabytes });

from_row!(Pair, "volumes", { key, value });
