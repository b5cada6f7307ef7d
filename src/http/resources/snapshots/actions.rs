//! `POST snapshots/{id}/action`. Source: Cinder's `snapshot_actions` and `admin_actions`.

use super::SNAPSHOTS;
use crate::http::request::fields::SnapshotStatus;
use crate::http::resources::copies::{self, Asked, FORCE_DELETE};
use crate::http::resources::prelude::*;
use crate::service::copies::CopyAction;

/// Those of snapshots.
pub enum OnSnapshots {}

impl Actions for OnSnapshots {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        FORCE_DELETE,
        row!("os-reset_status" ResetSnapshotStatus => |ResetSnapshotStatus { status }, _| {
            Ok(Asked::Change(CopyAction::ResetStatus(status.0)))
        }),
        row!("os-update_snapshot_status" ReportSnapshotStatus => |ReportSnapshotStatus { status, progress }, _| {
            Ok(Asked::Change(CopyAction::Report { status: status.0, progress: progress.map(|Text(text)| text) }))
        }),
    ];
}

operations! { SNAPSHOTS;
    /// An action of the table; 400 where there is no such action, or the snapshot's state refuses it.
    ACT: "Do something to a snapshot", |call, body: Acted<OnSnapshots>| copies::act(call, CopyKind::Snapshot, body)
        => 200 Nothing,
        description: "The body's one key names what is done.", refuses: &[Kind::NotFound, Kind::Refused];
}

/// The status that a snapshot is to have.
#[derive(Deserialize, ToSchema)]
pub struct ResetSnapshotStatus {
    status: SnapshotStatus,
}

impl Versioned for ResetSnapshotStatus {}

/// How far a snapshot is, from what makes it.
#[derive(Deserialize, ToSchema)]
pub struct ReportSnapshotStatus {
    status: SnapshotStatus,
    /// Such as 80%.
    progress: Option<Text>,
}

impl Versioned for ReportSnapshotStatus {}
