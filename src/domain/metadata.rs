//! The metadata of a record: texts under keys, and what clients do with them.

use serde_json::{Map, Value};

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
    /// The metadata as it is then; the key that is to be removed where it is not there.
    pub fn apply(&self, mut metadata: Map<String, Value>) -> Result<Map<String, Value>, &str> {
        match self {
            Self::Merge(more) => metadata.extend(more.clone()),
            Self::Replace(all) => metadata.clone_from(all),
            // the others keep their order
            Self::Remove(key) => drop(metadata.shift_remove(key).ok_or(key.as_str())?),
        }
        Ok(metadata)
    }
}
