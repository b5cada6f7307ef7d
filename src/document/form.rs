//! Which of the three forms a record has, which keys belong to it, and what an export says of the facts that rules ask about.

use super::prelude::*;
use crate::domain::volume::text_of as text;

/// A record's form, told from its own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It has `project_id`.
    Own,
    /// It has `os-vol-tenant-attr:tenant_id`, as Cinder's `…/volumes/detail`.
    Cinder,
    /// As that, with keys that EVS's `…/cloudvolumes/detail` alone has.
    Evs,
}

/// The project in an export.
pub const TENANT: &str = "os-vol-tenant-attr:tenant_id";

/// Keys that EVS alone has.
const EVS: [&str; 4] = ["service_type", "wwn", "shareable", "dedicated_storage_id"];

/// Keys of the volume bodies that are not ours: kept under their own names, in any form. So is every key with a colon, since
/// only extensions have one.
const EXTRAS: [&str; 28] = [
    "attachments", "cluster_name", "dedicated_storage_name", "dedicated_storage_id", "encryption_key_id",
    "enterprise_project_id", "group_id", "iops", "migration_status", "replication_driver_data", "replication_extended_status",
    "replication_status", "serial_number", "service_type", "service_uuid", "shareable", "shared_targets", "snapshot_id",
    "snapshot_policy_id", "source_volid", "storage_cluster_id", "tags", "throughput", "volume_image_metadata",
    "volume_type_id", "provider_id", "host", "wwn",
];

/// Whether a key that is not ours belongs to a volume body.
pub fn is_extra(key: &str) -> bool {
    key.contains(':') || EXTRAS.contains(&key)
}

impl Form {
    /// Tells by its keys which form a volume's record has; `None` without any project.
    pub fn of(record: &Map<String, Value>) -> Option<Self> {
        match record {
            _ if record.contains_key("project_id") => Some(Self::Own),
            _ if !record.contains_key(TENANT) => None,
            _ if EVS.iter().any(|key| record.contains_key(*key)) => Some(Self::Evs),
            _ => Some(Self::Cinder),
        }
    }

    /// Sets what an export says in its own way, unless the record says it in ours too.
    /// Source: EVS, "querying details of all disks"; Cinder's `volumes/detail`.
    pub fn derive(self, record: &Map<String, Value>, stored: Option<&Volume>, volume: &mut Volume) {
        let says = |key: &str| !record.contains_key(key);
        if self == Self::Own {
            // what stands in metadata is heeded here too, unless the record says it itself; silence says nothing
            let is_prepaid = Volume::metadata_bills(&volume.metadata) == Billing::Prepaid;
            if says("billing") && is_prepaid {
                volume.billing = Billing::Prepaid;
            }
            volume.encrypted |= says("encrypted") && Volume::metadata_encrypts(&volume.metadata);
            if says("backup_policy_id") {
                volume.backup_policy_id = Volume::metadata_backs_up(&volume.metadata).or(volume.backup_policy_id.take());
            }
            return;
        }
        if says("billing") && record.contains_key("metadata") {
            let billing = Volume::metadata_bills(&volume.metadata);
            // only EVS's silence says postpaid: Cinder knows nothing of billing
            if billing == Billing::Prepaid || self == Self::Evs {
                volume.billing = billing;
            }
        }
        volume.encrypted |= record.contains_key("metadata") && Volume::metadata_encrypts(&volume.metadata);
        if says("replication_enabled") && REPLICATION.iter().any(|key| record.contains_key(*key)) {
            let [status, extended] = REPLICATION.map(|key| text(record, key));
            volume.replication_enabled = status == Some("enabled") || extended.is_some();
        }
        let performance = PERFORMANCE.map(|key| record.get(key).and_then(|it| it.get("frozened")));
        if says("frozen") && performance.iter().any(Option::is_some) {
            volume.frozen = performance.iter().flatten().any(|it| **it == Value::Bool(true));
        }
        if self == Self::Evs {
            if says("backup_policy_id") && record.contains_key("metadata") {
                let policy = Volume::metadata_backs_up(&volume.metadata);
                // only what an export had said before does its silence take back
                if policy.is_some() || stored.is_some_and(|stored| Volume::metadata_backs_up(&stored.metadata).is_some()) {
                    volume.backup_policy_id = policy;
                }
            }
            // in Cinder it is only a boot flag
            if says("system_disk") && record.contains_key("bootable") {
                volume.system_disk = volume.bootable;
            }
            if says("dedicated_storage") && (record.contains_key("service_type") || record.contains_key("dedicated_storage_id"))
            {
                volume.dedicated_storage = match (text(record, "service_type"), text(record, "dedicated_storage_id")) {
                    (Some("DESS"), _) => DedicatedStorage::Dess,
                    (Some("DSS"), _) | (_, Some(_)) => DedicatedStorage::Dss,
                    _ => DedicatedStorage::None,
                };
            }
        }
    }
}

const PERFORMANCE: [&str; 2] = ["iops", "throughput"];

const REPLICATION: [&str; 2] = ["replication_status", "os-volume-replication:extended_status"];
