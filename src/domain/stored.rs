//! How values are read and written that stand in JSON: a record's row is a list of them, in the order of the record's fields.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::Value;

/// A value that is written as a text, as `parse` reads it.
pub fn text<'de, D: Deserializer<'de>, T>(from: D, rule: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, D::Error> {
    from.deserialize_str(Text { rule, parse })
}

struct Text<T> {
    /// What it may be.
    rule: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(format_args!("not {}", self.rule)))
    }
}

/// True or false, which SQLite keeps as 1 or 0.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Value::deserialize(from)? {
        Value::Bool(is_true) => Ok(is_true),
        number if number == 0 || number == 1 => Ok(number == 1),
        _ => Err(D::Error::custom("neither true nor false")),
    }
}

/// What is kept as a text of JSON, so that both engines give back the very same; most often an object.
pub mod object {
    use serde::de::DeserializeOwned;
    use serde::ser::Error;
    use serde::{Deserializer, Serialize, Serializer};

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
        super::text(from, "JSON of its kind", |text| serde_json::from_str(text).ok())
    }

    /// Writes it.
    pub fn serialize<S: Serializer, T: Serialize>(object: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&serde_json::to_string(object).map_err(S::Error::custom)?)
    }
}
