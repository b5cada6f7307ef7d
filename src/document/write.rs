//! Writing our own form: one record a line, every key in the documented order, so that equal content is equal text.

use super::prelude::*;
use super::transfer::TransferFields;
use super::volume::VolumeLine;
use super::{VERSION, copies, identity, quota, volume_type};
use crate::domain::identity::{Credential, Entity};
use crate::domain::quota::Quota;

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

/// A volume's record, without a line's end.
pub fn volume(volume: &Volume, snapshots: &[VolumeCopy], backups: &[VolumeCopy]) -> String {
    let fields = |copy: &VolumeCopy| {
        let mut fields = copies::written(copy);
        fields.shift_remove("volume_id");
        // it says whose it is where a transfer left it behind with another project
        if copy.project_id == volume.project_id {
            fields.shift_remove("project_id");
        }
        fields
    };
    line(&VolumeLine {
        volume,
        snapshots: snapshots.iter().map(fields).collect(),
        backups: backups.iter().map(fields).collect(),
        extra: &volume.extra,
    })
}

/// The record of a backup whose volume is gone, without a line's end.
pub fn backup(backup: &VolumeCopy) -> String {
    line(&copies::written(backup))
}

/// A quota's record, without a line's end.
pub fn quota(quota: &Quota) -> String {
    line(&quota::written(quota))
}

/// A volume type's record, without a line's end.
pub fn volume_type(the: &VolumeType) -> String {
    line(&volume_type::all(the))
}

/// The record of a role, a project or a user, a user's with its roles and credentials; without a line's end.
pub fn entity(entity: &Entity, roles: BTreeMap<String, Vec<String>>, credentials: &[Credential]) -> String {
    line(&identity::written(entity, roles, credentials))
}

/// A transfer's record, without a line's end.
pub fn transfer(transfer: &Transfer) -> String {
    line(&TransferFields::from(transfer))
}

fn line(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("a record has only text keys and no number that is not finite")
}
