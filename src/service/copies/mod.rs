//! Snapshots and backups as clients drive them. What is done alike to both is written once, by [`CopyKind`]; what differs is in
//! `snapshot` and `backup`, and in the table of `CopyTraits`.

mod action;
pub mod backup;
mod change;
mod create;
mod delete;
mod list;
pub mod metadata;
mod show;
pub mod snapshot;
mod update;

pub use action::CopyAction;
pub use change::ChangeOf;
pub use create::{Create, What};
pub use delete::{Delete, Manner};
pub use list::List;
pub(super) use show::visible;
pub use show::{Parents, Show, VolumesOf};
pub use update::Update;

use crate::service::prelude::*;
pub use crate::store::copies::CopyKind;

/// What differs between the two where the same is done to both. Source of the words: Cinder.
struct CopyTraits {
    /// What one of this size counts for.
    usage: fn(i64) -> Usage,
    /// Said when its status does not let it be deleted.
    undeletable: &'static str,
    list: &'static Action,
    get: &'static Action,
    update: &'static Action,
    delete: &'static Action,
    reset_status: &'static Action,
    force_delete: &'static Action,
}

static SNAPSHOT: CopyTraits = CopyTraits {
    usage: Usage::snapshot,
    undeletable: "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
    list: &policy::SNAPSHOTS_LIST,
    get: &policy::SNAPSHOTS_GET,
    update: &policy::SNAPSHOTS_CHANGE,
    delete: &policy::SNAPSHOTS_DELETE,
    reset_status: &policy::SNAPSHOTS_RESET_STATUS,
    force_delete: &policy::SNAPSHOTS_FORCE_DELETE,
};

static BACKUP: CopyTraits = CopyTraits {
    usage: Usage::backup,
    undeletable: "Invalid backup: Backup status must be available or error.",
    list: &policy::BACKUPS_LIST,
    get: &policy::BACKUPS_GET,
    update: &policy::BACKUPS_CHANGE,
    delete: &policy::BACKUPS_DELETE,
    reset_status: &policy::BACKUPS_RESET_STATUS,
    force_delete: &policy::BACKUPS_FORCE_DELETE,
};

fn traits(kind: CopyKind) -> &'static CopyTraits {
    match kind {
        CopyKind::Snapshot => &SNAPSHOT,
        CopyKind::Backup => &BACKUP,
    }
}
