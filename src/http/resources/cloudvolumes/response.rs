//! What a volume looks like to a client of EVS: Cinder's body, and what EVS adds. Source: EVS, "querying details of all disks".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::Volume;
use crate::domain::volume::{Billing, DedicatedStorage};
use crate::http::answer::types::AnyJson;
use crate::http::answer::visibility::{FieldRule, Versioned};
use crate::http::request::call::Call;
use crate::http::resources::volumes::response::{Changed, Detail};

/// A volume with every key.
#[derive(Serialize, ToSchema)]
pub struct CloudVolume<'a> {
    #[serde(flatten)]
    volume: Detail<'a>,
    #[serde(rename = "os-volume-replication:extended_status")]
    #[schema(value_type = AnyJson)]
    extended_status: Value,
    /// `EVS`, `DSS` or `DESS`.
    #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
    service_type: &'static str,
    #[schema(value_type = AnyJson)]
    dedicated_storage_id: Value,
    #[schema(value_type = AnyJson)]
    dedicated_storage_name: Value,
    #[schema(value_type = AnyJson)]
    enterprise_project_id: Value,
    /// What `multiattach` is, as text.
    #[schema(value_type = AnyJson)]
    shareable: Value,
    #[schema(value_type = AnyJson)]
    tags: Value,
    #[schema(value_type = AnyJson)]
    volume_image_metadata: Value,
    /// The number that a server knows an attached disk by.
    #[schema(value_type = AnyJson)]
    wwn: Value,
    #[schema(value_type = AnyJson)]
    serial_number: Value,
    #[schema(value_type = AnyJson)]
    iops: Value,
    #[schema(value_type = AnyJson)]
    throughput: Value,
}

/// What Cinder shows to admins alone, EVS shows to all.
impl Versioned for CloudVolume<'_> {
    const KEYS: &'static [FieldRule] = Changed::KEYS;
}

/// What EVS calls the volumes in a path.
pub const RESOURCE: &str = "cloudvolumes";

/// How each WWN begins in EVS's own answers: the kind of number, the maker, the storage. Half of the volume's id follows.
const WWN: &str = "688860300000d136";

/// EVS's default enterprise project.
const DEFAULT_ENTERPRISE_PROJECT: &str = "0";

impl<'a> CloudVolume<'a> {
    /// Of a volume as it is read, alone or in a list: Cinder's keys, then EVS's own.
    pub fn of(call: &Call, volume: &'a Volume) -> Self {
        // what an export said is shown as it was, nulls too
        let or = |name: &str, default: Value| volume.extra.get(name).cloned().unwrap_or(default);
        let (simple, id) = (volume.id.uuid().simple().to_string(), volume.id.to_string());
        let mut cinders = Detail::of(call, volume);
        cinders.changed.status = volume.status.as_str();
        cinders.changed.metadata = metadata(volume);
        cinders.changed.links = call.links(RESOURCE, volume.id);
        Self {
            volume: cinders,
            extended_status: or("os-volume-replication:extended_status", Value::Null),
            service_type: service_type(volume.dedicated_storage),
            dedicated_storage_id: or("dedicated_storage_id", Value::Null),
            dedicated_storage_name: or("dedicated_storage_name", Value::Null),
            enterprise_project_id: or("enterprise_project_id", json!(DEFAULT_ENTERPRISE_PROJECT)),
            shareable: or("shareable", json!(volume.multiattach.to_string())),
            tags: or("tags", json!({})),
            volume_image_metadata: or("volume_image_metadata", json!({})),
            wwn: or("wwn", json!(format!("{WWN}{}", &simple[..16]))),
            serial_number: or("serial_number", json!(id)),
            iops: or("iops", Value::Null),
            throughput: or("throughput", Value::Null),
        }
    }
}

/// The service that a disk belongs to, in EVS's word.
pub const fn service_type(storage: DedicatedStorage) -> &'static str {
    match storage {
        DedicatedStorage::None => "EVS",
        DedicatedStorage::Dss => "DSS",
        DedicatedStorage::Dess => "DESS",
    }
}

/// Clients of EVS learn only from metadata how a disk is paid for and whether it is encrypted, so what the record says stands
/// there too. A volume whose order nobody named has its own id for the order's.
fn metadata(volume: &Volume) -> Cow<'_, Map<String, Value>> {
    let is_silent = |key: &str| volume.metadata.get(key).is_none_or(|value| value == "");
    let mut shown = Cow::Borrowed(&volume.metadata);
    if volume.billing == Billing::Prepaid && is_silent("orderID") {
        shown.to_mut().insert("orderID".to_owned(), json!(volume.id));
    }
    if volume.encrypted && is_silent("__system__encrypted") {
        shown.to_mut().insert("__system__encrypted".to_owned(), json!("1"));
    }
    shown
}
