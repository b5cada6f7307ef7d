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
        let Update { name, description, metadata } = asked;
        copy.name.clone_from(name.as_ref().unwrap_or(&copy.name.clone()));
        copy.description.clone_from(description.as_ref().unwrap_or(&copy.description.clone()));
        copy.metadata.clone_from(metadata.as_ref().unwrap_or(&copy.metadata.clone()));
        Ok(())
    };
    change(service, asker, kind, id, apply).await
}
