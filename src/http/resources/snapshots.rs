//! Snapshots as clients drive them.

use super::cloudvolumes::{self, PLACE, service_type};
use crate::domain::copy::PROGRESS;
use crate::http::request::fields::SnapshotStatus;
use crate::http::resources::copies::{self, Asked, FORCE_DELETE, SORT_KEYS};
use crate::http::resources::prelude::*;
use crate::service::copies::{CopyAction, Create, What};

// The bodies of create and update.

bodies! {
    /// A snapshot to be made.
    CreateSnapshot under "snapshot" {
        /// Null is no volume that there is.
        #[serde(deserialize_with = "Option::deserialize")]
        #[schema(value_type = Id)]
        volume_id: Option<VolumeId>,
        name: Option<Text>,
        /// What `name` once was called.
        display_name: Option<Text>,
        description: Option<Text>,
        metadata: Option<Texts>,
        /// Whether also of a volume that is in use; since microversion 3.66 it is so anyhow, and `false` is refused.
        #[serde(default, deserialize_with = "fields::given")]
        #[schema(nullable = false)]
        force: Option<LooseBool>,
    };

    /// What a snapshot is to be called: at least one of the two; what is left out stays as it is.
    UpdateSnapshot under "snapshot" {
        #[serde(default)]
        name: Renamed,
        /// What `name` once was called.
        #[serde(default)]
        display_name: Renamed,
        #[serde(default)]
        description: Renamed,
        /// What `description` once was called.
        #[serde(default)]
        display_description: Renamed,
    };

    /// The status that a snapshot is to have.
    ResetSnapshotStatus {
        status: SnapshotStatus,
    };

    /// How far a snapshot is, from what makes it.
    ReportSnapshotStatus {
        status: SnapshotStatus,
        /// Such as 80%.
        progress: Option<Text>,
    };
}

// What a snapshot looks like to a client. Source: Cinder's `snapshots` and EVS's `cloudsnapshots`; real test suites hold the
// answers to their keys.

view! {
    /// A row of a plain list.
    SnapshotSummary<'a> of(snapshot: &'a VolumeCopy) {
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
    // Of a snapshot that was just changed.
    ChangedSnapshot<'a> of(snapshot: &'a VolumeCopy) {
        #[serde(flatten)]
        summary: SnapshotSummary<'a> = SnapshotSummary::of(snapshot),
        group_snapshot_id: Option<&'a str> = snapshot.extra_text("group_snapshot_id"),
        user_id: Option<&'a str> = snapshot.user_id.as_deref(),
        consumes_quota: bool = snapshot.consumes_quota,
    }, keys &[
        FieldRule::since("group_snapshot_id", 14),
        FieldRule::since("user_id", 41),
        FieldRule::since("consumes_quota", 65),
    ];

    /// A snapshot as it is read.
    // Of a snapshot as it is read, alone or in a list.
    Snapshot<'a> of(snapshot: &'a VolumeCopy) {
        #[serde(flatten)]
        changed: ChangedSnapshot<'a> = ChangedSnapshot::of(snapshot),
        project_id as "os-extended-snapshot-attributes:project_id": &'a ProjectId = &snapshot.project_id,
        #[schema(examples("100%"))]
        progress as "os-extended-snapshot-attributes:progress": &'a str = snapshot.extra_text(PROGRESS).unwrap_or("100%"),
    }, keys ChangedSnapshot::KEYS;

    /// A row of EVS's list.
    // Of a snapshot as EVS lists it, with what its volume is.
    CloudSnapshot<'a> of(snapshot: &'a VolumeCopy, volume: Option<&'a Volume>) {
        #[serde(flatten)]
        detail: Snapshot<'a> = Snapshot::of(snapshot),
        dedicated_storage_id: Option<&'a str> = of_disk(volume, "dedicated_storage_id"),
        dedicated_storage_name: Option<&'a str> = of_disk(volume, "dedicated_storage_name"),
        /// The service that its volume belongs to.
        #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
        service_type: &'static str = service_type(volume.map(|volume| volume.dedicated_storage).unwrap_or_default()),
    }, keys ChangedSnapshot::KEYS;
}

impl<'a> ChangedSnapshot<'a> {
    /// Of a snapshot that was just made: there is nothing to wait for, but clients expect to.
    pub fn created(snapshot: &'a VolumeCopy) -> Self {
        let summary = SnapshotSummary { status: VolumeStatus::CREATING, ..SnapshotSummary::of(snapshot) };
        Self { summary, ..Self::of(snapshot) }
    }
}

fn of_disk<'a>(volume: Option<&'a Volume>, key: &str) -> Option<&'a str> {
    volume?.extra.get(key)?.as_str()
}

/// What the operations are about.
pub static SNAPSHOTS: Subject = Subject {
    name: "snapshots",
    what: "Snapshots of volumes: records without content, which the rules of a transfer ask about.",
};

/// What a list can be narrowed to.
const FILTERS: &[Parameter] = &[
    text("name"),
    text("status"),
    id("id"),
    id("volume_id"),
    dictionary("metadata", "Only what has all of these metadata.").since(22),
    times("created_at").since(60),
    times("updated_at").since(60),
];

