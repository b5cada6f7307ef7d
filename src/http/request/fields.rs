//! Walking a body field by field: each is taken by name, and what is left over at the end is refused by name.

use serde_json::{Map, Value};

use super::call::Call;
use crate::{
    domain::Id,
    http::answer::{
        problem::{Kind, Problem},
        shape::Shape,
    },
};

/// The fields of one object that were not taken yet.
pub struct Fields {
    /// Where the object stands in the body, for messages: `transfer`.
    place: &'static str,
    left: Map<String, Value>,
    /// What this call does not know, though others do.
    hidden: Vec<&'static str>,
}

/// A JSON type's name with its article, for messages.
pub const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The body is not what was expected.
pub fn malformed(message: impl Into<String>) -> Problem {
    Problem::new(Kind::Body, message)
}

impl Fields {
    /// The one object that the body must hold under `name`, with nothing beside it.
    pub fn of(body: Value, name: &'static str) -> Result<Self, Problem> {
        Self::beside(body, name, &[])
    }

    /// The object that the body must hold under `name`. Beside it may be objects, or null, under the names of `ignored`.
    pub fn beside(body: Value, name: &'static str, ignored: &[&str]) -> Result<Self, Problem> {
        let expected = || format!("Send an object with the one key `{name}`, itself an object.");
        let Value::Object(mut outer) = body else {
            return Err(malformed(format!("The body is {}. {}", kind_of(&body), expected())));
        };
        let inner = outer.remove(name);
        outer.retain(|other, value| !ignored.contains(&other.as_str()) || !(value.is_object() || value.is_null()));
        if let Some(unknown) = outer.keys().next() {
            return Err(malformed(format!("Unknown field `{unknown}` beside `{name}`. {}", expected())));
        }
        match inner {
            Some(Value::Object(left)) => Ok(Self { place: name, left, hidden: Vec::new() }),
            Some(other) => Err(malformed(format!("`{name}` is {}. {}", kind_of(&other), expected()))),
            None => Err(malformed(format!("`{name}` is missing. {}", expected()))),
        }
    }

    /// The same, where a body has keys that not every call knows: to this one they are unknown as any other.
    #[must_use]
    pub fn without_hidden<B: Shape>(mut self, call: &Call) -> Self {
        if B::IGNORES_NULLS {
            self.left.retain(|_, value| !value.is_null());
        }
        Self { hidden: B::hidden(call).collect(), ..self }
    }

    /// Whether no field is left to be taken.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Takes a field that says nothing, if it has just this value.
    pub fn ignore(&mut self, name: &str, value: &str) {
        self.left.retain(|field, given| field != name || given != value);
    }

    /// A field that may be absent, as `read` reads it.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&str, &Value) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
        self.optional(name).map(|value| read(name, &value)).transpose()
    }

    /// A field that may be absent.
    pub fn optional(&mut self, name: &str) -> Option<Value> {
        if self.hidden.contains(&name) {
            return None;
        }
        // the others keep their order
        self.left.shift_remove(name)
    }

    /// A field that must be there.
    pub fn required(&mut self, name: &str) -> Result<Value, Problem> {
        self.left.remove(name).ok_or_else(|| malformed(format!("`{}.{name}` is missing; it is required.", self.place)))
    }

    /// All fields, whatever they are called.
    pub fn whole(self) -> Value {
        Value::Object(self.left)
    }

    /// Nothing may be left.
    pub fn end(self) -> Result<(), Problem> {
        if self.left.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.left.keys().map(|name| format!("`{}.{name}`", self.place)).collect();
        Err(malformed(format!("Unknown field {}; leave it out.", names.join(", "))))
    }
}

/// The longest name, in characters. Source: Cinder's columns.
pub const TEXT: usize = 255;

/// A field's value is not what was expected.
fn unexpected(name: &str, value: &Value, expected: &str) -> Problem {
    malformed(format!("{name} is {}; give {expected}.", kind_of(value)))
}

/// A boolean, or one of the words that Cinder takes for one; never a number or null.
pub fn boolean(name: &str, value: &Value) -> Result<bool, Problem> {
    let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
    match (value, word.as_str()) {
        (Value::Bool(on), _) => Ok(*on),
        (_, "true" | "yes" | "on" | "1") => Ok(true),
        (_, "false" | "no" | "off" | "0") => Ok(false),
        _ => Err(unexpected(name, value, "true or false")),
    }
}

/// A name or a description, without white space around it; null is none.
pub fn text(name: &str, value: &Value) -> Result<Option<String>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.contains('\0') => Err(malformed(format!("{name} holds a NUL character; leave it out."))),
        Value::String(text) if text.trim().chars().count() > TEXT => {
            Err(malformed(format!("{name} has {} characters; give {TEXT} at most.", text.trim().chars().count())))
        }
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        other => Err(unexpected(name, other, "a string or null")),
    }
}

/// A text under either of two names: what a client calls it, and what Cinder's first API did.
#[allow(clippy::option_option)] // absent, null, or a text
pub fn first_of(fields: &mut Fields, names: [&str; 2]) -> Result<Option<Option<String>>, Problem> {
    let [new, old] = names.map(|name| fields.read(name, text));
    Ok(new?.or(old?))
}

/// The id of another record; null or an empty string is none.
pub fn reference(name: &str, value: &Value) -> Result<Option<Id>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => {
            Id::parse(text).map(Some).ok_or_else(|| malformed(format!("{name} is `{}`; give a UUID.", text.escape_debug())))
        }
        other => Err(unexpected(name, other, "a UUID")),
    }
}

/// The id of the volume that something is asked for.
pub fn volume_id(value: &Value) -> Result<Id, Problem> {
    let refused = |what: String| Problem::new(Kind::VolumeId, format!("volume_id is {what}; give the volume's UUID."));
    match value {
        Value::String(text) => Id::parse(text).ok_or_else(|| refused(format!("`{}`", text.escape_debug()))),
        other => Err(refused(kind_of(other).to_owned())),
    }
}

/// GiB: a whole number of 1 or more, or its digits in a string.
pub fn size(name: &str, value: &Value) -> Result<i64, Problem> {
    let digits = value.as_str().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = value.as_i64().or_else(|| digits?.parse().ok());
    number
        .filter(|size| (1..=i64::from(i32::MAX)).contains(size))
        .ok_or_else(|| malformed(format!("{name} is {value}; give a whole number of GiB from 1 to {}, in digits.", i32::MAX)))
}

/// Metadata: texts of at most 255 characters under keys of 1 to 255; null is none. Source: Cinder's `parameter_types`.
pub fn metadata(name: &str, value: &Value) -> Result<Map<String, Value>, Problem> {
    let map = match value {
        Value::Null => return Ok(Map::new()),
        Value::Object(map) => map,
        other => return Err(unexpected(name, other, "an object of strings")),
    };
    for (key, value) in map {
        let shown = key.chars().take(64).collect::<String>();
        let fits = |text: &str| text.chars().count() <= TEXT && !text.contains('\0');
        if key.is_empty() || !fits(key) {
            return Err(malformed(format!(
                "The key `{}` of {name} has not 1 to {TEXT} characters without NUL.",
                shown.escape_debug()
            )));
        }
        match value {
            Value::String(text) if fits(text) => {}
            Value::String(_) => {
                return Err(malformed(format!("{name}.{shown} has more than {TEXT} characters, or a NUL; shorten it.")));
            }
            other => return Err(unexpected(&format!("{name}.{shown}"), other, "a string")),
        }
    }
    Ok(map.clone())
}
