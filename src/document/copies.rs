//! A snapshot's or backup's record: within its volume's, or by itself in an answer of Cinder's or EVS's.

use serde_json::{Map, Value};

use super::{
    Fault, Place,
    value::{self, LONG_TEXT, TEXT},
};
use crate::domain::{Copy, Id, ProjectId, Time, Volume, VolumeStatus, copy::EXTRAS};

/// A record of a volume's list `snapshots` or `backups`.
#[derive(Debug)]
pub struct CopyRecord {
    pub id: Id,
    /// Where it stands within the volume's record, such as `snapshots[0]`; empty where it is a record by itself.
    field: String,
    fields: Map<String, Value>,
}

/// A record of a list `snapshots` or `backups` at the top of a document: `…/snapshots/detail`, `…/cloudsnapshots/detail` or
/// `…/backups/detail` answered it. It says of one snapshot that it is there, and nothing of others.
#[derive(Debug)]
pub struct LooseCopy {
    pub place: Place,
    pub volume_id: Id,
    pub record: CopyRecord,
}

/// What a record was made of: what it has where it does not say it itself.
#[derive(Debug, Clone)]
pub struct Origin {
    pub volume_id: Id,
    pub project_id: ProjectId,
    pub user_id: Option<String>,
    /// GiB.
    pub size: i64,
}

impl From<&Volume> for Origin {
    fn from(volume: &Volume) -> Self {
        let Volume { id, project_id, user_id, size, .. } = volume;
        Self { volume_id: *id, project_id: project_id.clone(), user_id: user_id.clone(), size: *size }
    }
}

/// A stored record stays what it is where its volume is gone.
impl From<&Copy> for Origin {
    fn from(copy: &Copy) -> Self {
        let Copy { volume_id, project_id, user_id, size, .. } = copy;
        Self { volume_id: *volume_id, project_id: project_id.clone(), user_id: user_id.clone(), size: *size }
    }
}

/// What both answers call the project, for admins alone.
const PROJECTS: [&str; 2] = ["os-extended-snapshot-attributes:project_id", "os-backup-project-attr:project_id"];

/// What a person writes; beside them [`EXTRAS`] are taken.
const KEYS: [&str; 10] =
    ["id", "project_id", "user_id", "name", "description", "status", "size", "metadata", "created_at", "updated_at"];

fn is_kept(key: &str) -> bool {
    KEYS.contains(&key) || EXTRAS.contains(&key)
}

