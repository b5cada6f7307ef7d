//! What a volume looks like to a client. Source: Cinder's `volumes/{id}`, which real test suites hold to its keys.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::{Id, ProjectId, Time, Volume, VolumeStatus};
use crate::http::answer::links::Link;
use crate::http::answer::types::AnyJson;
use crate::http::answer::visibility::{FieldRule, Versioned};
use crate::http::request::call::Call;
use crate::http::request::fields::Texts;
use crate::service::volumes::{Metadata, Total};

/// A row of a plain list.
#[derive(Serialize, ToSchema)]
#[schema(as = VolumeSummary)]
pub struct Summary<'a> {
    id: Id,
    name: Option<&'a str>,
    links: [Link; 2],
}

/// A volume as it was just made or changed.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedVolume)]
pub struct Changed<'a> {
    id: Id,
    pub status: &'a str,
    /// GiB.
    size: i64,
    availability_zone: Option<&'a str>,
    created_at: Time,
    updated_at: Option<Time>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    volume_type: Option<&'a str>,
    #[schema(value_type = AnyJson)]
    snapshot_id: &'a Value,
    #[schema(value_type = AnyJson)]
    source_volid: &'a Value,
    #[schema(value_type = Texts)]
    pub metadata: Cow<'a, Map<String, Value>>,
    pub links: [Link; 2],
    user_id: Option<&'a str>,
    /// `true` or `false`, as text.
    #[schema(pattern = "^(true|false)$", examples("true"))]
    bootable: &'static str,
    encrypted: bool,
    #[schema(value_type = AnyJson)]
    replication_status: Value,
    consistencygroup_id: Option<&'a str>,
    multiattach: bool,
    /// Which servers and hosts have it.
    #[schema(value_type = Vec<AnyJson>)]
    attachments: Vec<Value>,
    #[schema(value_type = AnyJson)]
    group_id: &'a Value,
    #[schema(value_type = AnyJson)]
    shared_targets: Value,
    #[schema(value_type = AnyJson)]
    service_uuid: &'a Value,
    #[schema(value_type = AnyJson)]
    volume_type_id: Value,
    /// An encrypted volume's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AnyJson)]
    encryption_key_id: Option<&'a Value>,
    #[schema(value_type = AnyJson)]
    consumes_quota: Value,
    #[schema(value_type = AnyJson)]
    migration_status: &'a Value,
    #[schema(value_type = AnyJson)]
    cluster_name: &'a Value,
}

/// A volume as it is read, with every key.
#[derive(Serialize, ToSchema)]
#[schema(as = Volume)]
pub struct Detail<'a> {
    #[serde(flatten)]
    pub changed: Changed<'a>,
    #[serde(rename = "os-vol-tenant-attr:tenant_id")]
    project_id: &'a ProjectId,
    #[serde(rename = "os-vol-host-attr:host")]
    #[schema(value_type = AnyJson)]
    host: Value,
    #[serde(rename = "os-vol-mig-status-attr:migstat")]
    #[schema(value_type = AnyJson)]
    migstat: &'a Value,
    #[serde(rename = "os-vol-mig-status-attr:name_id")]
    #[schema(value_type = AnyJson)]
    name_id: &'a Value,
}

impl Versioned for Summary<'_> {}

impl Versioned for Changed<'_> {
    const KEYS: &'static [FieldRule] = SOMETIMES.split_at(SOMETIMES.len() - 3).0;
}

impl Versioned for Detail<'_> {
    const KEYS: &'static [FieldRule] = SOMETIMES;
}

impl Versioned for Totals<'_> {
    const KEYS: &'static [FieldRule] = &[FieldRule::since("metadata", 36)];
}

/// What all volumes are together.
#[derive(Serialize, ToSchema)]
#[schema(as = VolumeTotals)]
pub struct Totals<'a> {
    total_count: i64,
    /// GiB.
    total_size: i64,
    /// Each value that some volume has under a key.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    metadata: &'a Metadata,
}

