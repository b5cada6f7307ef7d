//! Walking a body field by field: each is taken by name, and what is left over at the end is refused by name.

use serde_json::{Map, Value};

use super::problem::{Kind, Problem};

/// The fields of one object that were not taken yet.
pub struct Fields {
    /// Where the object stands in the body, for messages: `transfer`.
    place: &'static str,
    left: Map<String, Value>,
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
        let expected = || format!("Send an object with the one key `{name}`, itself an object.");
        let Value::Object(mut outer) = body else {
            return Err(malformed(format!("The body is {}. {}", kind_of(&body), expected())));
        };
        let inner = outer.remove(name);
        if let Some(unknown) = outer.keys().next() {
            return Err(malformed(format!("Unknown field `{unknown}` beside `{name}`. {}", expected())));
        }
        match inner {
            Some(Value::Object(left)) => Ok(Self { place: name, left }),
            Some(other) => Err(malformed(format!("`{name}` is {}. {}", kind_of(&other), expected()))),
            None => Err(malformed(format!("`{name}` is missing. {}", expected()))),
        }
    }

    /// A field that may be absent.
    pub fn optional(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// A field that must be there.
    pub fn required(&mut self, name: &str) -> Result<Value, Problem> {
        self.left.remove(name).ok_or_else(|| malformed(format!("`{}.{name}` is missing; it is required.", self.place)))
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
