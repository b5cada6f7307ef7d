//! What a backup looks like to a client. Source: Cinder's `backups`, which real test suites hold to its keys.

use std::collections::HashSet;

use crate::http::resources::prelude::*;

view! {
    /// A row of a plain list, and the answer to create and update.
    #[schema(as = BackupSummary)]
    Summary<'a>,
    /// Of any backup.
    of(call: &Call, backup: &'a VolumeCopy) {
        id: Id = backup.id,
        name: Option<&'a str> = backup.name.as_deref(),
        links: [Link; 2] = call.links("backups", backup.id),
    };

    /// A backup as it is read.
    #[schema(as = Backup)]
    Detail<'a>,
    /// Of a backup as it is read, alone or in a list. `parents`: those that an incremental backup builds on.
    of(call: &Call, backup: &'a VolumeCopy, parents: &HashSet<Id>) {
        #[serde(flatten)]
        summary: Summary<'a> = Summary::of(call, backup),
        status: &'a VolumeStatus = &backup.status,
        /// GiB.
        size: i64 = backup.size,
        /// In how many pieces it is stored.
        object_count: i64 = backup.extra.get("object_count").and_then(Value::as_i64).unwrap_or_default(),
        availability_zone: Option<&'a str> = backup.extra_text("availability_zone"),
        container: Option<&'a str> = backup.extra_text("container"),
        created_at: Time = backup.created_at,
        updated_at: Option<Time> = backup.updated_at,
        description: Option<&'a str> = backup.description.as_deref(),
        fail_reason: Option<&'a str> = backup.extra_text("fail_reason"),
        volume_id: Id = backup.volume_id,
        is_incremental: bool = backup.extra.get("is_incremental").and_then(Value::as_bool).unwrap_or_default(),
        has_dependent_backups: bool = parents.contains(&backup.id),
        snapshot_id: Option<&'a str> = backup.extra_text("snapshot_id"),
        /// When the volume was as the backup has it.
        data_timestamp: Time = backup.data_timestamp(),
        #[schema(value_type = Texts)]
        metadata: &'a Map<String, Value> = &backup.metadata,
        /// An encrypted backup's.
        #[serde(skip_serializing_if = "Option::is_none")]
        encryption_key_id: Option<&'a str> = backup.extra_text("encryption_key_id"),
        user_id: Option<&'a str> = backup.user_id.as_deref(),
        project_id as "os-backup-project-attr:project_id": &'a ProjectId = &backup.project_id,
    }, keys &[
        FieldRule::for_admins_since("os-backup-project-attr:project_id", 18),
        FieldRule::since("metadata", 43),
        FieldRule::for_admins_since("user_id", 56),
        FieldRule::since("encryption_key_id", 64).at_times(),
    ];
}
