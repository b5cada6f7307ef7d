//! A snapshot's or backup's record: within its volume's, or by itself in an answer of Cinder's or EVS's.

use super::prelude::*;
use super::record;
use crate::domain::copy::EXTRAS;

/// A record of a volume's list `snapshots` or `backups`.
pub struct CopyRecord {
    pub id: Id,
    /// What stands before its fields in messages: `snapshots[0].` in a volume's record; nothing where it is one by itself.
    within: String,
    fields: Fields,
}

record! {
    /// A snapshot or backup as its record has it: what an export writes and an import reads.
    #[derive(Serialize, Deserialize)]
    #[serde(remote = "VolumeCopy")]
    struct CopyFields {
        id: Id => "field";
        user_id: Option<String> => "user", default;
        name: Option<String> => "text::<TEXT, _>", default;
        description: Option<String> => "text::<LONG_TEXT, _>", default;
        status: VolumeStatus => "field";
        size: i64 => "size";
        consumes_quota: bool => "field", default = "yes";
        metadata: Map<String, Value> => "field", default, serialize_with = "sorted";
        created_at: Time => "field";
        updated_at: Option<Time> => "field", default;
        volume_id: Id => "field";
        project_id: ProjectId => "field";
        extra: Map<String, Value>, flatten, serialize_with = "sorted";
    }
}

