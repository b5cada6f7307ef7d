//! What a volume looks like to a client of EVS: Cinder's body, and what EVS adds. Source: EVS, "querying details of all disks".

use crate::domain::volume::{Billing, DedicatedStorage};
use crate::http::resources::prelude::*;
use crate::http::resources::volumes::response::{Changed, Detail};

view! {
    /// A volume with every key.
    CloudVolume<'a>,
    /// Of a volume as it is read, alone or in a list: Cinder's keys, then EVS's own.
    of(call: &Call, volume: &'a Volume) {
        #[serde(flatten)]
        volume: Detail<'a> = cinders(call, volume),
        extended_status as "os-volume-replication:extended_status": AnyJson<'a> =
            or(volume, "os-volume-replication:extended_status", Value::Null),
        /// `EVS`, `DSS` or `DESS`.
        #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
        service_type: &'static str = service_type(volume.dedicated_storage),
        dedicated_storage_id: AnyJson<'a> = or(volume, "dedicated_storage_id", Value::Null),
        dedicated_storage_name: AnyJson<'a> = or(volume, "dedicated_storage_name", Value::Null),
        enterprise_project_id: AnyJson<'a> = or(volume, "enterprise_project_id", DEFAULT_ENTERPRISE_PROJECT),
        /// What `multiattach` is, as text.
        shareable: AnyJson<'a> = or(volume, "shareable", volume.multiattach.to_string()),
        tags: AnyJson<'a> = or(volume, "tags", json!({})),
        volume_image_metadata: AnyJson<'a> = or(volume, "volume_image_metadata", json!({})),
        /// The number that a server knows an attached disk by.
        wwn: AnyJson<'a> = or(volume, "wwn", format!("{WWN}{}", &volume.id.uuid().simple().to_string()[..16])),
        serial_number: AnyJson<'a> = or(volume, "serial_number", volume.id.to_string()),
        iops: AnyJson<'a> = or(volume, "iops", Value::Null),
        throughput: AnyJson<'a> = or(volume, "throughput", Value::Null),
    }, keys Changed::KEYS; // what Cinder shows to admins alone, EVS shows to all
}

/// What EVS calls the volumes in a path.
pub const RESOURCE: &str = "cloudvolumes";

/// How each WWN begins in EVS's own answers: the kind of number, the maker, the storage. Half of the volume's id follows.
const WWN: &str = "688860300000d136";

/// EVS's default enterprise project.
const DEFAULT_ENTERPRISE_PROJECT: &str = "0";

/// What an export said is shown as it was, nulls too.
fn or<'a>(volume: &'a Volume, name: &str, default: impl Into<Value>) -> AnyJson<'a> {
    AnyJson::or(volume.extra.get(name), default)
}

fn cinders<'a>(call: &Call, volume: &'a Volume) -> Detail<'a> {
    let mut cinders = Detail::of(call, volume);
    cinders.volume_image_metadata = None; // EVS shows it of every volume
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
