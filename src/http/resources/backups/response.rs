//! What a backup looks like to a client. Source: Cinder's `backups`, which real test suites hold to its keys.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::{Id, ProjectId, Time, VolumeCopy, VolumeStatus};
use crate::http::answer::links::Link;
use crate::http::answer::visibility::{FieldRule, Versioned};
use crate::http::request::call::Call;
use crate::http::request::fields::Texts;

/// A row of a plain list, and the answer to create and update.
#[derive(Serialize, ToSchema)]
#[schema(as = BackupSummary)]
pub struct Summary<'a> {
    id: Id,
    name: Option<&'a str>,
    links: [Link; 2],
}

/// A backup as it is read.
#[derive(Serialize, ToSchema)]
#[schema(as = Backup)]
pub struct Detail<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    status: &'a VolumeStatus,
    /// GiB.
    size: i64,
    /// In how many pieces it is stored.
    object_count: i64,
    availability_zone: Option<&'a str>,
    container: Option<&'a str>,
    created_at: Time,
    updated_at: Option<Time>,
    description: Option<&'a str>,
    fail_reason: Option<&'a str>,
    volume_id: Id,
    is_incremental: bool,
    has_dependent_backups: bool,
    snapshot_id: Option<&'a str>,
    /// When the volume was as the backup has it.
    data_timestamp: Time,
    #[schema(value_type = Texts)]
    metadata: &'a Map<String, Value>,
    /// An encrypted backup's.
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key_id: Option<&'a str>,
    user_id: Option<&'a str>,
    #[serde(rename = "os-backup-project-attr:project_id")]
    project_id: &'a ProjectId,
}

impl Versioned for Summary<'_> {}

impl Versioned for Detail<'_> {
    const KEYS: &'static [FieldRule] = &[
        FieldRule::for_admins_since("os-backup-project-attr:project_id", 18),
        FieldRule::since("metadata", 43),
        FieldRule::for_admins_since("user_id", 56),
        FieldRule::since("encryption_key_id", 64).at_times(),
    ];
}

impl<'a> Summary<'a> {
    /// Of any backup.
    pub fn of(call: &Call, backup: &'a VolumeCopy) -> Self {
        Self { id: backup.id, name: backup.name.as_deref(), links: call.links("backups", backup.id) }
    }
}

impl<'a> Detail<'a> {
    /// Of a backup as it is read, alone or in a list. `parents`: those that an incremental backup builds on.
    pub fn of(call: &Call, backup: &'a VolumeCopy, parents: &HashSet<Id>) -> Self {
        Self {
            summary: Summary::of(call, backup),
            status: &backup.status,
            size: backup.size,
            object_count: backup.extra.get("object_count").and_then(Value::as_i64).unwrap_or_default(),
            availability_zone: backup.extra_text("availability_zone"),
            container: backup.extra_text("container"),
            created_at: backup.created_at,
            updated_at: backup.updated_at,
            description: backup.description.as_deref(),
            fail_reason: backup.extra_text("fail_reason"),
            volume_id: backup.volume_id,
            is_incremental: backup.extra.get("is_incremental").and_then(Value::as_bool).unwrap_or_default(),
            has_dependent_backups: parents.contains(&backup.id),
            snapshot_id: backup.extra_text("snapshot_id"),
            data_timestamp: backup.data_timestamp(),
            metadata: &backup.metadata,
            encryption_key_id: backup.extra_text("encryption_key_id"),
            user_id: backup.user_id.as_deref(),
            project_id: &backup.project_id,
        }
    }
}
