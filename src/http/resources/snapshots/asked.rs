//! The bodies of create and update.

use utoipa::ToSchema;

use crate::{
    domain::{Id, Noun},
    http::{
        answer::{
            problem::Problem,
            shape::Shape,
            types::{Flag, Texts},
        },
        request::{
            call::Call,
            fields::{self, Fields, boolean, first_of, malformed, metadata, text},
        },
    },
    service::copies::{Create, Update, What, snapshot},
};

/// A snapshot to be made.
#[derive(ToSchema)]
pub struct CreateSnapshot {
    pub volume_id: Id,
    pub name: Option<String>,
    /// What `name` once was called.
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub metadata: Option<Texts>,
    /// Whether also of a volume that is in use; since microversion 3.66 it is so anyhow, and `false` is refused.
    #[schema(nullable = false)]
    pub force: Option<Flag>,
}

/// What a snapshot is to be called: at least one of the two; what is left out stays as it is.
#[derive(ToSchema)]
pub struct UpdateSnapshot {
    pub name: Option<String>,
    /// What `name` once was called.
    pub display_name: Option<String>,
    pub description: Option<String>,
    /// What `description` once was called.
    pub display_description: Option<String>,
}

impl Shape for CreateSnapshot {}

impl Shape for UpdateSnapshot {}

const NAMES: [&str; 2] = ["name", "display_name"];

/// The body of create.
pub fn create(call: &mut Call) -> Result<Create, Problem> {
    let mut fields = Fields::of(call.body.take(), "snapshot")?;
    let volume_id = fields.required("volume_id")?;
    let name = first_of(&mut fields, NAMES)?.flatten();
    let description = fields.read("description", text)?.flatten();
    let metadata = fields.read("metadata", metadata)?.unwrap_or_default();
    let force = fields.read("force", boolean)?;
    fields.end()?;
    let takes_in_use = takes_in_use(call, force)?;
    if volume_id.is_null() {
        return Err(Problem::not_found(Noun::Volume, "null")); // Cinder takes it and looks for it
    }
    let what = What::Snapshot(snapshot::Asked { takes_in_use });
    Ok(Create { volume_id: fields::volume_id(&volume_id)?, name, description, metadata, what })
}

/// From 3.66 a volume's being in use is nothing to force. Source: Cinder's `SNAPSHOT_IN_USE`.
fn takes_in_use(call: &Call, force: Option<bool>) -> Result<bool, Problem> {
    match force {
        Some(false) if call.is_from(66) => Err(malformed(
            "Since microversion 3.66 the 'force' flag is invalid for this request: a volume that is in-use needs none. \
             Leave it out, or send true, which is ignored.",
        )),
        _ => Ok(call.is_from(66) || force.unwrap_or_default()),
    }
}

/// The body of update.
pub fn update(call: &mut Call) -> Result<Update, Problem> {
    let mut fields = Fields::of(call.body.take(), "snapshot")?;
    let name = first_of(&mut fields, NAMES)?;
    let description = first_of(&mut fields, ["description", "display_description"])?;
    fields.end()?;
    if name.is_none() && description.is_none() {
        return Err(malformed("`snapshot` says nothing. Give name, description, or both."));
    }
    Ok(Update { name, description, metadata: None })
}
