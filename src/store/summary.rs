//! How many volumes there are, how large they are together, and which metadata they have.

use super::{
    Db, FromRow, Sql, StoreError,
    statement::{BadColumn, Row},
};
use crate::domain::ProjectId;

macro_rules! total {
    ($whose:literal) => {
        concat!(
            "
    SELECT count(*) AS volumes, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS gigabytes
    FROM volumes
    WHERE ",
            $whose
        )
    };
}

macro_rules! metadata {
    ($pairs:literal, $whose:literal) => {
        concat!(
            "
    SELECT DISTINCT m.key AS name, m.value AS value
    FROM volumes
    CROSS JOIN ",
            $pairs,
            "
    WHERE ",
            $whose
        )
    };
    ($whose:literal) => {
        Sql {
            sqlite: metadata!("json_each(metadata) AS m", $whose),
            postgres: metadata!("LATERAL jsonb_each_text(metadata::jsonb) AS m (key, value)", $whose),
        }
    };
}

const TOTAL_OF_ONE: &str = total!("project_id = $1");
const TOTAL_OF_ALL: &str = total!("$1 IS NULL");
const METADATA_OF_ONE: Sql = metadata!("project_id = $1");
const METADATA_OF_ALL: Sql = metadata!("$1 IS NULL");

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
    let sql = if project.is_some() { TOTAL_OF_ONE } else { TOTAL_OF_ALL };
    db.sql(sql).bind(project.map(ProjectId::as_str)).one().await
}

/// Each pair of metadata that a project's volumes have, or all volumes, once.
pub async fn metadata(db: &mut Db, project: Option<&ProjectId>) -> Result<Vec<Pair>, StoreError> {
    let sql = if project.is_some() { METADATA_OF_ONE } else { METADATA_OF_ALL };
    db.sql(sql).bind(project.map(ProjectId::as_str)).all().await
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
