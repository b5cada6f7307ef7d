//! What a list of volumes can be narrowed to.

use serde_json::{Map, Value, json};

use crate::{
    domain::Time,
    http::{
        call::Call,
        dictionary,
        list_query::Filters,
        problem::{Kind, Problem},
        query::{Query, quoted},
    },
};

const TEXTS: [&str; 12] = [
    "name",
    "status",
    "availability_zone",
    "volume_type",
    "user_id",
    "description",
    "migration_status",
    "replication_status",
    "consistencygroup_id",
    "group_id",
    "snapshot_id",
    "source_volid",
];

/// The filters of a query.
///
/// # Errors
/// A boolean, a dictionary or a comparison of times that is none.
pub fn of<'q>(call: &Call, query: &'q Query) -> Result<Filters<'q>, Problem> {
    let filters = TEXTS.iter().fold(Filters::of(query), |filters, name| filters.text(name));
    let filters = filters
        .id("id")
        .parsed("size", |text| text.parse::<i64>().ok())
        .boolean("bootable")?
        .boolean("multiattach")?
        .boolean("encrypted")?
        .checked("metadata", dictionary::filter)?;
    if !call.is_from(60) {
        return Ok(filters);
    }
    filters.checked("created_at", comparisons)?.checked("updated_at", comparisons)
}

const OPERATORS: [&str; 6] = ["gt", "gte", "lt", "lte", "eq", "neq"];

/// `gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`: each operator with its time.
fn comparisons(text: &str) -> Result<Option<Map<String, Value>>, Problem> {
    let mut found = Map::new();
    for comparison in text.split(',') {
        let (operator, time) = comparison.split_once(':').unwrap_or((comparison, ""));
        if !OPERATORS.contains(&operator) {
            let words =
                format!("Invalid {} operator. Give one of {} before each time.", quoted(operator), OPERATORS.join(", "));
            return Err(Problem::new(Kind::Url, words));
        }
        let Some(time) = Time::parse(time) else {
            let words = format!("Invalid {} value. Give a time such as {operator}:2026-01-31T12:00:00.", quoted(time));
            return Err(Problem::new(Kind::Url, words));
        };
        found.insert(operator.to_owned(), json!(time.micros()));
    }
    Ok(Some(found))
}
