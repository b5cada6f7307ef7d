//! Snapshots and backups as clients drive them. What is done alike to both is written once, by [`CopyKind`]; what differs is in
//! `snapshot` and `backup`, or said side by side.

pub mod backup;
mod change;
mod create;
mod delete;
mod show;
mod snapshot;

pub use change::{ChangeOf, CopyAction};
pub use create::{Create, What};
pub use delete::Delete;
pub(super) use show::visible;
pub use show::{list, parents, show, volumes_of};

use crate::service::prelude::*;
pub use crate::store::copies::CopyKind;

/// What one counts for.
pub(super) fn usage(kind: CopyKind, copy: &VolumeCopy) -> Usage {
    if copy.consumes_quota { of_size(kind, copy.size) } else { Usage::NONE }
}

fn of_size(kind: CopyKind, size: i64) -> Usage {
    kind.either(Usage::snapshot(size), Usage::backup(size))
}
