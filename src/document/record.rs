//! What the records of all lists have in common: an object, fields that serde reads and writes, and a place in the document, by
//! which a message says what is wrong: where it stands, which field, what was found and what was expected.

use derive_more::Display;
use serde::de::value::MapDeserializer;
use serde_json::value::Serializer;

use super::prelude::*;

/// The fields of a record, by their keys.
pub type Fields = Map<String, Value>;

/// Where a record stands in its document.
#[derive(Debug, Clone, PartialEq, Eq, Display)]
#[display("{list}[{index}]{}", id.map(|id| format!(" (id {id})")).unwrap_or_default())]
pub struct Place {
    /// `volumes`, `transfers`, ….
    pub list: &'static str,
    /// Counted from 0, as in the list.
    pub index: usize,
    /// Where the record has one that can be read.
    pub id: Option<Id>,
}

/// A record that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{problem}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Fault {
    pub place: Place,
    pub field: Option<String>,
    pub problem: String,
}

impl Place {
    /// The record as a whole is wrong.
    pub fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault { place: self.clone(), field: None, problem: problem.into() }
    }

    /// One field of it is.
    pub fn field_fault(&self, field: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault { place: self.clone(), field: Some(field.into()), problem: problem.into() }
    }

    /// Where the record at `index` of this list stands, and its fields.
    pub(super) fn open(list: &'static str, index: usize, record: Value) -> Result<(Self, Fields), Fault> {
        let place = Self { list, index, id: None };
        match record {
            Value::Object(fields) => Ok((place, fields)),
            other => Err(place.fault(value::wrong(&other, "an object"))),
        }
    }

    /// The same of a record that has an id, which names it in messages from here on; no NUL character is in it. A time that is
    /// an empty text is none.
    pub(super) fn open_with_id(list: &'static str, index: usize, record: Value) -> Result<(Self, Id, Fields), Fault> {
        let (mut place, mut fields) = Self::open(list, index, record)?;
        fields.retain(|key, value| is_said(key, value));
        let id = place.id_in("", &fields, "id")?;
        place.id = Some(id);
        // PostgreSQL cannot store it
        if let Some((key, _)) = fields.iter().find(|(key, value)| key.contains('\0') || has_nul(value)) {
            return Err(place.field_fault(key.replace('\0', "\\0"), "holds a NUL character, which cannot be stored"));
        }
        Ok((place, id, fields))
    }

    /// An id that a record must have, within this field of another or, where that is empty, by itself.
    pub(super) fn id_in(&self, within: &str, fields: &Fields, key: &str) -> Result<Id, Fault> {
        let read = fields.get(key).cloned().map_or_else(|| Err("missing, a UUID expected".to_owned()), Id::read);
        read.map_err(|problem| self.field_fault(format!("{within}{key}"), problem))
    }

    /// One field by itself; `None` where the record does not have it.
    pub(super) fn value_in<T: Field>(&self, fields: &Fields, key: &str) -> Result<Option<T>, Fault> {
        let value = fields.get(key).cloned().map(T::read).transpose();
        value.map_err(|problem| self.field_fault(key, problem))
    }

    /// What serde reads of the fields, of which the first layer that has one says what it is. What is wrong is said of the field
    /// that it stands in, behind `within`.
    pub(super) fn read<'a, T: Deserialize<'a>>(&self, within: &str, layers: &[&'a Fields]) -> Result<T, Fault> {
        let mut said = Vec::new();
        for (depth, layer) in layers.iter().enumerate() {
            let is_said = |key| layers[..depth].iter().any(|above| above.contains_key(key));
            let more = layer.iter().filter(|(key, _)| !is_said(*key));
            said.extend(more.map(|(key, value)| (key.as_str(), value)));
        }
        let from = || MapDeserializer::<_, serde_json::Error>::new(said.iter().copied());
        // to note the way to each field costs twice as much as to read it, and is of use only where one is wrong
        let read = T::deserialize(from()).or_else(|_| serde_path_to_error::deserialize(from()));
        read.map_err(|error| self.fault(format!("{within}{error}")))
    }
}

/// A struct of a record's fields, a row each: its type, the function that reads it, and what else serde is told.
macro_rules! record {
    ($(#[$of_record:meta])* $of:vis struct $record:ident {
        $($(#[$doc:meta])* $vis:vis $field:ident: $kind:ty $(=> $read:literal)? $(, $told:ident $(= $how:literal)?)*;)+
    }) => {
        $(#[$of_record])*
        $of struct $record {
            $(
                $(#[$doc])*
                #[serde($(deserialize_with = $read,)? $($told $(= $how)?),*)]
                $vis $field: $kind,
            )+
        }
    };
}

pub(super) use record;

/// The fields of a layer.
pub fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

/// The fields of a record that serde writes.
pub fn written(write: impl FnOnce(Serializer) -> Result<Value, serde_json::Error>) -> Fields {
    match write(Serializer) {
        Ok(Value::Object(fields)) => fields,
        _ => unreachable!("a record is an object with text keys and no number that is not finite"),
    }
}

/// Exports write an empty text for a time that is none, and null for one that always is.
pub fn is_said(key: &str, value: &Value) -> bool {
    !key.ends_with("_at") || value != "" && (key != "created_at" || !value.is_null())
}

/// However deep it stands.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
