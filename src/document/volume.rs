//! A volume's record: what a document says of a volume, laid over what is stored of it.

use serde_json::{Map, Value};

use super::{
    CopyRecord, Fault, Place,
    form::{self, Form},
    value::{self, LONG_TEXT, Read, TEXT},
};
use crate::domain::{
    Id, ProjectId, Time, Volume, VolumeStatus,
    volume::{Billing, Creating, DedicatedStorage},
};

/// A record of the list `volumes`. A key that it does not have leaves alone what is stored.
#[derive(Debug)]
pub struct VolumeRecord {
    pub place: Place,
    pub id: Id,
    pub project_id: ProjectId,
    /// All of them, where the record says which there are.
    pub snapshots: Option<Vec<CopyRecord>>,
    pub backups: Option<Vec<CopyRecord>>,
    form: Form,
    keeps_unknown: bool,
    fields: Map<String, Value>,
}

/// Read before the rest, since all else depends on them.
const FIRST: [&str; 4] = ["id", "project_id", "snapshots", "backups"];

/// Keys that an export may leave null although they always are something.
const NULL_SAYS_NOTHING: [&str; 4] = ["bootable", "encrypted", "metadata", "multiattach"];

impl VolumeRecord {
    /// Reads the record at `index`. `keeps_unknown`: a key that is nobody's is kept instead of refused.
    ///
    /// # Errors
    /// When the id, the project, or the form of the record is wrong; [`Self::over`] judges the other keys.
    pub fn read(index: usize, record: Value, keeps_unknown: bool) -> Result<Self, Fault> {
        let mut place = Place { list: "volumes", index, id: None };
        let Value::Object(mut fields) = record else { return Err(place.fault(value::wrong(&record, "an object"))) };
        let missing = || place.field_fault("id", "missing, a UUID expected");
        let id = value::id(fields.get("id").ok_or_else(missing)?).map_err(|problem| place.field_fault("id", problem))?;
        place.id = Some(id);
        let form = Form::of(&fields).ok_or_else(|| {
            place.fault(format!(
                "has neither project_id (our own document) nor {} (a …/detail answer of Cinder or EVS)",
                form::TENANT
            ))
        })?;
        let key = if form == Form::Own { "project_id" } else { form::TENANT };
        let project_id =
            value::project(fields.get(key).unwrap_or(&Value::Null)).map_err(|problem| place.field_fault(key, problem))?;
        for (key, value) in &fields {
            if key.contains('\0') || value::has_nul(value) {
                return Err(place.field_fault(key.replace('\0', "\\0"), "holds a NUL character, which cannot be stored"));
            }
        }
        let snapshots = CopyRecord::read_list(&place, "snapshots", fields.get("snapshots"))?;
        let backups = CopyRecord::read_list(&place, "backups", fields.get("backups"))?;
        fields.retain(|key, _| !FIRST.contains(&key.as_str()) && !form::DROPPED.contains(&key.as_str()));
        Ok(Self { place, id, project_id, snapshots, backups, form, keeps_unknown, fields })
    }

    /// What the record makes of a volume: of the stored one, or of a new one with every default.
    ///
    /// # Errors
    /// When a value is not what its field may hold, or a key of our own form is nobody's.
    pub fn over(&self, stored: Option<&Volume>, now: Time) -> Result<Volume, Fault> {
        let mut volume = stored.cloned().unwrap_or_else(|| blank(self.id, self.project_id.clone(), now));
        volume.project_id.clone_from(&self.project_id);
        for (key, value) in &self.fields {
            if value.is_null() && self.form != Form::Own && NULL_SAYS_NOTHING.contains(&key.as_str()) {
                continue;
            }
            let is_ours = set(&mut volume, key, value).map_err(|problem| self.place.field_fault(key, problem))?;
            if !is_ours && self.form == Form::Own && !self.keeps_unknown && !form::is_extra(key) {
                return Err(self.place.fault(format!("unknown field `{key}`")));
            }
            if !is_ours {
                volume.extra.insert(key.clone(), value.clone());
            }
        }
        self.form.derive(&self.fields, &mut volume);
        if volume.status.as_str() != VolumeStatus::CREATING {
            volume.creating = None;
        }
        Ok(volume)
    }
}

/// A volume of which nothing is known: the documented default of every key.
fn blank(id: Id, project_id: ProjectId, now: Time) -> Volume {
    Volume {
        id,
        project_id,
        user_id: None,
        name: None,
        description: None,
        size: 1,
        status: VolumeStatus::available(),
        availability_zone: None,
        volume_type: None,
        bootable: false,
        system_disk: false,
        encrypted: false,
        frozen: false,
        billing: Billing::default(),
        backup_policy_id: None,
        dedicated_storage: DedicatedStorage::default(),
        replication_enabled: false,
        consistency_group_id: None,
        multiattach: false,
        metadata: Map::new(),
        extra: Map::new(),
        created_at: now,
        updated_at: None,
        creating: None,
    }
}

/// Sets the field of this name; whether it is one of ours.
fn set(volume: &mut Volume, key: &str, value: &Value) -> Read<bool> {
    match key {
        "user_id" => volume.user_id = value::optional_user(value)?,
        "name" => volume.name = value::optional_text(value, TEXT)?,
        "description" => volume.description = value::optional_text(value, LONG_TEXT)?,
        "size" => volume.size = value::size(value, 1)?,
        "status" => volume.status = value::status(value)?,
        "availability_zone" => volume.availability_zone = value::reference(value)?,
        "volume_type" => volume.volume_type = value::reference(value)?,
        "bootable" => volume.bootable = value::boolean(value)?,
        "system_disk" => volume.system_disk = value::boolean(value)?,
        "encrypted" => volume.encrypted = value::boolean(value)?,
        "frozen" => volume.frozen = value::boolean(value)?,
        "billing" => volume.billing = value::word(value, Billing::parse, Billing::WORDS)?,
        "backup_policy_id" => volume.backup_policy_id = value::reference(value)?,
        "dedicated_storage" => {
            volume.dedicated_storage = value::word(value, DedicatedStorage::parse, DedicatedStorage::WORDS)?;
        }
        "replication_enabled" => volume.replication_enabled = value::boolean(value)?,
        // the second is what the volume bodies of Cinder and EVS call it
        "consistency_group_id" | "consistencygroup_id" => volume.consistency_group_id = value::reference(value)?,
        "multiattach" => volume.multiattach = value::boolean(value)?,
        "metadata" => volume.metadata = value::metadata(value.clone())?,
        "created_at" => volume.created_at = value::time(value)?,
        "updated_at" => volume.updated_at = value::optional(value, value::time)?,
        "creating_until" => volume.creating = Some(Creating::Until(value::time(value)?)),
        "creating_reads" => volume.creating = Some(Creating::Reads(value::size(value, 1)?)),
        _ => return Ok(false),
    }
    Ok(true)
}
