//! Backups as clients drive them.

use std::collections::HashSet;

use crate::http::request::fields::BackupStatus;
use crate::http::resources::copies::{self, Asked, FORCE_DELETE, SORT_KEYS};
use crate::http::resources::prelude::*;
use crate::service::copies::{CopyAction, Create, What, backup};

// The bodies of create and update.

bodies! {
    /// A backup to be made, of a volume or of one of its snapshots.
    CreateBackup under "backup" {
        volume_id: VolumeId,
        name: Option<Text>,
        description: Option<Text>,
        snapshot_id: Option<Reference>,
        /// Whether also of a volume that is in use.
        #[serde(default)]
        force: LooseBool,
        /// Whether to build on the volume's last backup.
        #[serde(default)]
        incremental: LooseBool,
        container: Option<Text>,
        metadata: Option<Texts>,
        availability_zone: Option<Text>,
    }, keys &[FieldRule::since("metadata", 43), FieldRule::since("availability_zone", 51)];

    /// What a backup is to be called and to have as metadata; what is left out stays as it is.
    UpdateBackup under "backup" {
        #[serde(default)]
        name: Renamed,
        #[serde(default)]
        description: Renamed,
        #[serde(default, deserialize_with = "fields::given")]
        metadata: Option<Texts>,
    }, keys &[FieldRule::since("metadata", 43)];

    /// The status that a backup is to have.
    ResetBackupStatus {
        status: BackupStatus,
    };
}

// What a backup looks like to a client. Source: Cinder's `backups`, which real test suites hold to its keys.

view! {
    /// A row of a plain list, and the answer to create and update.
    BackupSummary<'a> of(call: &Call, backup: &'a VolumeCopy) {
        id: Id = backup.id,
        name: Option<&'a str> = backup.name.as_deref(),
        links: [Link; 2] = call.links("backups", backup.id),
    };

    /// A backup as it is read.
    // Of a backup as it is read, alone or in a list. `parents`: those that an incremental backup builds on.
    Backup<'a> of(call: &Call, backup: &'a VolumeCopy, parents: &HashSet<Id>) {
        #[serde(flatten)]
        summary: BackupSummary<'a> = BackupSummary::of(call, backup),
        status: &'a VolumeStatus = &backup.status,
        /// GiB.
        size: i64 = backup.size,
        /// In how many pieces it is stored.
        object_count: i64 = backup.extra.get("object_count").and_then(Value::as_i64).unwrap_or_default(),
        availability_zone: Option<&'a str> = backup.extra_text("availability_zone"),
        container: Option<&'a str> = backup.extra_text("container"),
        created_at: Time = backup.created_at,
        updated_at: Option<Time> = backup.updated_at,
        description: Option<&'a str> = backup.description.as_deref(),
        fail_reason: Option<&'a str> = backup.extra_text("fail_reason"),
        volume_id: Id = backup.volume_id,
        is_incremental: bool = backup.extra.get("is_incremental").and_then(Value::as_bool).unwrap_or_default(),
        has_dependent_backups: bool = parents.contains(&backup.id),
        snapshot_id: Option<&'a str> = backup.extra_text("snapshot_id"),
        /// When the volume was as the backup has it.
        data_timestamp: Time = backup.data_timestamp(),
        #[schema(value_type = Texts)]
        metadata: &'a Map<String, Value> = &backup.metadata,
        /// An encrypted backup's.
        #[serde(skip_serializing_if = "Option::is_none")]
        encryption_key_id: Option<&'a str> = backup.extra_text("encryption_key_id"),
        user_id: Option<&'a str> = backup.user_id.as_deref(),
        project_id as "os-backup-project-attr:project_id": &'a ProjectId = &backup.project_id,
    }, keys &[
        FieldRule::since("os-backup-project-attr:project_id", 18).for_admins(),
        FieldRule::since("metadata", 43),
        FieldRule::since("user_id", 56).for_admins(),
        FieldRule::since("encryption_key_id", 64).at_times(),
    ];
}

/// What the operations are about.
pub static BACKUPS: Subject =
    Subject { name: "backups", what: "Backups of volumes: records without content, which the rules of a transfer ask about." };

