//! A page of pending transfers. By age it is a range of an index: the hot path. Any other order sorts what the filters leave.

use super::{Db, Sql, StoreError, transfers::columns};
use crate::domain::{
    Id, ProjectId, Time, Transfer,
    page::{Direction, Marker, Order, SortKey},
};

/// Which rows, in which order, from where on.
#[derive(Debug, Clone)]
pub struct Query {
    /// `None`: those of every project.
    pub project: Option<ProjectId>,
    pub name: Option<String>,
    pub id: Option<Id>,
    pub volume_id: Option<Id>,
    pub order: Order,
    /// The row to begin behind.
    pub after: Option<Marker>,
    pub offset: i64,
    /// How many rows at most.
    pub rows: i64,
}

/// What every list leaves out: `$1` project, `$2` name, `$3` id, `$4` volume; `$5` rows and `$6` offset follow further down.
/// Whether a project is asked for decides between two texts, so that each has its own index.
macro_rules! filtered {
    ($project:literal) => {
        concat!(
            "
    FROM transfers
    WHERE state = 'pending'
      AND ",
            $project,
            "
      AND ($2 IS NULL OR name = $2)
      AND ($3 IS NULL OR id = $3)
      AND ($4 IS NULL OR volume_id = $4)"
        )
    };
    (one) => {
        filtered!("source_project_id = $1")
    };
    (all) => {
        filtered!("$1 IS NULL")
    };
}

/// By age: `$7` and `$8` are the marker's `created_at` and id.
macro_rules! by_age {
    ($whose:ident, $after:literal, $way:literal) => {
        concat!(
            "
    SELECT ",
            columns!(),
            filtered!($whose),
            $after,
            "
    ORDER BY created_at ",
            $way,
            ", id ",
            $way,
            "
    LIMIT $5
    OFFSET $6"
        )
    };
}

/// The text for a project or all, with a marker or from the start, oldest or newest first.
pub const fn by_age(has_project: bool, has_marker: bool, way: Direction) -> &'static str {
    use Direction::{Ascending, Descending};
    match (has_project, has_marker, way) {
        (true, false, Ascending) => by_age!(one, "", "ASC"),
        (true, false, Descending) => by_age!(one, "", "DESC"),
        (true, true, Ascending) => by_age!(one, "\n      AND (created_at, id) > ($7, $8)", "ASC"),
        (true, true, Descending) => by_age!(one, "\n      AND (created_at, id) < ($7, $8)", "DESC"),
        (false, false, Ascending) => by_age!(all, "", "ASC"),
        (false, false, Descending) => by_age!(all, "", "DESC"),
        (false, true, Ascending) => by_age!(all, "\n      AND (created_at, id) > ($7, $8)", "ASC"),
        (false, true, Descending) => by_age!(all, "\n      AND (created_at, id) < ($7, $8)", "DESC"),
    }
}

/// One of three keys, as text that compares as the column does: `$7` to `$9` name them, an unused one is `''` on every row.
/// A name is never empty, so that `''` puts the transfers without one first.
macro_rules! key {
    ($asked:literal, $volume_id:literal, $created_at:literal, $collation:literal) => {
        concat!(
            "(CASE ",
            $asked,
            " WHEN 'name' THEN COALESCE(name, '') WHEN 'volume_id' THEN ",
            $volume_id,
            " WHEN 'created_at' THEN ",
            $created_at,
            " ELSE '' END)",
            $collation
        )
    };
}

