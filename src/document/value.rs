//! What a field may hold: a type of the domain, or a sentence that says what was given and what was expected. The structs of the
//! records name these for serde, field by field.

use super::prelude::*;
use crate::domain::quote;
use crate::domain::transfer::Resource;

/// A value, or what is wrong with it.
pub type Read<T> = Result<T, String>;

/// The largest size in GiB; Cinder's column ends one below.
const MAX_SIZE: i64 = 1 << 31;

/// The sentence for a value that is not what was `expected`.
pub fn wrong(given: &Value, expected: &str) -> String {
    format!("{} given, {expected} expected", quote::value(given))
}

/// What is read in one way wherever it stands.
pub trait Field: Sized {
    /// Reads what stands in the document.
    fn read(given: Value) -> Read<Self>;
}

/// A field whose type says how it is read.
pub fn field<'de, T: Field, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::read(Value::deserialize(from)?).map_err(D::Error::custom)
}

/// What a text stands for.
pub fn parsed<T>(given: &Value, parse: impl FnOnce(&str) -> Option<T>, expected: &str) -> Read<T> {
    given.as_str().and_then(parse).ok_or_else(|| wrong(given, expected))
}

/// Null for none.
impl<T: Field> Field for Option<T> {
    fn read(given: Value) -> Read<Self> {
        if given.is_null() { Ok(None) } else { T::read(given).map(Some) }
    }
}

/// What is written as a text, as the domain reads it.
macro_rules! texts {
    ($($kind:ty: $expected:expr),+ $(,)?) => {$(
        impl Field for $kind {
            fn read(given: Value) -> Read<Self> {
                parsed(&given, Self::parse, $expected)
            }
        }
    )+};
}

texts! {
    Id: "a UUID", // in any form of one
    ProjectId: Self::RULE,
    Time: "a time such as 2015-02-25T03:56:53.081642 (UTC)", // UTC where it names no zone
    Billing: &Self::WORDS.join(" or "),
    DedicatedStorage: &Self::WORDS.join(" or "),
    Resource: &Self::WORDS.join(" or "),
}

/// In any case, as exports have it.
impl Field for VolumeStatus {
    fn read(given: Value) -> Read<Self> {
        parsed(&given, |text| Self::parse(&text.to_ascii_lowercase()), Self::RULE)
    }
}

impl Field for TransferName {
    fn read(given: Value) -> Read<Self> {
        Self::parse(&String::read(given)?).map_err(|error| error.to_string())
    }
}

/// Of any length.
impl Field for String {
    fn read(given: Value) -> Read<Self> {
        match given {
            Value::String(text) => Ok(text),
            Value::Number(_) | Value::Bool(_) => Err(wrong(&given, "a text (put it in quotes)")),
            _ => Err(wrong(&given, "a text")),
        }
    }
}

/// Or one of the texts `true` and `false` in any case, as exports write `bootable`.
impl Field for bool {
    fn read(given: Value) -> Read<Self> {
        let is = given.as_bool().or_else(|| given.as_str()?.to_ascii_lowercase().parse().ok());
        is.ok_or_else(|| wrong(&given, "true or false"))
    }
}

/// Metadata: an object of texts. A number is refused: `1.10` is no text any more when it is read.
impl Field for Map<String, Value> {
    fn read(given: Value) -> Read<Self> {
        let Value::Object(map) = given else { return Err(wrong(&given, "an object of texts")) };
        let wrong = |(key, value): (&String, &Value)| {
            String::read(value.clone()).err().map(|problem| format!("{}: {problem}", shown(key)))
        };
        let wrong: Vec<String> = map.iter().filter_map(wrong).collect();
        if wrong.is_empty() { Ok(map) } else { Err(wrong.join("; ")) }
    }
}

/// What a size may be, for messages.
pub const SIZE: &str = "a whole number of GiB from 1 to 2147483648";

/// GiB, or another number that may be as large.
pub fn size<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let given = Value::deserialize(from)?;
    given.as_i64().filter(|size| (0..=MAX_SIZE).contains(size)).ok_or_else(|| D::Error::custom(wrong(&given, SIZE)))
}

/// What a flag is that nobody took away.
pub const fn yes() -> bool {
    true
}

/// Whether a key that is kept under its own name holds what clients take it for; what is wrong with it otherwise. Typed clients
/// break on a whole list in which one text is a number.
pub fn of_body(key: &str, value: &Value) -> Read<()> {
    match (key, value) {
        (_, Value::Null) => Ok(()),
        ("tags" | "volume_image_metadata", _) => Map::read(value.clone()).map(drop),
        ("shareable" | "shared_targets", _) => bool::read(value.clone()).map(drop),
        ("iops" | "throughput", Value::Object(_)) => Ok(()),
        ("iops" | "throughput", _) => Err(wrong(value, "an object")),
        ("attachments", Value::Array(all)) => all.iter().try_for_each(|one| {
            let Value::Object(one) = one else { return Err(wrong(one, "an object")) };
            one.iter().filter(|(_, value)| !value.is_null()).try_for_each(|(key, value)| {
                String::read(value.clone()).map(drop).map_err(|problem| format!("{}: {problem}", shown(key)))
            })
        }),
        ("attachments", _) => Err(wrong(value, "a list")),
        // what is nobody's may be anything but what clients read as a text
        (_, Value::Object(_) | Value::Array(_) | Value::Bool(_)) if key.contains(':') => Ok(()),
        _ => String::read(value.clone()).map(drop),
    }
}

/// A text of at most so many characters, or null.
pub fn text<'de, const MOST: usize, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = field(from)?;
    let length = text.as_ref().map_or(0, |text| text.chars().count());
    ensure!(length <= MOST, D::Error::custom(format_args!("{length} characters given, at most {MOST} expected")));
    Ok(text)
}

/// A reference to something by its id or name, where exports write an empty text for none.
pub fn reference<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text::<TEXT, D>(from)?.filter(|text| !text.is_empty()))
}

/// A user's id of at most 255 bytes, or an empty text for none: what becomes a transfer's when its volume is offered.
pub fn user<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match reference(from)? {
        Some(user) if user.len() > TEXT => Err(D::Error::custom(wrong(&user.into(), "1 to 255 bytes"))),
        user => Ok(user),
    }
}

/// Writes an object by its keys: the order in which a database gives them is nobody's.
pub fn sorted<S: Serializer>(map: &Map<String, Value>, to: S) -> Result<S::Ok, S::Error> {
    map.iter().collect::<BTreeMap<_, _>>().serialize(to)
}