/// What a list can be narrowed to.
const FILTERS: &[Parameter] =
    &[text("name"), text("status"), id("id"), id("volume_id"), times("created_at").since(60), times("updated_at").since(60)];

operations! { BACKUPS;
    /// Makes a backup, complete or incremental, at once: 202.
    CREATE: "Create a backup", |call, body: CreateBackup| create(call, body) => 202 One("backup", part::<BackupSummary>()),
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of ids, names and links.
    LIST: "List backups", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key.
    LIST_WITH_DETAILS: "List backups with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One backup; 404 for another project's.
    SHOW: "Show a backup", |call| show(call) => 200 One("backup", part::<Backup>()), refuses: &[Kind::NotFound];

    /// Renames it, describes it anew, or replaces its metadata.
    UPDATE: "Change a backup's name, description or metadata", |call, body: UpdateBackup| update(call, body)
        => 200 One("backup", part::<BackupSummary>()),
        description: "Since microversion 3.9; before, 404.",
        since: Some(9),
        refuses: &[Kind::NotFound];

    /// Deletes it: 202; 400 while an incremental one builds on it.
    DELETE: "Delete a backup", |call| copies::delete(call, CopyKind::Backup) => 202 Nothing,
        refuses: &[Kind::NotFound, Kind::Refused];

    /// An action of the table; 400 where there is no such action, or the backup's state refuses it.
    ACT: "Do something to a backup", |call, body: Acted<OnBackups>| copies::act(call, CopyKind::Backup, body) => 200 Nothing,
        description: "The body's one key names what is done.", refuses: &[Kind::NotFound, Kind::Refused];
}

async fn create(mut call: Call, body: CreateBackup) -> Result<Answer> {
    let asked = backup::Asked {
        takes_in_use: body.force.0,
        is_incremental: body.incremental.0,
        snapshot_id: body.snapshot_id.unwrap_or_default().0,
        container: first_of(body.container, None),
        availability_zone: first_of(body.availability_zone, None),
    };
    let create = Create {
        volume_id: body.volume_id.0,
        name: first_of(body.name, None),
        description: first_of(body.description, None),
        metadata: body.metadata.unwrap_or_default().0,
        what: What::Backup(asked),
    };
    let backup = call.perform(create).await?;
    Ok(Answer::one(&call, 202, "backup", &BackupSummary::of(&call, &backup)))
}

static SUMMARIES: Listing =
    Listing { count: Count::Asked, ..listing("backups", part::<BackupSummary>(), RecordKind::Backup, SORT_KEYS, &[FILTERS]) };

async fn list(call: Call) -> Result<Answer> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |backup| BackupSummary::of(&call, backup)))
}

static DETAILS: Listing = Listing { part: part::<Backup>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &DETAILS).await?;
    let parents = call.look(service::copies::parents(call.cx(), &page.rows)).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |backup| Backup::of(&call, backup, &parents)))
}

async fn show(call: Call) -> Result<Answer> {
    let backup = copies::named(&call, CopyKind::Backup).await?;
    let parents = call.look(service::copies::parents(call.cx(), std::slice::from_ref(&backup))).await?;
    Ok(Answer::one(&call, 200, "backup", &Backup::of(&call, &backup, &parents)))
}

async fn update(mut call: Call, body: UpdateBackup) -> Result<Answer> {
    let metadata = body.metadata.map(|Texts(texts)| texts);
    let change = Update { name: body.name.0, description: body.description.0, metadata };
    let backup = copies::update(&mut call, CopyKind::Backup, change).await?;
    Ok(Answer::one(&call, 200, "backup", &BackupSummary::of(&call, &backup)))
}

// `POST backups/{id}/action`. Source: Cinder's `admin_actions`.

/// Those of backups.
pub enum OnBackups {}

impl Actions for OnBackups {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        FORCE_DELETE,
        row!("os-reset_status" ResetBackupStatus => |ResetBackupStatus { status }, _| {
            Ok(Asked::Change(CopyAction::ResetStatus(status.0)))
        }),
    ];
}
