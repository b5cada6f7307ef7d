//! Comparisons of times in a query: `created_at=gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`.

use super::prelude::*;
use crate::domain::page::Comparison;

/// Comparisons with times: `gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`: each operator with its time; of one that is given
/// twice the last counts.
///
/// # Errors
/// An operator or a time that is none.
pub fn filter(text: &str) -> Result<Option<Vec<(Comparison, Time)>>, Problem> {
    let mut found: Vec<(Comparison, Time)> = Vec::new();
    for comparison in text.split(',') {
        let (operator, time) = comparison.split_once(':').unwrap_or((comparison, ""));
        let Some(compared) = Comparison::parse(operator) else {
            let words = Comparison::WORDS.join(", ");
            return Err(problem!(Url, "Invalid {} operator. Give one of {words} before each time.", quoted(operator)));
        };
        let Some(time) = Time::iso(time) else {
            return Err(problem!(
                Url,
                "Invalid {} value. Give a time of ISO 8601, such as {operator}:2026-01-31T12:00:00 or {operator}:2026-01-31.",
                quoted(time)
            ));
        };
        found.retain(|(earlier, _)| *earlier != compared);
        found.push((compared, time));
    }
    Ok(Some(found))
}
