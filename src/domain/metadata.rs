//! What clients note on a record: a name, a description, and metadata, which is texts under keys.

use std::mem::take;

use serde_json::{Map, Value};

use super::limits::RECORD;

/// How many bytes a record carries, as JSON.
pub fn carried(metadata: &Map<String, Value>, extra: &Map<String, Value>) -> usize {
    [metadata, extra].map(|part| serde_json::to_string(part).map_or(0, |text| text.len())).iter().sum()
}

/// What is wrong with a record that carries so much, where it is too much.
pub fn too_much(bytes: usize) -> Option<String> {
    (bytes > RECORD).then(|| {
        format!(
            "Metadata, attachments and tags of the record would come to {bytes} bytes as JSON, and {RECORD} is the most \
             together. Take some of it away."
        )
    })
}

/// The first reserved key that is another, or not there, after a change: one that says of a volume what rules ask about, and is set
/// when the volume is made.
pub fn reserved_change<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> Option<&'a str> {
    let keys = before.keys().chain(after.keys());
    let mut reserved = keys.filter(|key| matches!(key.as_str(), "orderID" | "policy") || key.starts_with("__system__"));
    reserved.find(|key| before.get(*key) != after.get(*key)).map(String::as_str)
}

/// What is done to the metadata of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Sets these keys and leaves the others alone.
    Merge(Map<String, Value>),
    /// Makes it these, and nothing else.
    Replace(Map<String, Value>),
    /// Takes a key away.
    Remove(String),
}

impl Edit {
    /// Makes the metadata what it is to be; the key that is to be removed where it is not there.
    pub fn apply(&self, metadata: &mut Map<String, Value>) -> Result<(), &str> {
        match self {
            Self::Merge(more) => metadata.extend(more.clone()),
            Self::Replace(all) => metadata.clone_from(all),
            // the others keep their order
            Self::Remove(key) => drop(metadata.shift_remove(key).ok_or(key.as_str())?),
        }
        Ok(())
    }
}

/// What is to be different of what is noted on a record; `None` leaves it alone.
#[derive(Debug, Default)]
pub struct Update {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    /// All of it.
    pub metadata: Option<Map<String, Value>>,
}

impl Update {
    /// Makes each what it is to be.
    pub fn apply(&self, name: &mut Option<String>, description: &mut Option<String>, metadata: &mut Map<String, Value>) {
        *name = self.name.clone().unwrap_or_else(|| take(name));
        *description = self.description.clone().unwrap_or_else(|| take(description));
        *metadata = self.metadata.clone().unwrap_or_else(|| take(metadata));
    }
}