/// By any keys: `$7` to `$9` their names, `$10` to `$12` whether each ascends, `$13` whether the id does, `$14` to `$16` the
/// marker's values, `$17` its id.
macro_rules! by_keys {
    ($whose:ident, $volume_id:literal, $created_at:literal, $collation:literal) => {
        concat!(
            "
    SELECT ",
            columns!(),
            "
    FROM (
        SELECT ",
            columns!(),
            ", ",
            key!("$7", $volume_id, $created_at, $collation),
            " AS key_1, ",
            key!("$8", $volume_id, $created_at, $collation),
            " AS key_2, ",
            key!("$9", $volume_id, $created_at, $collation),
            " AS key_3",
            filtered!($whose),
            "
    ) AS keyed
    WHERE $17 IS NULL
       OR CASE
              WHEN key_1 <> $14 THEN (key_1 > $14) = $10
              WHEN key_2 <> $15 THEN (key_2 > $15) = $11
              WHEN key_3 <> $16 THEN (key_3 > $16) = $12
              ELSE id <> $17 AND (id > $17) = $13
          END
    ORDER BY CASE WHEN $10 THEN key_1 END ASC, CASE WHEN NOT $10 THEN key_1 END DESC,
             CASE WHEN $11 THEN key_2 END ASC, CASE WHEN NOT $11 THEN key_2 END DESC,
             CASE WHEN $12 THEN key_3 END ASC, CASE WHEN NOT $12 THEN key_3 END DESC,
             CASE WHEN $13 THEN id END ASC, CASE WHEN NOT $13 THEN id END DESC
    LIMIT $5
    OFFSET $6"
        )
    };
    ($whose:ident) => {
        Sql {
            sqlite: by_keys!($whose, "volume_id", "printf('%020d', created_at + 62135596800000000)", ""),
            postgres: by_keys!(
                $whose,
                "volume_id::text",
                "lpad((extract(epoch FROM created_at) * 1000000 + 62135596800000000)::bigint::text, 20, '0')",
                " COLLATE \"C\""
            ),
        }
    };
}

const BY_KEYS_ONE: Sql = by_keys!(one);
const BY_KEYS_ALL: Sql = by_keys!(all);

/// Microseconds from year 1 to 1970, so that an earlier time is no negative number, whose text would sort wrongly.
const TO_YEAR_ONE: i64 = 62_135_596_800_000_000;

/// A marker's value as the same text that `key!` makes of the column.
fn key_text(marker: &Marker, key: SortKey) -> String {
    let age = |at: Time| format!("{:020}", at.micros() + TO_YEAR_ONE);
    match key {
        SortKey::Id => marker.id.to_string(),
        SortKey::Name => marker.name.clone().unwrap_or_default(),
        SortKey::VolumeId => marker.volume_id.to_string(),
        SortKey::CreatedAt => age(marker.created_at),
    }
}

/// The rows that `query` asks for.
pub async fn pending(db: &mut Db, query: &Query) -> Result<Vec<Transfer>, StoreError> {
    let project = query.project.as_ref().map(ProjectId::as_str);
    let after = query.after.as_ref();
    let way = query.order.as_age();
    let sql = match way {
        Some(way) => by_age(project.is_some(), after.is_some(), way).into(),
        None if project.is_some() => BY_KEYS_ONE,
        None => BY_KEYS_ALL,
    };
    let mut statement = db
        .sql(sql)
        .bind(project)
        .bind(query.name.as_deref())
        .bind(query.id)
        .bind(query.volume_id)
        .bind(query.rows)
        .bind(query.offset);
    if way.is_some() {
        if let Some(marker) = after {
            statement = statement.bind(marker.created_at).bind(marker.id);
        }
        return statement.all().await;
    }
    let key = |at: usize| query.order.keys().get(at).copied();
    let ascends = |way: Direction| way == Direction::Ascending;
    for at in 0..3 {
        statement = statement.bind(key(at).map_or("", |(key, _)| key.as_str()));
    }
    for at in 0..3 {
        statement = statement.bind(key(at).is_none_or(|(_, way)| ascends(way)));
    }
    statement = statement.bind(ascends(query.order.ties()));
    for at in 0..3 {
        statement = statement.bind(after.zip(key(at)).map_or_else(String::new, |(marker, (key, _))| key_text(marker, key)));
    }
    statement.bind(after.map(|marker| marker.id)).all().await
}
