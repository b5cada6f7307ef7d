//! A volume's record: what a document says of a volume, laid over what is stored of it.

use super::CopyRecord;
use super::form::{self, Form};
use super::prelude::*;

/// A record of the list `volumes`. A key that it does not have leaves alone what is stored.
pub struct VolumeRecord {
    pub place: Place,
    pub id: Id,
    pub project_id: ProjectId,
    /// All of them, where the record says which there are.
    pub snapshots: Option<Vec<CopyRecord>>,
    pub backups: Option<Vec<CopyRecord>>,
    form: Form,
    keeps_unknown: bool,
    fields: Fields,
}

record! {
    /// A volume as its record has it: what an export writes and an import reads.
    #[derive(Serialize, Deserialize)]
    #[serde(remote = "Volume")]
    #[allow(clippy::struct_excessive_bools)] // a record has the keys that the document has
    struct VolumeFields {
        id: Id => "field";
        project_id: ProjectId => "field";
        user_id: Option<String> => "user", default;
        name: Option<String> => "text::<TEXT, _>", default;
        description: Option<String> => "text::<LONG_TEXT, _>", default;
        size: i64 => "size";
        status: VolumeStatus => "field";
        availability_zone: Option<String> => "reference", default;
        volume_type: Option<String> => "reference", default;
        bootable: bool => "field", default;
        system_disk: bool => "field", default;
        encrypted: bool => "field", default;
        frozen: bool => "field", default;
        billing: Billing => "field", default;
        backup_policy_id: Option<String> => "reference", default;
        dedicated_storage: DedicatedStorage => "field", default;
        replication_enabled: bool => "field", default;
        /// The other name is what the volume bodies of Cinder and EVS have.
        consistency_group_id: Option<String> => "reference", default, alias = "consistencygroup_id";
        multiattach: bool => "field", default;
        consumes_quota: bool => "field", default = "yes";
        metadata: Map<String, Value> => "field", default, serialize_with = "sorted";
        created_at: Time => "field";
        updated_at: Option<Time> => "field", default;
        provisioning: Option<Provisioning> => "creating", flatten, serialize_with = "write_creating";
        /// Every other key. It is written by itself, since `snapshots` and `backups` stand before it.
        extra: Map<String, Value>, flatten, skip_serializing;
    }
}

/// The volume that a record's fields and those below them make.
#[derive(Deserialize)]
#[serde(transparent)]
struct Laid(#[serde(deserialize_with = "VolumeFields::deserialize")] Volume);

record! {
    /// Either only on a volume that is `creating` and will be `available`.
    #[derive(Serialize, Deserialize)]
    struct CreatingFields {
        creating_until: Option<Time> => "until", default, skip_serializing_if = "Option::is_none";
        creating_reads: Option<i64> => "reads", default, skip_serializing_if = "Option::is_none";
    }
}

fn until<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
    field(from).map(Some)
}

fn reads<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match size(from)? {
        0 => Err(D::Error::custom("0 given, 1 or more expected")),
        reads => Ok(Some(reads)),
    }
}

fn creating<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Provisioning>, D::Error> {
    // `flatten` loses the way to the field that is wrong
    let said: CreatingFields = serde_path_to_error::deserialize(from).map_err(D::Error::custom)?;
    Ok(said.creating_until.map(Provisioning::Until).or(said.creating_reads.map(Provisioning::Reads)))
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // serde's signature
fn write_creating<S: Serializer>(creating: &Option<Provisioning>, to: S) -> Result<S::Ok, S::Error> {
    let (creating_until, creating_reads) = creating.map(Provisioning::when).unwrap_or_default();
    CreatingFields { creating_until, creating_reads }.serialize(to)
}

/// A volume with all that belongs to it.
#[derive(Serialize)]
pub(super) struct VolumeLine<'a> {
    #[serde(flatten, serialize_with = "VolumeFields::serialize")]
    pub volume: &'a Volume,
    pub snapshots: Vec<Fields>,
    pub backups: Vec<Fields>,
    #[serde(flatten, serialize_with = "sorted")]
    pub extra: &'a Map<String, Value>,
}

/// Keys that say where a record came from: true there, not here.
const ELSEWHERE: [&str; 2] = ["links", form::TENANT];

/// Keys that an export may leave null although they always are something.
const NULL_SAYS_NOTHING: [&str; 5] = ["bootable", "consumes_quota", "encrypted", "metadata", "multiattach"];

/// Keys of which either says what the other would.
const SAME: [[&str; 2]; 2] = [["consistency_group_id", "consistencygroup_id"], ["creating_until", "creating_reads"]];

