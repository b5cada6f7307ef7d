//! The bodies of create and update.

use crate::http::resources::prelude::*;
use crate::service::copies::{Create, Update, What};

/// A snapshot to be made.
#[derive(Deserialize, ToSchema)]
pub struct CreateSnapshot {
    /// Null is no volume that there is.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Id)]
    volume_id: Option<VolumeId>,
    name: Option<Text>,
    /// What `name` once was called.
    display_name: Option<Text>,
    description: Option<Text>,
    metadata: Option<Texts>,
    /// Whether also of a volume that is in use; since microversion 3.66 it is so anyhow, and `false` is refused.
    #[serde(default, deserialize_with = "fields::given")]
    #[schema(nullable = false)]
    force: Option<LooseBool>,
}

impl Under for CreateSnapshot {
    const NAME: &'static str = "snapshot";
}

impl CreateSnapshot {
    /// What is asked for.
    ///
    /// # Errors
    /// When it names no volume, or says of what is in use that it does not want it where that is no question any more.
    pub fn asked(self, call: &Call) -> Result<Create, Problem> {
        // from 3.66 a volume's being in use is nothing to force. Source: Cinder's `SNAPSHOT_IN_USE`
        let takes_in_use = match self.force {
            Some(LooseBool(false)) if call.is_from(66) => {
                return Err(malformed(
                    "Since microversion 3.66 the 'force' flag is invalid for this request: a volume that is in-use needs none. \
                     Leave it out, or send true, which is ignored.",
                ));
            }
            force => call.is_from(66) || force.unwrap_or_default().0,
        };
        // Cinder takes null, and looks for it
        let VolumeId(volume_id) = self.volume_id.ok_or_else(|| Problem::not_found(RecordKind::Volume, "null"))?;
        Ok(Create {
            volume_id,
            name: first_of(self.name, self.display_name),
            description: first_of(self.description, None),
            metadata: self.metadata.unwrap_or_default().0,
            what: What::Snapshot { takes_in_use },
        })
    }
}

/// What a snapshot is to be called: at least one of the two; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
pub struct UpdateSnapshot {
    #[serde(default)]
    name: Renamed,
    /// What `name` once was called.
    #[serde(default)]
    display_name: Renamed,
    #[serde(default)]
    description: Renamed,
    /// What `description` once was called.
    #[serde(default)]
    display_description: Renamed,
}

impl Under for UpdateSnapshot {
    const NAME: &'static str = "snapshot";
}

impl UpdateSnapshot {
    /// What is asked for.
    ///
    /// # Errors
    /// When that is nothing.
    pub fn asked(self) -> Result<Update, Problem> {
        let name = self.name.or(self.display_name);
        let description = self.description.or(self.display_description);
        if name.is_none() && description.is_none() {
            return Err(malformed("`snapshot` says nothing. Give name, description, or both."));
        }
        Ok(Update { name, description, metadata: None })
    }
}
