//! A snapshot's or backup's record within its volume's.

use serde_json::{Map, Value};

use super::{
    Fault, Place,
    value::{self, TEXT},
};
use crate::domain::{Id, Volume, VolumeStatus, volume::Copy};

/// A record of a volume's list `snapshots` or `backups`.
#[derive(Debug)]
pub struct CopyRecord {
    pub id: Id,
    /// Where it stands within the volume's record, such as `snapshots[0]`.
    field: String,
    fields: Map<String, Value>,
}

const KEYS: [&str; 5] = ["id", "project_id", "name", "status", "size"];

impl CopyRecord {
    /// Reads a volume's list; `None` where the volume's record has none.
    pub(super) fn read_list(place: &Place, list: &str, value: Option<&Value>) -> Result<Option<Vec<Self>>, Fault> {
        match value {
            None => Ok(None),
            Some(Value::Array(records)) => records
                .iter()
                .enumerate()
                .map(|(index, record)| Self::read(place, format!("{list}[{index}]"), record))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => Err(place.field_fault(list, value::wrong(other, "a list"))),
        }
    }

    fn read(place: &Place, field: String, record: &Value) -> Result<Self, Fault> {
        let Value::Object(fields) = record else {
            return Err(place.field_fault(field, value::wrong(record, "an object")));
        };
        if let Some(key) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(place.field_fault(field, format!("unknown field `{key}`, one of {} expected", KEYS.join(", "))));
        }
        match fields.get("id").map(value::id) {
            Some(Ok(id)) => Ok(Self { id, field, fields: fields.clone() }),
            Some(Err(problem)) => Err(place.field_fault(format!("{field}.id"), problem)),
            None => Err(place.field_fault(format!("{field}.id"), "missing, a UUID expected")),
        }
    }

    /// What the record makes of the stored one, or of a new one: available, of the volume's size and, as long as the record
    /// does not name another project, of the volume's project.
    ///
    /// # Errors
    /// When a value is not what its field may hold.
    pub fn over(&self, place: &Place, volume: &Volume, stored: Option<&Copy>) -> Result<Copy, Fault> {
        let mut copy = stored.cloned().unwrap_or_else(|| Copy {
            id: self.id,
            volume_id: volume.id,
            project_id: volume.project_id.clone(),
            name: None,
            status: VolumeStatus::available(),
            size: volume.size,
        });
        copy.project_id.clone_from(&volume.project_id);
        for (key, value) in &self.fields {
            match key.as_str() {
                "project_id" => value::project(value).map(|project_id| copy.project_id = project_id),
                "name" => value::optional_text(value, TEXT).map(|name| copy.name = name),
                "status" => value::status(value).map(|status| copy.status = status),
                "size" => value::size(value, 0).map(|size| copy.size = size),
                _ => Ok(()),
            }
            .map_err(|problem| place.field_fault(format!("{}.{key}", self.field), problem))?;
        }
        Ok(copy)
    }

    /// The record is refused.
    pub fn fault(&self, place: &Place, problem: impl Into<String>) -> Fault {
        place.field_fault(format!("{} (id {})", self.field, self.id), problem)
    }
}
