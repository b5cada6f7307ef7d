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

    /// Sets what is said in an export's way, unless the record says it in ours too; silence of our own form says nothing.
    /// Source: EVS, "querying details of all disks"; Cinder's `volumes/detail`.
    ///
    /// # Errors
    /// The key of ours in the record that says otherwise than metadata, which is shown.
    pub fn derive(self, record: &Map<String, Value>, stored: Option<&Volume>, volume: &mut Volume) -> Result<(), &'static str> {
        let is_silent = |key: &str| !record.contains_key(key);
        let has = |key: &&str| record.contains_key(*key);
        let billing = Volume::metadata_bills(&volume.metadata);
        // only EVS's silence says postpaid: Cinder knows nothing of billing
        if is_silent("billing") && has(&"metadata") && (billing == Billing::Prepaid || self == Self::Evs) {
            volume.billing = billing;
        }
        volume.encrypted |= (is_silent("encrypted") || self != Self::Own) && Volume::metadata_encrypts(&volume.metadata);
        if is_silent("replication_enabled") && REPLICATION.iter().any(has) {
            let [status, extended] = REPLICATION.map(|key| text(record, key));
            volume.replication_enabled = status == Some("enabled") || extended.is_some();
        }
        let performance = PERFORMANCE.map(|key| record.get(key).and_then(|it| it.get("frozened")));
        if is_silent("frozen") && performance.iter().any(Option::is_some) {
            volume.frozen = performance.iter().flatten().any(|it| **it == Value::Bool(true));
        }
        let policy = Volume::metadata_backs_up(&volume.metadata).filter(|_| self != Self::Cinder);
        if is_silent("backup_policy_id") && has(&"metadata") {
            // only what an export had said before does its silence take back
            let had = || stored.is_some_and(|stored| Volume::metadata_backs_up(&stored.metadata).is_some());
            if policy.is_some() || self == Self::Evs && had() {
                volume.backup_policy_id.clone_from(&policy);
            }
        }
        // in Cinder it is only a boot flag
        if self == Self::Evs && is_silent("system_disk") && has(&"bootable") {
            volume.system_disk = volume.bootable;
        }
        if self != Self::Cinder && is_silent("dedicated_storage") && STORAGE.iter().any(has) {
            volume.dedicated_storage = match STORAGE.map(|key| text(record, key)) {
                [Some("DESS"), _] => DedicatedStorage::Dess,
                [Some("DSS"), _] | [_, Some(_)] => DedicatedStorage::Dss,
                _ => DedicatedStorage::None,
            };
        }
        let contradicts = [
            ("billing", billing == Billing::Prepaid && volume.billing != billing),
            ("encrypted", Volume::metadata_encrypts(&volume.metadata) && !volume.encrypted),
            ("backup_policy_id", policy.is_some() && volume.backup_policy_id.is_none()),
        ];
        contradicts.into_iter().find(|(key, is_so)| *is_so && has(key)).map_or(Ok(()), |(key, _)| Err(key))
    }
}

const STORAGE: [&str; 2] = ["service_type", "dedicated_storage_id"];

const PERFORMANCE: [&str; 2] = ["iops", "throughput"];

const REPLICATION: [&str; 2] = ["replication_status", "os-volume-replication:extended_status"];
