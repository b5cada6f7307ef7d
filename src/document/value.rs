//! A field's value as a type of the domain, or a sentence that says what was given and what was expected.

use serde_json::{Map, Value};

use crate::domain::{Id, ProjectId, Time, VolumeStatus};

/// A value, or what is wrong with it.
pub type Read<T> = Result<T, String>;

/// The longest text of a name, a user, a zone, … in characters. Source: Cinder's columns, EVS's parameter tables.
pub const TEXT: usize = 255;
/// The longest description: clients send up to 255 characters, but what an export carries is kept.
pub const LONG_TEXT: usize = 65_535;
/// The largest size in GiB; Cinder's column ends one below.
const MAX_SIZE: i64 = 1 << 31;
/// How much of a wrong value is repeated in a message.
const SHOWN: usize = 60;

/// The sentence for a value that is not what was `expected`.
pub fn wrong(value: &Value, expected: &str) -> String {
    let text = value.to_string();
    let cut = text.char_indices().nth(SHOWN).map_or(text.as_str(), |(at, _)| &text[..at]);
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut}{dots} given, {expected} expected")
}

/// `None` for null, else what `read` makes of it.
pub fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Read<T>) -> Read<Option<T>> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

/// A text of at most `most` characters.
pub fn text(value: &Value, most: usize) -> Read<String> {
    match value {
        Value::String(text) if text.chars().count() <= most => Ok(text.clone()),
        Value::String(text) => Err(format!("{} characters given, at most {most} expected", text.chars().count())),
        Value::Number(_) | Value::Bool(_) => Err(wrong(value, "a text (put it in quotes)")),
        _ => Err(wrong(value, "a text")),
    }
}

/// A text or null.
pub fn optional_text(value: &Value, most: usize) -> Read<Option<String>> {
    optional(value, |value| text(value, most))
}

/// A reference to something by its id or name, where exports write an empty text for none.
pub fn reference(value: &Value) -> Read<Option<String>> {
    Ok(optional_text(value, TEXT)?.filter(|text| !text.is_empty()))
}

/// A user's id or none, where exports write an empty text: what becomes a transfer's when its volume is offered.
pub fn optional_user(value: &Value) -> Read<Option<String>> {
    if value == "" { Ok(None) } else { optional(value, user) }
}

/// A user's id: 1 to 255 bytes.
pub fn user(value: &Value) -> Read<String> {
    let user = text(value, TEXT)?;
    if (1..=TEXT).contains(&user.len()) { Ok(user) } else { Err(wrong(value, "1 to 255 bytes")) }
}

/// A boolean, or one of the texts `true` and `false`, as both exports write `bootable`.
pub fn boolean(value: &Value) -> Read<bool> {
    match value {
        Value::Bool(is) => Ok(*is),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(wrong(value, "true or false")),
    }
}

/// GiB.
pub fn size(value: &Value, least: i64) -> Read<i64> {
    let fits = value.as_i64().filter(|size| (least..=MAX_SIZE).contains(size));
    fits.ok_or_else(|| wrong(value, &format!("a whole number of GiB from {least} to {MAX_SIZE}")))
}

/// An id in any form of a UUID.
pub fn id(value: &Value) -> Read<Id> {
    parsed(value, Id::parse, "a UUID")
}

/// A project's id.
pub fn project(value: &Value) -> Read<ProjectId> {
    parsed(value, ProjectId::parse, ProjectId::RULE)
}

/// A volume's status.
pub fn status(value: &Value) -> Read<VolumeStatus> {
    parsed(value, VolumeStatus::parse, VolumeStatus::RULE)
}

/// A time, taken as UTC where it names no zone.
pub fn time(value: &Value) -> Read<Time> {
    parsed(value, Time::parse, "a time such as 2015-02-25T03:56:53.081642 (UTC)")
}

/// One of a closed list of words.
pub fn word<T>(value: &Value, parse: impl FnOnce(&str) -> Option<T>, words: &[&str]) -> Read<T> {
    parsed(value, parse, &words.join(" or "))
}

fn parsed<T>(value: &Value, parse: impl FnOnce(&str) -> Option<T>, expected: &str) -> Read<T> {
    value.as_str().and_then(parse).ok_or_else(|| wrong(value, expected))
}

/// Metadata: an object of texts. A number or a boolean, which only a person writes, becomes its text.
pub fn metadata(value: Value) -> Read<Map<String, Value>> {
    let Value::Object(mut map) = value else { return Err(wrong(&value, "an object of texts")) };
    for (key, value) in &mut map {
        match value {
            Value::String(_) => {}
            Value::Number(_) | Value::Bool(_) => *value = Value::String(value.to_string()),
            _ => return Err(format!("{key}: {}", wrong(value, "a text"))),
        }
    }
    Ok(map)
}

/// Whether a NUL character stands in a text or a key of it, however deep: `PostgreSQL` cannot store it.
pub fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
