//! Strict JSON, for bodies and documents alike: UTF-8, no key twice (a second one would silently win), no lone surrogate, no
//! depth over 32, nothing behind the end; errors with line and column.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::domain::limits::DEPTH;
use crate::domain::quote::shown;

/// Reads a whole text.
///
/// # Errors
/// What is wrong, with line and column.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text).map(|Strict(value)| value)
}

/// [`Value`], read strictly, for whoever reads a larger text piece by piece.
pub struct Strict(pub Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Node(0).deserialize(from).map(Self)
    }
}

/// A value at a depth.
struct Node(usize);

impl Node {
    fn child<E: serde::de::Error>(&self) -> Result<Self, E> {
        ensure!(self.0 != DEPTH, E::custom(format_args!("nested more than {DEPTH} deep")));
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Visits what is a value as it stands.
macro_rules! leaves {
    ($($visit:ident($($value:ident: $kind:ty)?);)+) => {$(
        fn $visit<E>(self $(, $value: $kind)?) -> Result<Value, E> {
            Ok(($($value)?).into())
        }
    )+};
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    // YAML has optional values, JSON has not
    leaves! { visit_unit(); visit_none(); visit_bool(v: bool); visit_i64(v: i64); visit_u64(v: u64); visit_str(v: &str); }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.child()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            ensure!(!object.contains_key(&key), A::Error::custom(format_args!("key {:?} is given twice", shown(&key))));
            let value = entries.next_value_seed(self.child()?)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_what_it_takes_serde_json_takes_too(text: Vec<u8>) {
            if let Ok(value) = parse(&text) {
                prop_assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), value);
            }
        }
    }

    #[test]
    fn each_refusal_names_line_and_column() {
        let deep = "[".repeat(DEPTH + 1) + &"]".repeat(DEPTH + 1);
        for bad in ["{", "", "{} x", "NaN", "{\"a\": 1, \"a\": 2}", "\"\\ud800\"", "{\"a\": {\"b\": 1,\n \"b\": 2}}", &deep] {
            let error = parse(bad.as_bytes()).unwrap_err();
            assert!(error.line() >= 1, "{bad}: {error}");
            assert!(error.to_string().contains(" at line "), "{bad}: {error}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        let at_the_limit = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
        assert!(parse(at_the_limit.as_bytes()).is_ok());
    }
}
