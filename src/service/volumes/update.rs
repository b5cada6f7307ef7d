//! Update: what a volume is called, how it is described, its metadata. None of it touches an offer.

use serde_json::{Map, Value};

use super::change::Change;
use crate::service::prelude::*;

/// What is to be different; `None` leaves it alone.
///
/// # Errors
/// [`Error::Invalid`] in a status that forbids it.
#[derive(Debug, Default)]
pub struct Update {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    /// All of it.
    pub metadata: Option<Map<String, Value>>,
}

impl Change for Update {
    fn action(&self) -> &'static Action {
        &policy::VOLUMES_CHANGE
    }

    async fn apply(&self, _: &Context, _: &mut Tx<'_>, mut volume: Volume, _: Time) -> Result<Volume, Error> {
        if volume.status.as_str() == "maintenance" {
            let words = "Invalid volume: The volume cannot be updated during maintenance. Wait until that is over.";
            return Err(Error::Invalid(words.to_owned()));
        }
        if let Some(name) = &self.name {
            volume.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            volume.description.clone_from(description);
        }
        if let Some(metadata) = &self.metadata {
            volume.metadata.clone_from(metadata);
        }
        Ok(volume)
    }
}
