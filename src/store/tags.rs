//! Tags of volumes: EVS's, kept among what a volume carries besides.

use super::prelude::*;
use crate::domain::limits::PAIRS;

/// An export may hold tags of any form; these are those of EVS's, texts under texts.
const OF_PROJECT: Sql = Sql {
    sqlite: "
    SELECT DISTINCT tag.key AS key, tag.value AS value
    FROM volumes
    CROSS JOIN json_each(volumes.extra, '$.tags') AS tag
    WHERE volumes.project_id = $1
      AND json_type(volumes.extra, '$.tags') = 'object'
      AND tag.type = 'text'
    ORDER BY 1, 2
    LIMIT $2",
    postgres: r#"
    SELECT DISTINCT tag.key COLLATE "C" AS key, (tag.value #>> '{}') COLLATE "C" AS value
    FROM volumes
    CROSS JOIN LATERAL jsonb_each(
        CASE jsonb_typeof(volumes.extra::jsonb -> 'tags') WHEN 'object' THEN volumes.extra::jsonb -> 'tags' END
    ) AS tag
    WHERE volumes.project_id = $1
      AND jsonb_typeof(tag.value) = 'string'
    ORDER BY 1, 2
    LIMIT $2"#,
};

/// A tag that some volume has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// Every tag of a project's volumes, once, in order.
pub async fn of_project(db: &mut Db, project: &ProjectId) -> Result<Vec<Tag>, StoreError> {
    db.sql(OF_PROJECT).bind(project.as_str()).bind(PAIRS).all().await
}

from_row!(Tag, "volumes", { key, value });
