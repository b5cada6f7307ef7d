//! Writing our own form: one record a line, every key in the documented order, so that equal content is equal text.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{MARKER, VERSION};
use crate::domain::{
    Copy, Id, ProjectId, Time, Transfer, TransferName, Volume, VolumeStatus,
    quota::{Quota, Resource},
    transfer::State,
    volume::{Billing, Creating, DedicatedStorage},
};

/// What stands before the first list.
pub fn start() -> String {
    format!("{{\"{MARKER}\": {VERSION}")
}

/// What stands before the first record of a list.
pub fn before(list: &str) -> String {
    format!(",\n\"{list}\": [")
}

/// What stands behind the last record of a list.
pub const AFTER: &str = "\n]";

/// What stands behind the last list.
pub const END: &str = "}\n";

#[derive(Serialize)]
#[allow(clippy::struct_excessive_bools)] // a line has the keys that the document has
struct VolumeLine<'a> {
    id: Id,
    project_id: &'a ProjectId,
    user_id: Option<&'a str>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    size: i64,
    status: &'a VolumeStatus,
    availability_zone: Option<&'a str>,
    volume_type: Option<&'a str>,
    bootable: bool,
    system_disk: bool,
    encrypted: bool,
    frozen: bool,
    billing: Billing,
    backup_policy_id: Option<&'a str>,
    dedicated_storage: DedicatedStorage,
    replication_enabled: bool,
    consistency_group_id: Option<&'a str>,
    multiattach: bool,
    metadata: BTreeMap<&'a str, &'a Value>,
    created_at: Time,
    updated_at: Option<Time>,
    /// Both only on a volume that is `creating` and will be `available`.
    #[serde(skip_serializing_if = "Option::is_none")]
    creating_until: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creating_reads: Option<i64>,
    snapshots: Vec<CopyLine<'a>>,
    backups: Vec<CopyLine<'a>>,
    #[serde(flatten)]
    extra: BTreeMap<&'a str, &'a Value>,
}

#[derive(Serialize)]
struct CopyLine<'a> {
    id: Id,
    user_id: Option<&'a str>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    status: &'a VolumeStatus,
    size: i64,
    metadata: BTreeMap<&'a str, &'a Value>,
    created_at: Time,
    updated_at: Option<Time>,
    /// Only where it is a record by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_id: Option<Id>,
    /// Where it is a record by itself, or a transfer left it behind with another project.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'a ProjectId>,
    #[serde(flatten)]
    extra: BTreeMap<&'a str, &'a Value>,
}

/// Only the limits that were set.
struct QuotaLine<'a>(&'a Quota);

impl Serialize for QuotaLine<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Quota { project_id, limits } = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("project_id", project_id)?;
        for resource in Resource::ALL {
            if let Some(limit) = limits.get(resource) {
                map.serialize_entry(resource.as_str(), &limit)?;
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct TransferLine<'a> {
    id: Id,
    volume_id: Id,
    name: Option<&'a TransferName>,
    state: &'a str,
    created_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_key_hash: Option<&'a str>,
    source_project_id: &'a ProjectId,
    source_user_id: &'a str,
    source_request_id: Id,
    resource: &'a str,
    #[serde(serialize_with = "microversion")]
    microversion: Option<u16>,
    no_snapshots: bool,
    #[serde(flatten)]
    ended: Option<EndedLine<'a>>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // a line has the keys that the document has
struct EndedLine<'a> {
    ended_at: Time,
    ended_project_id: &'a ProjectId,
    ended_user_id: &'a str,
    ended_request_id: Id,
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // serde's signature
fn microversion<S: Serializer>(minor: &Option<u16>, to: S) -> Result<S::Ok, S::Error> {
    match minor {
        Some(minor) => to.collect_str(&format_args!("3.{minor}")),
        None => to.serialize_none(),
    }
}

/// A volume's record, without a line's end.
pub fn volume<'a>(
    volume: &'a Volume,
    snapshots: impl IntoIterator<Item = &'a Copy>,
    backups: impl IntoIterator<Item = &'a Copy>,
) -> String {
    let copies = |copy: &'a Copy| {
        let is_anothers = copy.project_id != volume.project_id;
        CopyLine { project_id: is_anothers.then_some(&copy.project_id), ..copy_line(copy) }
    };
    line(&VolumeLine {
        id: volume.id,
        project_id: &volume.project_id,
        user_id: volume.user_id.as_deref(),
        name: volume.name.as_deref(),
        description: volume.description.as_deref(),
        size: volume.size,
        status: &volume.status,
        availability_zone: volume.availability_zone.as_deref(),
        volume_type: volume.volume_type.as_deref(),
        bootable: volume.bootable,
        system_disk: volume.system_disk,
        encrypted: volume.encrypted,
        frozen: volume.frozen,
        billing: volume.billing,
        backup_policy_id: volume.backup_policy_id.as_deref(),
        dedicated_storage: volume.dedicated_storage,
        replication_enabled: volume.replication_enabled,
        consistency_group_id: volume.consistency_group_id.as_deref(),
        multiattach: volume.multiattach,
        metadata: sorted(&volume.metadata),
        created_at: volume.created_at,
        updated_at: volume.updated_at,
        creating_until: volume.creating.and_then(Creating::until),
        creating_reads: volume.creating.and_then(Creating::reads),
        snapshots: snapshots.into_iter().map(copies).collect(),
        backups: backups.into_iter().map(copies).collect(),
        extra: sorted(&volume.extra),
    })
}

fn copy_line(copy: &Copy) -> CopyLine<'_> {
    CopyLine {
        id: copy.id,
        user_id: copy.user_id.as_deref(),
        name: copy.name.as_deref(),
        description: copy.description.as_deref(),
        status: &copy.status,
        size: copy.size,
        metadata: sorted(&copy.metadata),
        created_at: copy.created_at,
        updated_at: copy.updated_at,
        volume_id: None,
        project_id: None,
        extra: sorted(&copy.extra),
    }
}

/// The record of a backup whose volume is gone, without a line's end.
pub fn backup(backup: &Copy) -> String {
    line(&CopyLine { volume_id: Some(backup.volume_id), project_id: Some(&backup.project_id), ..copy_line(backup) })
}

/// A quota's record, without a line's end.
pub fn quota(quota: &Quota) -> String {
    line(&QuotaLine(quota))
}

/// A transfer's record, without a line's end.
pub fn transfer(transfer: &Transfer) -> String {
    let Transfer { offer, state } = transfer;
    line(&TransferLine {
        id: offer.id,
        volume_id: offer.volume_id,
        name: offer.name.as_ref(),
        state: state.as_str(),
        created_at: offer.made.at,
        auth_key_hash: transfer.pending_hash(),
        source_project_id: &offer.made.project_id,
        source_user_id: &offer.made.user_id,
        source_request_id: offer.made.request_id,
        resource: offer.made_on.resource.as_str(),
        microversion: offer.made_on.microversion,
        no_snapshots: offer.no_snapshots,
        ended: match state {
            State::Pending { .. } => None,
            State::Ended { by, .. } => Some(EndedLine {
                ended_at: by.at,
                ended_project_id: &by.project_id,
                ended_user_id: &by.user_id,
                ended_request_id: by.request_id,
            }),
        },
    })
}

/// By key: the order in which a database gives them is nobody's.
fn sorted(map: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    map.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

fn line(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("a record has only text keys and no number that is not finite")
}
