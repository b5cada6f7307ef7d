//! Comparisons of times in a query: `created_at=gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`.

use serde_json::{Map, Value, json};

use super::{
    problem::{Kind, Problem},
    query::quoted,
};
use crate::domain::Time;

const OPERATORS: [&str; 6] = ["gt", "gte", "lt", "lte", "eq", "neq"];

/// Comparisons with times: `gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`: each operator with its time.
///
/// # Errors
/// An operator or a time that is none.
pub fn filter(text: &str) -> Result<Option<Map<String, Value>>, Problem> {
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
