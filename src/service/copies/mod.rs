//! Snapshots and backups as clients drive them. What is done alike to both is written once, by [`Kind`]; what differs is in
//! `snapshot` and `backup`, and in the table of [`Ways`].

pub mod action;
pub mod backup;
mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod metadata;
pub mod show;
pub mod snapshot;
pub mod update;

use crate::domain::quota::Usage;
pub use crate::store::copies::Kind;

/// What differs between the two where the same is done to both. Source of words and policies: Cinder.
struct Ways {
    /// What one of this size counts for.
    usage: fn(i64) -> Usage,
    /// Said when its status does not let it be deleted.
    undeletable: &'static str,
    reset_status: &'static str,
    force_delete: &'static str,
}

static SNAPSHOT: Ways = Ways {
    usage: Usage::snapshot,
    undeletable: "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
    reset_status: "volume_extension:snapshot_admin_actions:reset_status",
    force_delete: "volume_extension:snapshot_admin_actions:force_delete",
};

static BACKUP: Ways = Ways {
    usage: Usage::backup,
    undeletable: "Invalid backup: Backup status must be available or error.",
    reset_status: "volume_extension:backup_admin_actions:reset_status",
    force_delete: "volume_extension:backup_admin_actions:force_delete",
};

fn ways(kind: Kind) -> &'static Ways {
    match kind {
        Kind::Snapshot => &SNAPSHOT,
        Kind::Backup => &BACKUP,
    }
}
