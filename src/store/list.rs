//! A page of any list, written once: each list gets its texts from `listing!`.
//! By age a page is a range of an index, the hot path; any other order sorts what the filters leave.
//!
//! Of every text: `$1` is the project (null where all are asked for), `$2` the filters as one JSON object (null for none), `$3`
//! how many rows, `$4` how many to leave out first.

use serde_json::{Map, Value};

use super::{Db, FromRow, Sql, StoreError, bulk, statement::Number};
use crate::domain::{
    Id, ProjectId, Time,
    page::{Direction, Listed, Order, SortValue},
};

/// Which rows, in which order, from where on.
#[derive(Debug, Clone)]
pub struct Query {
    /// `None`: those of every project.
    pub project: Option<ProjectId>,
    /// By the names that the list knows; others do nothing.
    pub filters: Map<String, Value>,
    pub order: Order,
    /// The row to begin behind.
    pub after: Option<After>,
    pub offset: i64,
    /// How many rows at most.
    pub rows: i64,
}

/// The row that a page begins behind: its values are compared, so it need not be in the list any more.
#[derive(Debug, Clone)]
pub struct After {
    id: Id,
    created_at: Time,
    /// Its values under the order's keys, as the texts that `key!` makes of the columns.
    keys: [String; KEYS],
}

impl After {
    pub fn new(row: &impl Listed, order: &Order) -> Self {
        let key = |at: usize| order.keys().get(at).map_or_else(String::new, |(key, _)| text(row.sort_value(*key)));
        Self { id: row.id(), created_at: row.created_at(), keys: [key(0), key(1), key(2)] }
    }
}

/// How many keys besides the id an order may have.
pub const KEYS: usize = Order::MOST_KEYS;

/// The texts of one list.
pub struct Listing {
    /// From the start, and behind a marker: each ascending and descending.
    pub(super) one_by_age: [[Sql; 2]; 2],
    pub(super) all_by_age: [[Sql; 2]; 2],
    pub(super) one_counted: Sql,
    pub(super) all_counted: Sql,
    pub(super) one_by_keys: Sql,
    pub(super) all_by_keys: Sql,
}

impl Listing {
    /// The text for a project or all, with a marker or from the start, oldest or newest first.
    pub const fn by_age(&self, has_project: bool, has_marker: bool, way: Direction) -> Sql {
        let whose = if has_project { &self.one_by_age } else { &self.all_by_age };
        let descends = matches!(way, Direction::Descending);
        whose[has_marker as usize][descends as usize]
    }
}

/// Microseconds from year 1 to 1970: see `key!`.
const TO_YEAR_ONE: i64 = 62_135_596_800_000_000;

/// A value as the text that `key!` makes of its column.
fn text(value: SortValue<'_>) -> String {
    match value {
        SortValue::Text(text) => text.map_or_else(String::new, |text| format!("={text}")),
        SortValue::Id(id) => id.to_string(),
        SortValue::Number(number) => format!("{number:020}"),
        SortValue::Time(at) => at.map_or_else(String::new, |at| format!("{:020}", at.micros() + TO_YEAR_ONE)),
    }
}

/// How many rows a list has of a project's, or of all, that pass the filters.
pub async fn count(
    db: &mut Db,
    listing: &Listing,
    project: Option<&ProjectId>,
    filters: &Map<String, Value>,
) -> Result<i64, StoreError> {
    let sql = if project.is_some() { listing.one_counted } else { listing.all_counted };
    let Number(rows) = db.sql(sql).bind(project.map(ProjectId::as_str)).bind(parameter(filters)).one().await?;
    Ok(rows)
}

/// The filters as the one parameter of a text.
fn parameter(filters: &Map<String, Value>) -> Option<String> {
    (!filters.is_empty()).then(|| bulk::json(filters))
}

/// The rows of a list that `query` asks for.
pub async fn rows<T: FromRow>(db: &mut Db, listing: &Listing, query: &Query) -> Result<Vec<T>, StoreError> {
    let project = query.project.as_ref().map(ProjectId::as_str);
    let filters = parameter(&query.filters);
    let (after, way) = (query.after.as_ref(), query.order.as_age());
    let sql = match way {
        Some(way) => listing.by_age(project.is_some(), after.is_some(), way),
        None if project.is_some() => listing.one_by_keys,
        None => listing.all_by_keys,
    };
    let mut statement = db.sql(sql).bind(project).bind(filters).bind(query.rows).bind(query.offset);
    if way.is_some() {
        if let Some(marker) = after {
            statement = statement.bind(marker.created_at).bind(marker.id);
        }
        return statement.all().await;
    }
    let key = |at: usize| query.order.keys().get(at).copied();
    let ascends = |way: Direction| way == Direction::Ascending;
    for at in 0..KEYS {
        statement = statement.bind(key(at).map_or("", |(key, _)| key.as_str()));
    }
    for at in 0..KEYS {
        statement = statement.bind(key(at).is_none_or(|(_, way)| ascends(way)));
    }
    statement = statement.bind(ascends(query.order.ties()));
    for at in 0..KEYS {
        statement = statement.bind(after.map(|marker| marker.keys[at].as_str()).unwrap_or_default());
    }
    statement.bind(after.map(|marker| marker.id)).all().await
}
