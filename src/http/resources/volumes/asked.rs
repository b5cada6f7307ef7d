//! The bodies of create and update.

use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::Id,
    http::{
        answer::{
            problem::{Kind, Problem},
            shape::{Key, Shape},
            types::{Flag, Size, Texts},
        },
        request::{
            call::Call,
            fields::{Fields, boolean, first_of, malformed, metadata, reference, size, text},
        },
    },
    service::volumes::{Create, Source, Update},
};

/// What some clients send beside the volume; where a volume lies is no question here.
pub const HINTS: &str = "OS-SCH-HNT:scheduler_hints";

/// What old clients say of every new volume.
const SAYS_NOTHING: [(&str, &str); 2] = [("status", "creating"), ("attach_status", "detached")];

/// A volume to be made: empty, or a copy of one of volume, snapshot, backup and image. A null is as good as absent.
#[derive(ToSchema)]
pub struct CreateVolume {
    /// May be left out of a copy of a volume, a snapshot or a backup, which has a size of its own.
    pub size: Option<Size>,
    pub name: Option<String>,
    /// What `name` once was called.
    pub display_name: Option<String>,
    pub description: Option<String>,
    /// What `description` once was called.
    pub display_description: Option<String>,
    /// Its name or its id.
    pub volume_type: Option<String>,
    pub availability_zone: Option<String>,
    pub snapshot_id: Option<Id>,
    pub source_volid: Option<Id>,
    pub backup_id: Option<Id>,
    /// An image's id, or a URL that ends in it.
    #[schema(rename = "imageRef")]
    pub image_ref: Option<String>,
    /// What `imageRef` is also called.
    pub image_id: Option<String>,
    pub multiattach: Option<Flag>,
    pub metadata: Option<Texts>,
    pub consistencygroup_id: Option<Id>,
    pub group_id: Option<Id>,
    /// Says nothing.
    #[schema(pattern = "^creating$", examples("creating"))]
    pub status: Option<String>,
    /// Says nothing.
    #[schema(pattern = "^detached$", examples("detached"))]
    pub attach_status: Option<String>,
}

impl Shape for CreateVolume {
    const KEYS: &'static [Key] = &[Key::since("group_id", 13), Key::since("backup_id", 47)];
    const IGNORES_NULLS: bool = true;
}

/// What a volume is to be called and to have as metadata; what is left out stays as it is.
#[derive(ToSchema)]
pub struct UpdateVolume {
    pub name: Option<String>,
    /// What `name` once was called.
    pub display_name: Option<String>,
    pub description: Option<String>,
    /// What `description` once was called.
    pub display_description: Option<String>,
    /// All of it; null leaves it as it is.
    pub metadata: Option<Texts>,
}

impl Shape for UpdateVolume {}

/// The body of create. A null is as good as absent.
pub fn create(call: &mut Call) -> Result<Create, Problem> {
    let mut fields = Fields::beside(call.body.take(), "volume", &[HINTS])?.without_hidden::<CreateVolume>(call);
    for (name, value) in SAYS_NOTHING {
        fields.ignore(name, value);
    }
    let group_id = fields.read("group_id", reference)?.flatten();
    let source = source(&mut fields)?;
    let [image, image_id] = ["imageRef", "image_id"].map(|name| fields.read(name, image));
    let wanted = Create {
        name: first_of(&mut fields, ["name", "display_name"])?.flatten(),
        description: first_of(&mut fields, ["description", "display_description"])?.flatten(),
        size: fields.read("size", size)?,
        volume_type: fields.read("volume_type", text)?.flatten().filter(|name| !name.is_empty()),
        availability_zone: fields.read("availability_zone", text)?.flatten().filter(|zone| !zone.is_empty()),
        source,
        image: image_id?.or(image?),
        multiattach: fields.read("multiattach", boolean)?.unwrap_or_default(),
        consistency_group_id: fields.read("consistencygroup_id", reference)?.flatten(),
        group_id,
        metadata: fields.read("metadata", metadata)?.unwrap_or_default(),
    };
    fields.end()?;
    if wanted.source.is_some() && wanted.image.is_some() {
        return Err(two_sources());
    }
    if wanted.source.is_none() && wanted.size.is_none() {
        return Err(malformed(
            "`volume.size` is missing; give GiB. Only a copy of a volume, snapshot or backup has a size of its own.",
        ));
    }
    let volume_type = wanted.volume_type.map(|name| volume_type(call, &name)).transpose()?;
    Ok(Create { volume_type, ..wanted })
}

/// The body of update.
pub fn update(call: &mut Call) -> Result<Update, Problem> {
    let mut fields = Fields::of(call.body.take(), "volume")?;
    if call.is_from(53) && fields.is_empty() {
        return Err(malformed("`volume` is empty; give a name, a description or metadata to change."));
    }
    let update = Update {
        name: first_of(&mut fields, ["name", "display_name"])?,
        description: first_of(&mut fields, ["description", "display_description"])?,
        metadata: fields
            .read("metadata", |name, value| (!value.is_null()).then(|| metadata(name, value)).transpose())?
            .flatten(),
    };
    fields.end()?;
    Ok(update)
}

/// What the volume is to be a copy of.
fn source(fields: &mut Fields) -> Result<Option<Source>, Problem> {
    let mut named = |name: &str, kind: fn(Id) -> Source| -> Result<Option<Source>, Problem> {
        Ok(fields.read(name, reference)?.flatten().map(kind))
    };
    let backup = named("backup_id", Source::Backup)?;
    let sources = [named("snapshot_id", Source::Snapshot)?, named("source_volid", Source::Volume)?, backup];
    let mut given = sources.into_iter().flatten();
    let first = given.next();
    if given.next().is_some() { Err(two_sources()) } else { Ok(first) }
}

fn two_sources() -> Problem {
    Problem::new(
        Kind::Refused,
        "Invalid input received: May specify only one of snapshot, imageRef, source volume, backup. Leave the others out.",
    )
}

/// An image's id or name: what stands behind the last slash, since some clients send a URL.
fn image(name: &str, value: &Value) -> Result<String, Problem> {
    let image = text(name, value)?.unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        return Err(malformed(format!(
            "{name}: Invalid image identifier or unable to access requested image. Give an image's id."
        )));
    }
    Ok(last.to_owned())
}

/// The name of a type that is called by its name or its id.
fn volume_type(call: &Call, name: &str) -> Result<String, Problem> {
    let known = call.service.catalog.volume_type(name).map(|known| known.name.clone());
    known.ok_or_else(|| {
        let by_name = if Id::parse(name).is_some() { "" } else { "with name " };
        let names: Vec<&str> = call.service.catalog.types().iter().map(|known| known.name.as_str()).collect();
        Problem::new(
            Kind::NotFound,
            format!("Volume type {by_name}{name} could not be found. Give one of {}.", names.join(", ")),
        )
    })
}
