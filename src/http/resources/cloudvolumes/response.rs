//! What a volume looks like to a client of EVS: Cinder's body, and what EVS adds. Source: EVS, "querying details of all disks".

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::domain::Volume;
use crate::domain::volume::{Billing, DedicatedStorage};
use crate::http::answer::types::AnyJson;
use crate::http::resources::prelude::*;
use crate::http::resources::volumes::response::{Changed, Detail};

view! {
    /// A volume with every key.
    CloudVolume<'a>,
    /// Of a volume as it is read, alone or in a list: Cinder's keys, then EVS's own.
    of(call: &Call, volume: &'a Volume) {
        #[serde(flatten)]
        volume: Detail<'a> = cinders(call, volume),
        #[serde(rename = "os-volume-replication:extended_status")]
        #[schema(value_type = AnyJson)]
        extended_status: Value = or(volume, "os-volume-replication:extended_status", Value::Null),
        /// `EVS`, `DSS` or `DESS`.
        #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
        service_type: &'static str = service_type(volume.dedicated_storage),
        #[schema(value_type = AnyJson)]
        dedicated_storage_id: Value = or(volume, "dedicated_storage_id", Value::Null),
        #[schema(value_type = AnyJson)]
        dedicated_storage_name: Value = or(volume, "dedicated_storage_name", Value::Null),
        #[schema(value_type = AnyJson)]
        enterprise_project_id: Value = or(volume, "enterprise_project_id", json!(DEFAULT_ENTERPRISE_PROJECT)),
        /// What `multiattach` is, as text.
        #[schema(value_type = AnyJson)]
        shareable: Value = or(volume, "shareable", json!(volume.multiattach.to_string())),
        #[schema(value_type = AnyJson)]
        tags: Value = or(volume, "tags", json!({})),
        #[schema(value_type = AnyJson)]
        volume_image_metadata: Value = or(volume, "volume_image_metadata", json!({})),
        /// The number that a server knows an attached disk by.
        #[schema(value_type = AnyJson)]
        wwn: Value = or(volume, "wwn", json!(format!("{WWN}{}", &volume.id.uuid().simple().to_string()[..16]))),
        #[schema(value_type = AnyJson)]
        serial_number: Value = or(volume, "serial_number", json!(volume.id)),
        #[schema(value_type = AnyJson)]
        iops: Value = or(volume, "iops", Value::Null),
        #[schema(value_type = AnyJson)]
        throughput: Value = or(volume, "throughput", Value::Null),
    }, keys Changed::KEYS; // what Cinder shows to admins alone, EVS shows to all
}

/// What EVS calls the volumes in a path.
pub const RESOURCE: &str = "cloudvolumes";

/// How each WWN begins in EVS's own answers: the kind of number, the maker, the storage. Half of the volume's id follows.
const WWN: &str = "688860300000d136";

/// EVS's default enterprise project.
const DEFAULT_ENTERPRISE_PROJECT: &str = "0";

/// What an export said is shown as it was, nulls too.
fn or(volume: &Volume, name: &str, default: Value) -> Value {
    volume.extra.get(name).cloned().unwrap_or(default)
}

fn cinders<'a>(call: &Call, volume: &'a Volume) -> Detail<'a> {
    let mut cinders = Detail::of(call, volume);
    cinders.changed.status = volume.status.as_str();
    cinders.changed.metadata = metadata(volume);
    cinders.changed.links = call.links(RESOURCE, volume.id);
    cinders
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
