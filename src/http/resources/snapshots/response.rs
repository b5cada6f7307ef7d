//! What a snapshot looks like to a client. Source: Cinder's `snapshots` and EVS's `cloudsnapshots`; real test suites hold the
//! answers to their keys.

use crate::domain::copy::PROGRESS;
use crate::http::resources::cloudvolumes::response::service_type;
use crate::http::resources::prelude::*;

view! {
    /// A row of a plain list.
    #[schema(as = SnapshotSummary)]
    Summary<'a>,
    /// Of any snapshot.
    of(snapshot: &'a VolumeCopy) {
        id: Id = snapshot.id,
        created_at: Time = snapshot.created_at,
        updated_at: Option<Time> = snapshot.updated_at,
        name: Option<&'a str> = snapshot.name.as_deref(),
        description: Option<&'a str> = snapshot.description.as_deref(),
        volume_id: Id = snapshot.volume_id,
        #[schema(value_type = VolumeStatus)]
        status: &'a str = snapshot.status.as_str(),
        /// GiB.
        size: i64 = snapshot.size,
        #[schema(value_type = Texts)]
        metadata: &'a Map<String, Value> = &snapshot.metadata,
    };

    /// The answer to create and update.
    #[schema(as = ChangedSnapshot)]
    Changed<'a>,
    /// Of a snapshot that was just changed.
    of(snapshot: &'a VolumeCopy) {
        #[serde(flatten)]
        summary: Summary<'a> = Summary::of(snapshot),
        group_snapshot_id: Option<&'a str> = snapshot.extra_text("group_snapshot_id"),
        user_id: Option<&'a str> = snapshot.user_id.as_deref(),
        consumes_quota: bool = snapshot.consumes_quota,
    }, keys &[
        FieldRule::since("group_snapshot_id", 14),
        FieldRule::since("user_id", 41),
        FieldRule::since("consumes_quota", 65),
    ];

    /// A snapshot as it is read.
    #[schema(as = Snapshot)]
    Detail<'a>,
    /// Of a snapshot as it is read, alone or in a list.
    of(snapshot: &'a VolumeCopy) {
        #[serde(flatten)]
        changed: Changed<'a> = Changed::of(snapshot),
        project_id as "os-extended-snapshot-attributes:project_id": &'a ProjectId = &snapshot.project_id,
        #[schema(examples("100%"))]
        progress as "os-extended-snapshot-attributes:progress": &'a str = snapshot.extra_text(PROGRESS).unwrap_or("100%"),
    }, keys Changed::KEYS;

    /// A row of EVS's list.
    #[schema(as = CloudSnapshot)]
    Evs<'a>,
    /// Of a snapshot as EVS lists it, with what its volume is.
    of(snapshot: &'a VolumeCopy, volume: Option<&'a Volume>) {
        #[serde(flatten)]
        detail: Detail<'a> = Detail::of(snapshot),
        dedicated_storage_id: Option<&'a str> = text(volume, "dedicated_storage_id"),
        dedicated_storage_name: Option<&'a str> = text(volume, "dedicated_storage_name"),
        /// The service that its volume belongs to.
        #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
        service_type: &'static str = service_type(volume.map(|volume| volume.dedicated_storage).unwrap_or_default()),
    }, keys Changed::KEYS;
}

impl<'a> Changed<'a> {
    /// Of a snapshot that was just made: there is nothing to wait for, but clients expect to.
    pub fn created(snapshot: &'a VolumeCopy) -> Self {
        let mut created = Self::of(snapshot);
        created.summary.status = VolumeStatus::CREATING;
        created
    }
}

fn text<'a>(volume: Option<&'a Volume>, key: &str) -> Option<&'a str> {
    volume?.extra.get(key)?.as_str()
}
