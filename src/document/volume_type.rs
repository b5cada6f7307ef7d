//! A volume type's record: what a document says of a type, laid over what is stored of it.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::domain::limits::{EXTRA_SPECS, TYPE_PROJECTS};
use crate::domain::volume_type::Encryption;

/// A record of the list `volume_types`. A key that it does not have leaves alone what is stored.
pub struct TypeRecord {
    pub place: Place,
    pub id: Id,
    fields: Fields,
}

record! {
    /// A type as its record has it: what an export writes and an import reads.
    #[derive(Serialize, Deserialize)]
    #[serde(remote = "VolumeType", deny_unknown_fields)]
    struct TypeFields {
        id: Id => "field";
        name: String => "name";
        description: Option<String> => "text::<TEXT, _>", default;
        is_public: bool => "field";
        extra_specs: Map<String, Value> => "field", default, serialize_with = "sorted";
        encryption: Option<Encryption>, default;
        projects: BTreeSet<ProjectId>, default;
        created_at: Time => "field";
        updated_at: Option<Time> => "field", default;
    }
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = text::<TEXT, D>(from)?.filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| D::Error::custom("1 to 255 characters expected"))
}

/// The type that a record's fields and those below them make.
#[derive(Deserialize)]
#[serde(transparent)]
struct Laid(#[serde(deserialize_with = "TypeFields::deserialize")] VolumeType);

/// Every field of a record.
pub(super) fn all(volume_type: &VolumeType) -> Fields {
    written(|to| TypeFields::serialize(volume_type, to))
}

impl TypeRecord {
    /// Reads the record at `index`.
    ///
    /// # Errors
    /// When it has no id; [`Self::over`] judges the other keys.
    pub fn read(index: usize, record: Value) -> Result<Self, Fault> {
        let (place, id, fields) = Place::open_with_id("volume_types", index, record)?;
        Ok(Self { place, id, fields })
    }

    /// What the record makes of a type: of the stored one, or of a new one with every default.
    ///
    /// # Errors
    /// When a value is not what its field may hold, or a key is nobody's.
    pub fn over(&self, stored: Option<&VolumeType>, now: Time) -> Result<VolumeType, Fault> {
        let under = stored.map(all).unwrap_or_default();
        let new = fields([("is_public", json!(true)), ("created_at", json!(now))]);
        let Laid(volume_type) = self.place.read("", &[&self.fields, &under, &new])?;
        let is_long = |text: &str| text.chars().count() > TEXT;
        let is_wrong =
            |(key, value): (&String, &Value)| !VolumeType::is_spec(key) || is_long(key) || value.as_str().is_some_and(is_long);
        let (specs, projects) = (&volume_type.extra_specs, volume_type.projects.len());
        let wrong = if specs.len() > EXTRA_SPECS {
            Some(("extra_specs", format!("{} given, {EXTRA_SPECS} at most expected", specs.len())))
        } else if projects > TYPE_PROJECTS {
            Some(("projects", format!("{projects} given, {TYPE_PROJECTS} at most expected")))
        } else {
            let key = specs.iter().find(|spec| is_wrong(*spec)).map(|(key, _)| shown(key));
            key.map(|key| ("extra_specs", format!("{key} given, {} expected", VolumeType::SPEC)))
        };
        wrong.map_or(Ok(volume_type), |(key, problem)| Err(self.place.field_fault(key, problem)))
    }
}