/// Keys that not every answer has. The last three are read's, and EVS shows them to all.
const SOMETIMES: &[FieldRule] = &[
    FieldRule::since("group_id", 13),
    FieldRule::since("shared_targets", 48),
    FieldRule::since("service_uuid", 48),
    FieldRule::since("volume_type_id", 63),
    FieldRule::since("encryption_key_id", 64).at_times(),
    FieldRule::since("consumes_quota", 65),
    FieldRule::for_admins("migration_status"),
    FieldRule::for_admins_since("cluster_name", 61),
    FieldRule::for_admins("os-vol-host-attr:host"),
    FieldRule::for_admins("os-vol-mig-status-attr:migstat"),
    FieldRule::for_admins("os-vol-mig-status-attr:name_id"),
];

static NULL: Value = Value::Null;

impl<'a> Summary<'a> {
    /// Of a volume, whose links lead to `resource`.
    pub fn of(call: &Call, volume: &'a Volume, resource: &str) -> Self {
        Self { id: volume.id, name: volume.name.as_deref(), links: call.links(resource, volume.id) }
    }
}

impl<'a> Totals<'a> {
    /// Of all volumes that were counted.
    pub const fn of(total: Total, metadata: &'a Metadata) -> Self {
        Self { total_count: total.volumes, total_size: total.gigabytes, metadata }
    }
}

impl<'a> Changed<'a> {
    /// Of a volume that was just changed.
    pub fn of(call: &Call, volume: &'a Volume) -> Self {
        let extra = |name: &str| volume.extra.get(name).unwrap_or(&NULL);
        let or =
            |name: &str, default: Value| volume.extra.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default);
        let type_id =
            volume.volume_type.as_deref().and_then(|name| call.service.catalog.volume_type(name)).map(|known| known.id);
        Self {
            id: volume.id,
            status: shown_status(&volume.status),
            size: volume.size,
            availability_zone: volume.availability_zone.as_deref(),
            created_at: volume.created_at,
            updated_at: volume.updated_at,
            name: volume.name.as_deref(),
            description: volume.description.as_deref(),
            volume_type: volume.volume_type.as_deref(),
            snapshot_id: extra("snapshot_id"),
            source_volid: extra("source_volid"),
            metadata: Cow::Borrowed(&volume.metadata),
            links: call.links("volumes", volume.id),
            user_id: volume.user_id.as_deref(),
            bootable: if volume.bootable { "true" } else { "false" },
            encrypted: volume.encrypted,
            replication_status: or(
                "replication_status",
                if volume.replication_enabled { "enabled".into() } else { Value::Null },
            ),
            consistencygroup_id: volume.consistency_group_id.as_deref(),
            multiattach: volume.multiattach,
            attachments: attachments(call, volume),
            group_id: extra("group_id"),
            // of three states from 3.69 on; before, what was not known was called true
            shared_targets: or("shared_targets", if call.is_from(69) { Value::Null } else { true.into() }),
            service_uuid: extra("service_uuid"),
            volume_type_id: or("volume_type_id", type_id.map_or(Value::Null, |id| id.to_string().into())),
            encryption_key_id: volume.encrypted.then(|| extra("encryption_key_id")),
            consumes_quota: or("consumes_quota", true.into()),
            migration_status: extra("migration_status"),
            cluster_name: extra("cluster_name"),
        }
    }

    /// Of a volume that was just made: what it waits for, if for anything, is not over yet.
    pub fn created(call: &Call, volume: &'a Volume) -> Self {
        Self { status: VolumeStatus::CREATING, ..Self::of(call, volume) }
    }
}

impl<'a> Detail<'a> {
    /// Of a volume as it is read, alone or in a list.
    pub fn of(call: &Call, volume: &'a Volume) -> Self {
        let extra = |name: &str| volume.extra.get(name).unwrap_or(&NULL);
        Self {
            changed: Changed::of(call, volume),
            project_id: &volume.project_id,
            // what admins see as the one pool, unless an export said otherwise
            host: volume
                .extra
                .get("os-vol-host-attr:host")
                .cloned()
                .unwrap_or_else(|| call.service.catalog.backend().pool.into()),
            migstat: extra("os-vol-mig-status-attr:migstat"),
            name_id: extra("os-vol-mig-status-attr:name_id"),
        }
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
