//! Update: what a snapshot or a backup is called, and what is noted on it.

use serde_json::{Map, Value};

use super::{Kind, change::change};
use crate::{
    domain::{Copy, Id},
    service::{Asker, Error, Service},
};

/// What is to be different; what is `None` stays.
#[derive(Debug, Default)]
pub struct Update {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    pub metadata: Option<Map<String, Value>>,
}

/// Changes it; as it is then.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn update(service: &Service, asker: &Asker, kind: Kind, id: Id, asked: &Update) -> Result<Copy, Error> {
    let apply = |copy: &mut Copy| {
        if let Some(name) = &asked.name {
            copy.name.clone_from(name);
        }
        if let Some(description) = &asked.description {
            copy.description.clone_from(description);
        }
        if let Some(metadata) = &asked.metadata {
            copy.metadata.clone_from(metadata);
        }
        Ok(())
    };
    change(service, asker, kind, id, apply).await
}
