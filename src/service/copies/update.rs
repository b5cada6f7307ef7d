//! Update: what a snapshot or a backup is called, and what is noted on it.

use serde_json::{Map, Value};

use super::change::ChangeCopy;
use super::traits;
use crate::service::prelude::*;

/// What is to be different; what is `None` stays.
#[derive(Debug, Default)]
pub struct Update {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    pub metadata: Option<Map<String, Value>>,
}

impl ChangeCopy for Update {
    fn action(&self, kind: CopyKind) -> &'static Action {
        traits(kind).update
    }

    fn apply(&self, _: CopyKind, copy: &mut VolumeCopy) -> Result<(), Error> {
        if let Some(name) = &self.name {
            copy.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            copy.description.clone_from(description);
        }
        if let Some(metadata) = &self.metadata {
            copy.metadata.clone_from(metadata);
        }
        Ok(())
    }
}