/// An answer has every key; what says nothing is as absent.
fn set(extra: &mut Map<String, Value>, key: &str, value: &Value) {
    let says_nothing = value.is_null() || *value == Value::Bool(false) || value.as_i64() == Some(0);
    if says_nothing {
        extra.remove(key);
    } else {
        extra.insert(key.to_owned(), value.clone());
    }
}

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
        if let Some(key) = fields.keys().find(|key| !is_kept(key)) {
            return Err(place.field_fault(field, format!("unknown field `{key}`, one of {} expected", KEYS.join(", "))));
        }
        match fields.get("id").map(value::id) {
            Some(Ok(id)) => Ok(Self { id, field, fields: fields.clone() }),
            Some(Err(problem)) => Err(place.field_fault(format!("{field}.id"), problem)),
            None => Err(place.field_fault(format!("{field}.id"), "missing, a UUID expected")),
        }
    }

    /// What a field is called in a message.
    fn path(&self, key: &str) -> String {
        if self.field.is_empty() { key.to_owned() } else { format!("{}.{key}", self.field) }
    }

    /// What the record makes of the stored one, or of a new one: available, made now, of its origin's size and, as long as the
    /// record does not name another project, of its origin's project.
    ///
    /// # Errors
    /// When a value is not what its field may hold.
    pub fn over(&self, place: &Place, origin: &Origin, stored: Option<&Copy>, now: Time) -> Result<Copy, Fault> {
        let mut copy = stored.cloned().unwrap_or_else(|| Copy {
            id: self.id,
            volume_id: origin.volume_id,
            project_id: origin.project_id.clone(),
            user_id: origin.user_id.clone(),
            name: None,
            description: None,
            status: VolumeStatus::available(),
            size: origin.size,
            metadata: Map::new(),
            extra: Map::new(),
            created_at: now,
            updated_at: None,
        });
        copy.project_id.clone_from(&origin.project_id);
        for (key, value) in &self.fields {
            match key.as_str() {
                "project_id" => value::project(value).map(|project_id| copy.project_id = project_id),
                "name" => value::optional_text(value, TEXT).map(|name| copy.name = name),
                "status" => value::status(value).map(|status| copy.status = status),
                "size" => value::size(value, 0).map(|size| copy.size = size),
                "user_id" => value::optional_user(value).map(|user| copy.user_id = user),
                "description" => value::optional_text(value, LONG_TEXT).map(|text| copy.description = text),
                // an export of backups has null at microversions that know none
                "metadata" if value.is_null() => Ok(()),
                "metadata" => value::metadata(value.clone()).map(|metadata| copy.metadata = metadata),
                "created_at" => value::time(value).map(|at| copy.created_at = at),
                "updated_at" => value::optional(value, value::time).map(|at| copy.updated_at = at),
                extra => {
                    if EXTRAS.contains(&extra) {
                        set(&mut copy.extra, extra, value);
                    }
                    Ok(())
                }
            }
            .map_err(|problem| place.field_fault(self.path(key), problem))?;
        }
        Ok(copy)
    }

    /// Whether every value is what its field may hold, whatever the record is laid over.
    ///
    /// # Errors
    /// As [`Self::over`].
    pub fn check(&self, place: &Place, now: Time) -> Result<(), Fault> {
        let project_id = ProjectId::parse("-").expect("a dash alone is allowed");
        let anything = Origin { volume_id: self.id, project_id, user_id: None, size: 0 };
        self.over(place, &anything, None, now).map(drop)
    }

    /// The record is refused.
    pub fn fault(&self, place: &Place, problem: impl Into<String>) -> Fault {
        if self.field.is_empty() {
            return place.fault(problem);
        }
        place.field_fault(format!("{} (id {})", self.field, self.id), problem)
    }
}

impl LooseCopy {
    /// Reads the record at `index` of `list`. What an answer says beyond what is stored is not kept.
    ///
    /// # Errors
    /// When its id or its volume's is wrong; [`CopyRecord::over`] judges the other values.
    pub fn read(list: &'static str, index: usize, record: Value) -> Result<Self, Fault> {
        let mut place = Place { list, index, id: None };
        let Value::Object(mut fields) = record else { return Err(place.fault(value::wrong(&record, "an object"))) };
        let id = |key: &str, place: &Place| match fields.get(key).map(value::id) {
            Some(read) => read.map_err(|problem| place.field_fault(key, problem)),
            None => Err(place.field_fault(key, "missing, a UUID expected")),
        };
        let own = id("id", &place)?;
        place.id = Some(own);
        let volume_id = id("volume_id", &place)?;
        for key in PROJECTS {
            if let Some(project) = fields.remove(key).filter(|project| !project.is_null()) {
                fields.entry("project_id").or_insert(project);
            }
        }
        fields.retain(|key, _| is_kept(key));
        if let Some((key, _)) = fields.iter().find(|(_, value)| value::has_nul(value)) {
            return Err(place.field_fault(key, "holds a NUL character, which cannot be stored"));
        }
        Ok(Self { volume_id, record: CopyRecord { id: own, field: String::new(), fields }, place })
    }

    /// Where the record itself says what it was made of; `None` when it does not name both project and size.
    ///
    /// # Errors
    /// When either is not what its field may hold.
    pub fn origin(&self) -> Result<Option<Origin>, Fault> {
        let fields = &self.record.fields;
        let (Some(project), Some(size)) = (fields.get("project_id"), fields.get("size")) else { return Ok(None) };
        let project_id = value::project(project).map_err(|problem| self.place.field_fault("project_id", problem))?;
        let size = value::size(size, 0).map_err(|problem| self.place.field_fault("size", problem))?;
        Ok(Some(Origin { volume_id: self.volume_id, project_id, user_id: None, size }))
    }
}