impl VolumeRecord {
    /// Reads the record at `index`. `keeps_unknown`: a key that is nobody's is kept instead of refused.
    ///
    /// # Errors
    /// When the id, the project, or the form of the record is wrong; [`Self::over`] judges the other keys.
    pub fn read(index: usize, record: Value, keeps_unknown: bool) -> Result<Self, Fault> {
        let (place, id, mut fields) = Place::open_with_id("volumes", index, record)?;
        let no_project = || {
            let tenant = form::TENANT;
            place.fault(format!("has neither project_id (our own document) nor {tenant} (a …/detail answer of Cinder or EVS)"))
        };
        let form = Form::of(&fields).ok_or_else(no_project)?;
        let key = if form == Form::Own { "project_id" } else { form::TENANT };
        let project_id = place.value_in(&fields, key)?.ok_or_else(no_project)?;
        let snapshots = CopyRecord::read_list(&place, "snapshots", fields.shift_remove("snapshots"))?;
        let backups = CopyRecord::read_list(&place, "backups", fields.shift_remove("backups"))?;
        let says_nothing = |key: &str, value: &Value| form != Form::Own && value.is_null() && NULL_SAYS_NOTHING.contains(&key);
        if form != Form::Own {
            // exports write an empty text for what is not set
            fields.values_mut().filter(|value| **value == "").for_each(|value| *value = Value::Null);
        }
        fields.retain(|key, value| !ELSEWHERE.contains(&key.as_str()) && !says_nothing(key, value));
        fields.insert("project_id".to_owned(), json!(project_id));
        if fields.contains_key("consistency_group_id") {
            fields.shift_remove("consistencygroup_id"); // our own key wins
        }
        Ok(Self { place, id, project_id, snapshots, backups, form, keeps_unknown, fields })
    }

    /// What the record makes of a volume: of the stored one, or of a new one with every default.
    ///
    /// # Errors
    /// When a value is not what its field may hold, or a key of our own form is nobody's.
    pub fn over(&self, stored: Option<&Volume>, now: Time) -> Result<Volume, Fault> {
        let mut under = Fields::new();
        if let Some(stored) = stored {
            under = written(|to| VolumeFields::serialize(stored, to));
            under.extend(stored.extra.clone());
            for same in SAME.iter().filter(|same| same.iter().any(|key| self.fields.contains_key(*key))) {
                under.retain(|key, _| !same.contains(&key.as_str()));
            }
        }
        let said = self.adopted(&under);
        let new = fields([("size", json!(1)), ("status", json!(KnownStatus::Available)), ("created_at", json!(now))]);
        let Laid(mut volume) = self.place.read("", &[&said, &self.fields, &under, &new])?;
        let is_sizeless = volume.size == 0 && volume.status.is(KnownStatus::Available) && !self.keeps_unknown;
        let problem = || format!("0 given, {} expected of a volume that is available", value::SIZE);
        ensure!(!is_sizeless, self.place.field_fault("size", problem()));
        let is_unknown = |key: &&String| self.fields.contains_key(*key) && !form::is_extra(key);
        if self.form == Form::Own
            && !self.keeps_unknown
            && let Some(key) = volume.extra.keys().find(is_unknown)
        {
            return Err(self.place.fault(format!("unknown field `{}`", shown(key))));
        }
        let is_new = |key: &str| self.fields.contains_key(key) && !self.keeps_unknown;
        let wrong = |(key, value): (&String, &Value)| {
            value::of_body(key, value).err().map(|problem| format!("{}: {problem}", shown(key)))
        };
        let wrong: Vec<String> = volume.extra.iter().filter(|(key, _)| is_new(key)).filter_map(wrong).collect();
        ensure!(wrong.is_empty(), self.place.fault(wrong.join("; ")));
        let otherwise = "says otherwise than `metadata`, which is shown; leave one of them out";
        match self.form.derive(&self.fields, stored, &mut volume) {
            Err(key) if !self.keeps_unknown => return Err(self.place.field_fault(key, otherwise)),
            _ => {} // an export says what there is
        }
        if !volume.status.is(KnownStatus::Creating) {
            volume.provisioning = None;
        }
        too_much(carried(&volume.metadata, &volume.extra)).map_or(Ok(()), |why| Err(self.place.fault(why)))?;
        Ok(volume)
    }

    /// The size of a volume whose adoption failed: exports have none, or digits in quotes, where it is not `available`.
    fn adopted(&self, under: &Fields) -> Fields {
        let available = KnownStatus::Available.as_str();
        let status = self.fields.get("status").or(under.get("status")).and_then(Value::as_str).unwrap_or(available);
        let size = match self.fields.get("size") {
            _ if status.eq_ignore_ascii_case(available) => None,
            Some(Value::Null) => Some(0),
            Some(Value::String(digits)) => digits.parse::<u32>().ok(),
            _ => None,
        };
        size.map(|size| fields([("size", json!(size))])).unwrap_or_default()
    }
}
