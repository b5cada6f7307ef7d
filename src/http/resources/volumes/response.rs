//! What a volume looks like to a client. Source: Cinder's `volumes/{id}`, which real test suites hold to its keys.

use crate::domain::catalog::POOL;
use crate::http::resources::prelude::*;
use crate::service::volumes::{Metadata, Total};

view! {
    /// A row of a plain list.
    // Of a volume, whose links lead to `resource`.
    VolumeSummary<'a> of(call: &Call, volume: &'a Volume, resource: &str) {
        id: Id = volume.id,
        name: Option<&'a str> = volume.name.as_deref(),
        links: [Link; 2] = call.links(resource, volume.id),
    };

    /// A volume as it was just made or changed.
    // Of a volume that was just changed.
    ChangedVolume<'a> of(call: &Call, volume: &'a Volume) {
        id: Id = volume.id,
        pub status: &'a str = shown_status(&volume.status),
        /// GiB.
        size: i64 = volume.size,
        availability_zone: Option<&'a str> = volume.availability_zone.as_deref(),
        created_at: Time = volume.created_at,
        updated_at: Option<Time> = volume.updated_at,
        name: Option<&'a str> = volume.name.as_deref(),
        description: Option<&'a str> = volume.description.as_deref(),
        volume_type: Option<&'a str> = volume.volume_type.as_deref(),
        snapshot_id: AnyJson<'a> = extra(volume, "snapshot_id"),
        source_volid: AnyJson<'a> = extra(volume, "source_volid"),
        #[schema(value_type = Texts)]
        pub metadata: Cow<'a, Map<String, Value>> = Cow::Borrowed(&volume.metadata),
        pub links: [Link; 2] = call.links("volumes", volume.id),
        user_id: Option<&'a str> = volume.user_id.as_deref(),
        /// `true` or `false`, as text.
        #[schema(pattern = "^(true|false)$", examples("true"))]
        bootable: &'static str = if volume.bootable { "true" } else { "false" },
        encrypted: bool = volume.encrypted,
        replication_status: AnyJson<'a> = or(volume, "replication_status", volume.replication_enabled.then_some("enabled")),
        consistencygroup_id: Option<&'a str> = volume.consistency_group_id.as_deref(),
        multiattach: bool = volume.multiattach,
        /// Which servers and hosts have it.
        #[schema(value_type = Vec<AnyJson<'a>>)]
        attachments: Vec<Value> = attachments(call, volume),
        group_id: AnyJson<'a> = extra(volume, "group_id"),
        // of three states from 3.69 on; before, what was not known was called true
        shared_targets: AnyJson<'a> = or(volume, "shared_targets", (!call.is_from(69)).then_some(true)),
        service_uuid: AnyJson<'a> = extra(volume, "service_uuid"),
        volume_type_id: AnyJson<'a> = or(volume, "volume_type_id", type_id(call, volume)),
        /// An encrypted volume's.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = AnyJson<'a>)]
        encryption_key_id: Option<AnyJson<'a>> = volume.encrypted.then(|| extra(volume, "encryption_key_id")),
        consumes_quota: bool = volume.consumes_quota,
        migration_status: AnyJson<'a> = extra(volume, "migration_status"),
        cluster_name: AnyJson<'a> = extra(volume, "cluster_name"),
    }, keys SOMETIMES.split_at(SOMETIMES.len() - 4).0;

    /// A volume as it is read, with every key.
    #[schema(as = Volume)]
    // Of a volume as it is read, alone or in a list.
    Detail<'a> of(call: &Call, volume: &'a Volume) {
        #[serde(flatten)]
        pub changed: ChangedVolume<'a> = ChangedVolume::of(call, volume),
        project_id as "os-vol-tenant-attr:tenant_id": &'a ProjectId = &volume.project_id,
        /// Of a volume that has any.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Texts)]
        pub volume_image_metadata: Option<&'a Value> = volume.extra.get(Volume::IMAGE_METADATA).filter(|all| is_some(all)),
        // what admins see as the one pool, unless an export said otherwise
        host as "os-vol-host-attr:host": AnyJson<'a> =
            AnyJson::or(volume.extra.get("os-vol-host-attr:host"), POOL),
        migstat as "os-vol-mig-status-attr:migstat": AnyJson<'a> = extra(volume, "os-vol-mig-status-attr:migstat"),
        name_id as "os-vol-mig-status-attr:name_id": AnyJson<'a> = extra(volume, "os-vol-mig-status-attr:name_id"),
    }, keys SOMETIMES;

    /// What all volumes are together.
    VolumeTotals<'a> of(total: Total, each: &'a Metadata) {
        total_count: i64 = total.volumes,
        /// GiB.
        total_size: i64 = total.gigabytes,
        /// Each value that some volume has under a key.
        #[schema(value_type = BTreeMap<String, Vec<String>>)]
        metadata: &'a Metadata = each,
    }, keys &[FieldRule::since("metadata", 36)];
}

fn is_some(all: &Value) -> bool {
    all.as_object().is_some_and(|all| !all.is_empty())
}

/// Keys that not every answer has. The last four are read's; those for admins EVS shows to all.
const SOMETIMES: &[FieldRule] = &[
    FieldRule::since("group_id", 13),
    FieldRule::since("shared_targets", 48),
    FieldRule::since("service_uuid", 48),
    FieldRule::since("volume_type_id", 63),
    FieldRule::since("encryption_key_id", 64).at_times(),
    FieldRule::since("consumes_quota", 65),
    FieldRule::of("migration_status").for_admins(),
    FieldRule::since("cluster_name", 61).for_admins(),
    FieldRule::of("os-vol-host-attr:host").for_admins(),
    FieldRule::of("os-vol-mig-status-attr:migstat").for_admins(),
    FieldRule::of("os-vol-mig-status-attr:name_id").for_admins(),
    FieldRule::of(Volume::IMAGE_METADATA).at_times(),
];

fn extra<'a>(volume: &'a Volume, name: &str) -> AnyJson<'a> {
    AnyJson::or(volume.extra.get(name), Value::Null)
}

fn or<'a>(volume: &'a Volume, name: &str, default: impl Into<Value>) -> AnyJson<'a> {
    AnyJson::or(volume.extra.get(name).filter(|value| !value.is_null()), default)
}

fn type_id(call: &Call, volume: &Volume) -> Option<String> {
    call.type_ids.get(volume.volume_type.as_deref()?).map(ToString::to_string)
}

impl<'a> ChangedVolume<'a> {
    /// Of a volume that was just made: what it waits for, if for anything, is not over yet.
    pub fn created(call: &Call, volume: &'a Volume) -> Self {
        Self { status: VolumeStatus::CREATING, ..Self::of(call, volume) }
    }
}

/// On which host a volume is, admins alone see.
fn attachments(call: &Call, volume: &Volume) -> Vec<Value> {
    let mut shown = volume.attachments().to_vec();
    for attachment in shown.iter_mut().filter(|_| !call.cx().sees_every_project()) {
        if let Some(host) = attachment.get_mut("host_name") {
            *host = Value::Null;
        }
    }
    shown
}

/// Cinder keeps the words of its managing to itself.
fn shown_status(status: &VolumeStatus) -> &str {
    match status.as_str() {
        "managing" => "creating",
        "error_managing" => "error",
        "error_managing_deleting" => "deleting",
        status => status,
    }
}
