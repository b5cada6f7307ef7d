//! How many volumes there are, how large they are together, and which metadata they have.

use super::{
    Db, FromRow, Sql, StoreError,
    select::Select,
    statement::{BadColumn, Row},
};
use crate::domain::ProjectId;

const TOTAL: &str = "
    SELECT count(*) AS volumes, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS gigabytes
    FROM volumes
    WHERE ";

const METADATA: Sql = Sql {
    sqlite: "
    SELECT DISTINCT m.key AS name, m.value AS value
    FROM volumes
    CROSS JOIN json_each(metadata) AS m
    WHERE metadata <> '{}'
      AND ",
    postgres: "
    SELECT DISTINCT m.key AS name, m.value AS value
    FROM volumes
    CROSS JOIN LATERAL jsonb_each_text(metadata::jsonb) AS m (key, value)
    WHERE metadata <> '{}'
      AND ",
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
    whose(Select::new(db.engine(), TOTAL), project).on(db).one().await
}

/// Each pair of metadata that a project's volumes have, or all volumes, once.
pub async fn metadata(db: &mut Db, project: Option<&ProjectId>) -> Result<Vec<Pair>, StoreError> {
    let mut select = Select::new(db.engine(), "");
    select.either(METADATA.sqlite, METADATA.postgres);
    whose(select, project).on(db).all().await
}

fn whose(mut select: Select, project: Option<&ProjectId>) -> Select {
    match project {
        Some(project) => select.push("project_id = ").bind(project.as_str().into()),
        None => select.push("true"),
    };
    select
}

impl FromRow for Total {
    const TABLE: &'static str = "volumes";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self { volumes: row.get("volumes")?, gigabytes: row.get("gigabytes")? })
    }
}

impl FromRow for Pair {
    const TABLE: &'static str = "volumes";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self { name: row.get("name")?, value: row.get("value")? })
    }
}
