//! What a snapshot looks like to a client. Source: Cinder's `snapshots` and EVS's `cloudsnapshots`; real test suites hold the
//! answers to their keys.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::copy::PROGRESS;
use crate::domain::{Id, ProjectId, Time, Volume, VolumeCopy, VolumeStatus};
use crate::http::answer::visibility::{FieldRule, Versioned};
use crate::http::request::fields::Texts;
use crate::http::resources::cloudvolumes::response::service_type;

/// A row of a plain list.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotSummary)]
pub struct Summary<'a> {
    id: Id,
    created_at: Time,
    updated_at: Option<Time>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    volume_id: Id,
    #[schema(value_type = VolumeStatus)]
    status: &'a str,
    /// GiB.
    size: i64,
    #[schema(value_type = Texts)]
    metadata: &'a Map<String, Value>,
}

/// The answer to create and update.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedSnapshot)]
pub struct Changed<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    group_snapshot_id: Option<&'a str>,
    user_id: Option<&'a str>,
    consumes_quota: bool,
}

/// A snapshot as it is read.
#[derive(Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub struct Detail<'a> {
    #[serde(flatten)]
    changed: Changed<'a>,
    #[serde(rename = "os-extended-snapshot-attributes:project_id")]
    project_id: &'a ProjectId,
    #[serde(rename = "os-extended-snapshot-attributes:progress")]
    #[schema(examples("100%"))]
    progress: &'a str,
}

/// A row of EVS's list.
#[derive(Serialize, ToSchema)]
#[schema(as = CloudSnapshot)]
pub struct Evs<'a> {
    #[serde(flatten)]
    detail: Detail<'a>,
    dedicated_storage_id: Option<&'a str>,
    dedicated_storage_name: Option<&'a str>,
    /// The service that its volume belongs to.
    #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
    service_type: &'static str,
}

impl Versioned for Summary<'_> {}

impl Versioned for Changed<'_> {
    const KEYS: &'static [FieldRule] =
        &[FieldRule::since("group_snapshot_id", 14), FieldRule::since("user_id", 41), FieldRule::since("consumes_quota", 65)];
}

impl Versioned for Detail<'_> {
    const KEYS: &'static [FieldRule] = Changed::KEYS;
}

impl Versioned for Evs<'_> {
    const KEYS: &'static [FieldRule] = Changed::KEYS;
}

impl<'a> Summary<'a> {
    /// Of any snapshot.
    pub fn of(snapshot: &'a VolumeCopy) -> Self {
        Self {
            id: snapshot.id,
            created_at: snapshot.created_at,
            updated_at: snapshot.updated_at,
            name: snapshot.name.as_deref(),
            description: snapshot.description.as_deref(),
            volume_id: snapshot.volume_id,
            status: snapshot.status.as_str(),
            size: snapshot.size,
            metadata: &snapshot.metadata,
        }
    }
}

impl<'a> Changed<'a> {
    /// Of a snapshot that was just changed.
    pub fn of(snapshot: &'a VolumeCopy) -> Self {
        Self {
            summary: Summary::of(snapshot),
            group_snapshot_id: snapshot.extra_text("group_snapshot_id"),
            user_id: snapshot.user_id.as_deref(),
            consumes_quota: true,
        }
    }

    /// Of a snapshot that was just made: there is nothing to wait for, but clients expect to.
    pub fn created(snapshot: &'a VolumeCopy) -> Self {
        let mut created = Self::of(snapshot);
        created.summary.status = VolumeStatus::CREATING;
        created
    }
}

impl<'a> Detail<'a> {
    /// Of a snapshot as it is read, alone or in a list.
    pub fn of(snapshot: &'a VolumeCopy) -> Self {
        Self {
            changed: Changed::of(snapshot),
            project_id: &snapshot.project_id,
            progress: snapshot.extra_text(PROGRESS).unwrap_or("100%"),
        }
    }
}

impl<'a> Evs<'a> {
    /// Of a snapshot as EVS lists it, with what its volume is.
    pub fn of(snapshot: &'a VolumeCopy, volume: Option<&'a Volume>) -> Self {
        let text = |key: &str| volume.and_then(|volume| volume.extra.get(key)).and_then(Value::as_str);
        Self {
            detail: Detail::of(snapshot),
            dedicated_storage_id: text("dedicated_storage_id"),
            dedicated_storage_name: text("dedicated_storage_name"),
            service_type: service_type(volume.map(|volume| volume.dedicated_storage).unwrap_or_default()),
        }
    }
}
