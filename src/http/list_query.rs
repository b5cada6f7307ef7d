//! The parameters of a list of transfers: the table of the contract, section 1, row by row.

use super::{
    api::Api,
    problem::{Kind, Problem},
    query::Query,
};
use crate::domain::page::{Direction, MAX_LIMIT, Order, SortKey};

/// The largest `offset`. Source: Cinder (a signed 32-bit number).
const MAX_OFFSET: u32 = 0x7fff_ffff;

/// How many rows at most.
///
/// # Errors
/// `/v2` takes 1 to 1000 and says so; `/v3` takes any number, and caps it.
pub fn limit(query: &Query, api: Api) -> Result<u16, Problem> {
    let Some(text) = query.get("limit") else { return Ok(MAX_LIMIT) };
    let least = u16::from(api == Api::V2);
    let malformed =
        || Problem::new(Kind::Limit, format!("limit is {}; give a whole number, {least} or more, in digits.", quoted(text)));
    let number = digits(text).ok_or_else(malformed)?;
    if number < u32::from(least) {
        return Err(malformed());
    }
    if number > u32::from(MAX_LIMIT) && api == Api::V2 {
        return Err(Problem::new(Kind::LimitTooLarge, format!("limit is {}; give 1 to {MAX_LIMIT}.", quoted(text))));
    }
    Ok(u16::try_from(number).unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
}

/// How many rows to leave out first.
pub fn offset(query: &Query) -> Result<u32, Problem> {
    let Some(text) = query.get("offset") else { return Ok(0) };
    digits(text)
        .filter(|offset| *offset <= MAX_OFFSET)
        .ok_or_else(|| Problem::new(Kind::Offset, format!("offset is {}; give 0 to {MAX_OFFSET}, in digits.", quoted(text))))
}

/// A number in plain digits; one with too many of them is as large as any.
fn digits(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(u32::MAX))
}

/// `sort=key[:dir],…`, or `sort_key` and `sort_dir`, or `default`.
pub fn order(query: &Query, default: Order) -> Result<Order, Problem> {
    let (sort, key, dir) = (query.get("sort"), query.get("sort_key"), query.get("sort_dir"));
    match (sort, key, dir) {
        (None, None, None) => Ok(default),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            Err(Problem::new(Kind::Url, "sort goes with neither sort_key nor sort_dir. Use sort alone, or the other two."))
        }
        (Some(sort), None, None) => {
            let keys: Result<Vec<_>, Problem> = sort
                .split(',')
                .map(|item| {
                    let (key, dir) = item.trim().split_once(':').unwrap_or((item.trim(), ""));
                    Ok((sort_key(key)?, if dir.is_empty() { Direction::Descending } else { sort_dir(dir)? }))
                })
                .collect();
            Ok(Order::new(keys?))
        }
        (None, key, dir) => {
            let key = key.map_or(Ok(SortKey::CreatedAt), sort_key)?;
            let dir = dir.map_or(Ok(Direction::Descending), sort_dir)?;
            Ok(Order::new([(key, dir)]))
        }
    }
}

fn sort_key(text: &str) -> Result<SortKey, Problem> {
    match text.trim() {
        "display_name" => Ok(SortKey::Name), // what clients of Cinder's first API still call it
        key => SortKey::parse(key).ok_or_else(|| {
            Problem::new(Kind::SortKey, format!("The key {} is none; give {}.", quoted(text), SortKey::WORDS.join(", ")))
        }),
    }
}

fn sort_dir(text: &str) -> Result<Direction, Problem> {
    Direction::parse(text.trim()).ok_or_else(|| {
        Problem::new(Kind::SortDir, format!("The direction {} is none; give {}.", quoted(text), Direction::WORDS.join(" or ")))
    })
}

/// A filter whose value nothing can have: the list is empty.
pub struct FitsNothing;

/// A filter by something that has a form.
pub fn filter<T>(query: &Query, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, FitsNothing> {
    query.get(name).map(|text| parse(text).ok_or(FitsNothing)).transpose()
}

/// A name to compare with: any text that could be stored.
pub fn storable(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| text.to_owned())
}

/// Whether a boolean parameter is set. Source: oslo's `bool_from_string`.
pub fn is_on(query: &Query, name: &str) -> bool {
    let value = query.get(name).unwrap_or_default().trim().to_ascii_lowercase();
    ["1", "t", "true", "on", "y", "yes"].contains(&value.as_str())
}

fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(64).collect();
    format!("`{}`", shown.escape_debug())
}
