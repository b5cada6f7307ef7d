//! The bodies of create and update.

use crate::http::resources::prelude::*;
use crate::service::copies::{Create, Update, What, backup};

/// A backup to be made, of a volume or of one of its snapshots.
#[derive(Deserialize, ToSchema)]
pub struct CreateBackup {
    volume_id: VolumeId,
    name: Option<Text>,
    description: Option<Text>,
    snapshot_id: Option<Reference>,
    /// Whether also of a volume that is in use.
    #[serde(default)]
    force: LooseBool,
    /// Whether to build on the volume's last backup.
    #[serde(default)]
    incremental: LooseBool,
    container: Option<Text>,
    metadata: Option<Texts>,
    availability_zone: Option<Text>,
}

impl Under for CreateBackup {
    const NAME: &'static str = "backup";
    const KEYS: &'static [FieldRule] = &[FieldRule::since("metadata", 43), FieldRule::since("availability_zone", 51)];
}

impl CreateBackup {
    /// What is asked for.
    pub fn asked(self) -> Create {
        let asked = backup::Asked {
            takes_in_use: self.force.0,
            is_incremental: self.incremental.0,
            snapshot_id: self.snapshot_id.unwrap_or_default().0,
            container: first_of(self.container, None),
            availability_zone: first_of(self.availability_zone, None),
        };
        Create {
            volume_id: self.volume_id.0,
            name: first_of(self.name, None),
            description: first_of(self.description, None),
            metadata: self.metadata.unwrap_or_default().0,
            what: What::Backup(asked),
        }
    }
}

/// What a backup is to be called and to have as metadata; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
pub struct UpdateBackup {
    #[serde(default)]
    name: Renamed,
    #[serde(default)]
    description: Renamed,
    #[serde(default, deserialize_with = "fields::given")]
    metadata: Option<Texts>,
}

impl Under for UpdateBackup {
    const NAME: &'static str = "backup";
    const KEYS: &'static [FieldRule] = &[FieldRule::since("metadata", 43)];
}

impl UpdateBackup {
    /// What is asked for.
    pub fn asked(self) -> Update {
        Update { name: self.name.0, description: self.description.0, metadata: self.metadata.map(|Texts(texts)| texts) }
    }
}