operations! { SNAPSHOTS;
    /// Makes a snapshot at once: 202.
    CREATE: "Create a snapshot", |call, body: CreateSnapshot| create(call, body) => 202 One("snapshot", part::<ChangedSnapshot>()),
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of snapshots without what only details have.
    LIST: "List snapshots", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key.
    LIST_WITH_DETAILS: "List snapshots with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// EVS's list: narrowed by where each snapshot's volume lies and with that, and always counted.
    LIST_AS_EVS: "List snapshots as EVS does", |call| list_as_evs(call) => 200 Paged(&AS_EVS),
        description: "With what is known of each one's volume.";

    /// One snapshot; 404 for another project's.
    SHOW: "Show a snapshot", |call| show(call) => 200 One("snapshot", part::<Snapshot>()), refuses: &[Kind::NotFound];

    /// Renames it or describes it anew.
    UPDATE: "Change a snapshot's name or description", |call, body: UpdateSnapshot| update(call, body)
        => 200 One("snapshot", part::<ChangedSnapshot>()), refuses: &[Kind::NotFound];

    /// Deletes it: 202, or a refusal for its state.
    DELETE: "Delete a snapshot", |call| copies::delete(call, CopyKind::Snapshot) => 202 Nothing,
        refuses: &[Kind::NotFound, Kind::Refused];

    /// An action of the table; 400 where there is no such action, or the snapshot's state refuses it.
    ACT: "Do something to a snapshot", |call, body: Acted<OnSnapshots>| copies::act(call, CopyKind::Snapshot, body)
        => 200 Nothing,
        description: "The body's one key names what is done.", refuses: &[Kind::NotFound, Kind::Refused];
}

async fn create(mut call: Call, body: CreateSnapshot) -> Result<Answer> {
    // from 3.66 a volume's being in use is nothing to force. Source: Cinder's `SNAPSHOT_IN_USE`
    let is_no_question = call.is_from(66);
    let words = "Since microversion 3.66 the 'force' flag is invalid for this request: a volume that is in-use needs none. \
                 Leave it out, or send true, which is ignored.";
    ensure!(!is_no_question || body.force.is_none_or(|LooseBool(force)| force), malformed(words));
    // Cinder takes null, and looks for it
    let VolumeId(volume_id) = body.volume_id.ok_or_else(|| Problem::not_found(RecordKind::Volume, "null"))?;
    let create = Create {
        volume_id,
        name: first_of(body.name, body.display_name),
        description: first_of(body.description, None),
        metadata: body.metadata.unwrap_or_default().0,
        what: What::Snapshot { takes_in_use: is_no_question || body.force.unwrap_or_default().0 },
    };
    let snapshot = call.perform(create).await?;
    Ok(Answer::one(&call, 202, "snapshot", &ChangedSnapshot::created(&snapshot)))
}

static SUMMARIES: Listing = Listing {
    count: Count::Asked,
    ..listing("snapshots", part::<SnapshotSummary>(), RecordKind::Snapshot, SORT_KEYS, &[FILTERS])
};

async fn list(call: Call) -> Result<Answer> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, SnapshotSummary::of))
}

static DETAILS: Listing = Listing { part: part::<Snapshot>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &DETAILS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, Snapshot::of))
}

static AS_EVS: Listing =
    Listing { part: part::<CloudSnapshot>(), count: Count::Always, filters: &[FILTERS, PLACE], ..SUMMARIES };

async fn list_as_evs(call: Call) -> Result<Answer> {
    let query = call.query()?;
    let page = AS_EVS.narrowed(&call, &query, cloudvolumes::place(&call, &query)?.table(&call, FILTERS)?)?;
    let (page, count) = AS_EVS.look(&call, service::copies::list(call.cx(), CopyKind::Snapshot, &page, true)).await?;
    let volumes = call.look(service::copies::volumes_of(call.cx(), &page.rows)).await?;
    Ok(Answer::page(&call, &AS_EVS, &page, count, |snapshot| CloudSnapshot::of(snapshot, volumes.get(&snapshot.volume_id))))
}

async fn show(call: Call) -> Result<Answer> {
    let snapshot = copies::named(&call, CopyKind::Snapshot).await?;
    Ok(Answer::one(&call, 200, "snapshot", &Snapshot::of(&snapshot)))
}

async fn update(mut call: Call, body: UpdateSnapshot) -> Result<Answer> {
    let (name, description) = (body.name.or(body.display_name), body.description.or(body.display_description));
    let is_something = name.is_some() || description.is_some();
    ensure!(is_something, malformed("`snapshot` says nothing. Give name, description, or both."));
    let snapshot = copies::update(&mut call, CopyKind::Snapshot, Update { name, description, metadata: None }).await?;
    Ok(Answer::one(&call, 200, "snapshot", &ChangedSnapshot::of(&snapshot)))
}

// `POST snapshots/{id}/action`. Source: Cinder's `snapshot_actions` and `admin_actions`.

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
