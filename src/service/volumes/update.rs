//! Update: what a volume is called, how it is described, its metadata. None of it touches an offer.

use serde_json::{Map, Value};

use super::change::{self, Change};
use crate::{
    domain::{Id, Time, Volume},
    service::{Asker, Error, Service},
    store::Db,
};

/// What is to be different; `None` leaves it alone.
#[derive(Debug, Default)]
pub struct Update {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    /// All of it.
    pub metadata: Option<Map<String, Value>>,
}

/// The volume as it is then.
///
/// # Errors
/// [`Error::NotFound`], for another project's too; [`Error::Invalid`] in a status that forbids it.
pub async fn update(service: &Service, asker: &Asker, id: Id, update: &Update) -> Result<Volume, Error> {
    change::change(service, asker, id, update).await
}

impl Change for Update {
    async fn apply(&self, _: &mut Db, mut volume: Volume, _: Time) -> Result<Volume, Error> {
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
