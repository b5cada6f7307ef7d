//! What is alike of the calls on snapshots and on backups: lists, delete, and the fields and actions that both have.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    domain::{
        Copy, VolumeStatus,
        copy::{BACKUP_STATUSES, SNAPSHOT_STATUSES},
        page::{Direction, Order, Page, SortKey},
    },
    http::{
        answer::{
            problem::Problem,
            shape::{Shape, part},
            success::Answer,
            types::{BackupStatus, SnapshotStatus},
        },
        request::{
            action::{self, Reads, Row, row},
            call::Call,
            fields::{Fields, malformed, text},
            list_query::{Filters, List},
            parameter::{Parameter, dictionary, id, text as exactly},
            query::Query,
        },
    },
    service::copies::{self, ChangeOf, CopyAction, Delete, Kind, Manner, Show, Update},
};

/// The one that the path names.
pub async fn named(call: &Call, kind: Kind) -> Result<Copy, Problem> {
    let id = call.id(kind.noun())?;
    call.look(Show { kind, id }).await
}

/// Changes the one that the path names, and gives it as it is then.
pub async fn update(call: &mut Call, kind: Kind, change: Update) -> Result<Copy, Problem> {
    let id = call.id(kind.noun())?;
    call.perform(ChangeOf { kind, id, change }).await
}

/// Deletes the one that the path names: 202, or a refusal for its state.
pub async fn delete(call: &mut Call, kind: Kind) -> Result<Answer, Problem> {
    let id = call.id(kind.noun())?;
    call.perform(Delete { kind, id, manner: Manner::Gently }).await?;
    Ok(Answer::empty(202))
}

/// Does what the body's action asks of the one that the path names, with the action's own status.
pub async fn act(call: &mut Call, kind: Kind) -> Result<Answer, Problem> {
    let actions = match kind {
        Kind::Snapshot => SNAPSHOT_ACTIONS,
        Kind::Backup => BACKUP_ACTIONS,
    };
    let (action, status) = action::asked(call, actions)?;
    let id = call.id(kind.noun())?;
    match action {
        Asked::Change(change) => drop(call.perform(ChangeOf { kind, id, change }).await?),
        Asked::ForceDelete => call.perform(Delete { kind, id, manner: Manner::ByForce }).await?,
    }
    Ok(Answer::empty(status))
}

/// What snapshots and backups can be sorted by.
pub const SORT_KEYS: &[SortKey] =
    &[SortKey::Id, SortKey::Name, SortKey::Status, SortKey::VolumeId, SortKey::Size, SortKey::CreatedAt, SortKey::UpdatedAt];

/// What a list of snapshots can be narrowed to.
pub const SNAPSHOT_FILTERS: &[Parameter] = &[
    exactly("name"),
    exactly("status"),
    id("id"),
    id("volume_id"),
    dictionary("metadata", "Only what has all of these metadata.").since(22),
];

/// What a list of backups can be narrowed to.
pub const BACKUP_FILTERS: &[Parameter] = &[exactly("name"), exactly("status"), id("id"), id("volume_id")];

/// Newest first.
fn list_of(kind: Kind) -> List {
    List { noun: kind.noun(), keys: SORT_KEYS, default: Order::by_age(Direction::Descending) }
}

/// A page, and how many there are on all pages where that was asked too.
pub struct Listed {
    pub page: Page<Copy>,
    pub count: Option<i64>,
}

impl Listed {
    /// The page that a query asks for.
    pub async fn of(call: &Call, kind: Kind) -> Result<Self, Problem> {
        let query = call.query()?;
        let counts = call.is_from(45) && query.boolean("with_count")?.unwrap_or_default();
        let listed = Self::narrowed(call, kind, &query, Filters::of(&query), counts).await?;
        Ok(Self { page: listed.page.linked_when_full(), ..listed })
    }

    /// The same, narrowed by `filters` too.
    pub async fn narrowed(call: &Call, kind: Kind, query: &Query, filters: Filters<'_>, counts: bool) -> Result<Self, Problem> {
        let list = list_of(kind);
        let table = match kind {
            Kind::Snapshot => SNAPSHOT_FILTERS,
            Kind::Backup => BACKUP_FILTERS,
        };
        let wanted = list.wanted(call, query, filters.table(call, table)?)?;
        let (page, count) = list.look(call, copies::List { kind, page: wanted, is_counted: counts }).await?;
        Ok(Self { page, count })
    }

    /// The page under `name`, each row as `view` shows it, counted where it was asked.
    pub fn answer(&self, call: &Call, name: &str, view: impl Fn(&Copy) -> Map<String, Value>) -> Answer {
        Answer::page(call, name, &self.page, view).counted_if(self.count)
    }
}

/// The status that a snapshot is to have.
#[derive(ToSchema)]
pub struct ResetSnapshotStatus {
    pub status: SnapshotStatus,
}

/// How far a snapshot is, from what makes it.
#[derive(ToSchema)]
pub struct ReportSnapshotStatus {
    pub status: SnapshotStatus,
    /// Such as 80%.
    pub progress: Option<String>,
}

/// The status that a backup is to have.
#[derive(ToSchema)]
pub struct ResetBackupStatus {
    pub status: BackupStatus,
}

impl Shape for ResetSnapshotStatus {}

impl Shape for ReportSnapshotStatus {}

impl Shape for ResetBackupStatus {}

/// What an action comes to.
pub enum Asked {
    Change(CopyAction),
    ForceDelete,
}

/// Actions on a snapshot. Source: Cinder's `snapshot_actions` and `admin_actions`.
pub static SNAPSHOT_ACTIONS: &[Row<Asked>] = &[
    row("os-force_delete", 202, Reads::Nothing(|| Asked::ForceDelete)),
    row(
        "os-reset_status",
        202,
        Reads::Fields(part::<ResetSnapshotStatus>(), |_, fields| {
            Ok(Asked::Change(CopyAction::ResetStatus(status(fields, Kind::Snapshot)?)))
        }),
    ),
    row("os-update_snapshot_status", 202, Reads::Fields(part::<ReportSnapshotStatus>(), report)),
];

/// Actions on a backup. Source: Cinder's `admin_actions`.
pub static BACKUP_ACTIONS: &[Row<Asked>] = &[
    row("os-force_delete", 202, Reads::Nothing(|| Asked::ForceDelete)),
    row(
        "os-reset_status",
        202,
        Reads::Fields(part::<ResetBackupStatus>(), |_, fields| {
            Ok(Asked::Change(CopyAction::ResetStatus(status(fields, Kind::Backup)?)))
        }),
    ),
];

fn report(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    let (status, progress) = (status(fields, Kind::Snapshot)?, fields.read("progress", text)?.flatten());
    Ok(Asked::Change(CopyAction::Report { status, progress }))
}

/// A status that one of this kind can be set to, in any case.
fn status(fields: &mut Fields, kind: Kind) -> Result<VolumeStatus, Problem> {
    let words: &[&str] = match kind {
        Kind::Snapshot => &SNAPSHOT_STATUSES,
        Kind::Backup => &BACKUP_STATUSES,
    };
    let value = fields.required("status")?;
    let word = value.as_str().map(str::to_lowercase).filter(|word| words.contains(&word.as_str()));
    word.as_deref().and_then(VolumeStatus::parse).ok_or_else(|| {
        let shown: String = value.to_string().chars().take(64).collect();
        let valid = words.join(", ");
        malformed(format!("{} status: {shown} is invalid, valid statuses are: {valid}.", kind.noun().name()))
    })
}