/// The snapshot or backup that a record's fields and those below them make.
#[derive(Deserialize)]
#[serde(transparent)]
struct Laid(#[serde(deserialize_with = "CopyFields::deserialize")] VolumeCopy);

/// Every field of a record.
pub(super) fn written(copy: &VolumeCopy) -> Fields {
    record::written(|to| CopyFields::serialize(copy, to))
}

/// A record of a list `snapshots` or `backups` at the top of a document: `…/snapshots/detail`, `…/cloudsnapshots/detail` or
/// `…/backups/detail` answered it. It says of one snapshot that it is there, and nothing of others.
pub struct LooseCopy {
    pub place: Place,
    pub volume_id: Id,
    pub record: CopyRecord,
}

/// What a record was made of: the fields that it has where it does not say them itself.
#[derive(Debug, Clone)]
pub struct Origin(Fields);

impl Origin {
    fn new(volume_id: Id, project_id: &ProjectId, user_id: Option<&str>, size: i64) -> Self {
        Self(fields([
            ("volume_id", json!(volume_id)),
            ("project_id", json!(project_id)),
            ("user_id", json!(user_id)),
            ("size", json!(size)),
        ]))
    }

    /// This volume.
    pub fn volume(Volume { id, project_id, user_id, size, .. }: &Volume) -> Self {
        Self::new(*id, project_id, user_id.as_deref(), *size)
    }

    /// What is stored, which stays what it is where its volume is gone.
    pub fn stored(copy: &VolumeCopy) -> Self {
        Self(written(copy))
    }
}

/// What others call what is ours: CBR, where EVS's backups are today, and both answers the project, for admins alone.
const THEIRS: [(&str, &str); 4] = [
    ("resource_id", "volume_id"),
    ("resource_size", "size"),
    ("os-extended-snapshot-attributes:project_id", "project_id"),
    ("os-backup-project-attr:project_id", "project_id"),
];

/// What a person writes; beside them [`EXTRAS`] are taken.
const KEYS: [&str; 11] = [
    "id", "project_id", "user_id", "name", "description", "status", "size", "consumes_quota", "metadata", "created_at",
    "updated_at",
];

fn is_kept(key: &str) -> bool {
    KEYS.contains(&key) || EXTRAS.contains(&key)
}

/// An export of backups has null for metadata at microversions that know none.
fn is_said(key: &str, value: &Value) -> bool {
    record::is_said(key, value) && (key != "metadata" || !value.is_null())
}

/// An answer has every key; what says nothing is as absent.
fn says(value: &Value) -> bool {
    !value.is_null() && *value != Value::Bool(false) && value.as_i64() != Some(0)
}

impl CopyRecord {
    /// Reads a volume's list; `None` where the volume's record has none.
    pub(super) fn read_list(place: &Place, list: &str, value: Option<Value>) -> Result<Option<Vec<Self>>, Fault> {
        let records = match value {
            None => return Ok(None),
            Some(Value::Array(records)) => records.into_iter().enumerate(),
            Some(other) => return Err(place.field_fault(list, value::wrong(&other, "a list"))),
        };
        records.map(|(index, record)| Self::read(place, format!("{list}[{index}]"), record)).collect::<Result<_, _>>().map(Some)
    }

    fn read(place: &Place, field: String, record: Value) -> Result<Self, Fault> {
        let Value::Object(mut fields) = record else {
            return Err(place.field_fault(field, value::wrong(&record, "an object")));
        };
        if let Some(key) = fields.keys().find(|key| !is_kept(key)) {
            let problem = format!("unknown field `{}`, one of {} expected", shown(key), KEYS.join(", "));
            return Err(place.field_fault(field, problem));
        }
        fields.retain(|key, value| is_said(key, value));
        let within = format!("{field}.");
        Ok(Self { id: place.id_in(&within, &fields, "id")?, within, fields })
    }

    /// What the record makes of the stored one, or of a new one: available, made now, of its origin's size and, as long as the
    /// record does not name another project, of its origin's project.
    ///
    /// # Errors
    /// When a value is not what its field may hold.
    pub fn over(&self, place: &Place, origin: &Origin, stored: Option<&VolumeCopy>, now: Time) -> Result<VolumeCopy, Fault> {
        let mut stored = stored.map_or_else(Fields::new, written);
        stored.shift_remove("project_id");
        let new = fields([("status", json!(KnownStatus::Available)), ("created_at", json!(now))]);
        let Laid(mut copy) = place.read(&self.within, &[&self.fields, &stored, &origin.0, &new])?;
        copy.extra.retain(|_, value| says(value));
        too_much(carried(&copy.metadata, &copy.extra)).map_or(Ok(()), |why| Err(self.fault(place, why)))?;
        Ok(copy)
    }

    /// Whether every value is what its field may hold, whatever the record is laid over.
    ///
    /// # Errors
    /// As [`Self::over`].
    pub fn check(&self, place: &Place, now: Time) -> Result<(), Fault> {
        let project_id = ProjectId::parse("-").expect("a dash alone is allowed");
        self.over(place, &Origin::new(self.id, &project_id, None, 0), None, now).map(drop)
    }

    /// The record is refused.
    pub fn fault(&self, place: &Place, problem: impl Into<String>) -> Fault {
        match self.within.strip_suffix('.') {
            None => place.fault(problem),
            Some(field) => place.field_fault(format!("{field} (id {})", self.id), problem),
        }
    }
}

impl LooseCopy {
    /// Reads the record at `index` of `list`. What an answer says beyond what is stored is not kept.
    ///
    /// # Errors
    /// When its id or its volume's is wrong; [`CopyRecord::over`] judges the other values.
    pub fn read(list: &'static str, index: usize, record: Value) -> Result<Self, Fault> {
        let (place, id, mut fields) = Place::open_with_id(list, index, record)?;
        for (theirs, ours) in THEIRS {
            if let Some(value) = fields.shift_remove(theirs).filter(|value| ours != "project_id" || !value.is_null()) {
                fields.entry(ours).or_insert(value);
            }
        }
        let volume_id = place.id_in("", &fields, "volume_id")?;
        fields.retain(|key, value| is_kept(key) && is_said(key, value));
        Ok(Self { volume_id, record: CopyRecord { id, within: String::new(), fields }, place })
    }

    /// Where the record itself says what it was made of; `None` when it does not name both project and size.
    ///
    /// # Errors
    /// When the project is none; [`CopyRecord::over`] judges the size.
    pub fn origin(&self) -> Result<Option<Origin>, Fault> {
        let fields = &self.record.fields;
        let Some(project_id) = self.place.value_in(fields, "project_id")? else { return Ok(None) };
        Ok(fields.contains_key("size").then(|| Origin::new(self.volume_id, &project_id, None, 0)))
    }
}
