//! The bodies of create and update.

use utoipa::ToSchema;

use crate::{
    domain::Id,
    http::{
        answer::{
            problem::Problem,
            shape::{Key, Shape},
            types::{Flag, Texts},
        },
        request::{
            call::Call,
            fields::{self, Fields, boolean, metadata, reference, text},
        },
    },
    service::copies::{Create, Update, What, backup},
};

/// A backup to be made, of a volume or of one of its snapshots.
#[derive(ToSchema)]
pub struct CreateBackup {
    pub volume_id: Id,
    pub name: Option<String>,
    pub description: Option<String>,
    pub snapshot_id: Option<Id>,
    /// Whether also of a volume that is in use.
    #[schema(nullable = false)]
    pub force: Option<Flag>,
    /// Whether to build on the volume's last backup.
    #[schema(nullable = false)]
    pub incremental: Option<Flag>,
    pub container: Option<String>,
    pub metadata: Option<Texts>,
    pub availability_zone: Option<String>,
}

impl Shape for CreateBackup {
    const KEYS: &'static [Key] = &[Key::since("metadata", 43), Key::since("availability_zone", 51)];
}

/// What a backup is to be called and to have as metadata; what is left out stays as it is.
#[derive(ToSchema)]
pub struct UpdateBackup {
    pub name: Option<String>,
    pub description: Option<String>,
    pub metadata: Option<Texts>,
}

impl Shape for UpdateBackup {
    const KEYS: &'static [Key] = &[Key::since("metadata", 43)];
}

/// The body of create.
pub fn create(call: &mut Call) -> Result<Create, Problem> {
    let mut fields = Fields::of(call.body.take(), "backup")?.without_hidden::<CreateBackup>(call);
    let volume_id = fields::volume_id(&fields.required("volume_id")?)?;
    let name = fields.read("name", text)?.flatten();
    let description = fields.read("description", text)?.flatten();
    let asked = backup::Asked {
        takes_in_use: fields.read("force", boolean)?.unwrap_or_default(),
        is_incremental: fields.read("incremental", boolean)?.unwrap_or_default(),
        snapshot_id: fields.read("snapshot_id", reference)?.flatten(),
        container: fields.read("container", text)?.flatten(),
        availability_zone: fields.read("availability_zone", text)?.flatten(),
    };
    let metadata = fields.read("metadata", metadata)?;
    fields.end()?;
    Ok(Create { volume_id, name, description, metadata: metadata.unwrap_or_default(), what: What::Backup(asked) })
}

/// The body of update.
pub fn update(call: &mut Call) -> Result<Update, Problem> {
    let mut fields = Fields::of(call.body.take(), "backup")?.without_hidden::<UpdateBackup>(call);
    let update = Update {
        name: fields.read("name", text)?,
        description: fields.read("description", text)?,
        metadata: fields.read("metadata", metadata)?,
    };
    fields.end()?;
    Ok(update)
}
