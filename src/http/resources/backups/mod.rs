//! Backups as clients drive them.

pub mod actions;
pub mod request;
pub mod response;

use self::request::{CreateBackup, UpdateBackup};
use self::response::{Detail, Summary};
use super::copies::{self, SORT_KEYS};
use crate::http::resources::prelude::*;
use crate::service;

/// What the operations are about.
pub static BACKUPS: Subject =
    Subject { name: "backups", what: "Backups of volumes: records without content, which the rules of a transfer ask about." };

/// What a list can be narrowed to.
const FILTERS: &[Parameter] = &[text("name"), text("status"), id("id"), id("volume_id")];

operations! { BACKUPS;
    /// Makes a backup, complete or incremental, at once: 202.
    CREATE: "Create a backup", |call, body: CreateBackup| create(call, body) => 202 One("backup", part::<Summary>()),
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of ids, names and links.
    LIST: "List backups", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key.
    LIST_WITH_DETAILS: "List backups with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One backup; 404 for another project's.
    SHOW: "Show a backup", |call| show(call) => 200 One("backup", part::<Detail>()), refuses: &[Kind::NotFound];

    /// Renames it, describes it anew, or replaces its metadata.
    UPDATE: "Change a backup's name, description or metadata", |call, body: UpdateBackup| update(call, body)
        => 200 One("backup", part::<Summary>()),
        description: "Since microversion 3.9; before, 404.",
        since: Some(9),
        refuses: &[Kind::NotFound];

    /// Deletes it: 202; 400 while an incremental one builds on it.
    DELETE: "Delete a backup", |call| copies::delete(call, CopyKind::Backup) => 202 Nothing,
        refuses: &[Kind::NotFound, Kind::Refused];
}

async fn create(mut call: Call, body: CreateBackup) -> Result<Answer, Problem> {
    let backup = call.perform(body.asked()).await?;
    Ok(Answer::one(&call, 202, "backup", &Summary::of(&call, &backup)))
}

static SUMMARIES: Listing =
    Listing { count: Count::Asked, ..listing("backups", part::<Summary>(), RecordKind::Backup, SORT_KEYS, &[FILTERS]) };

async fn list(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |backup| Summary::of(&call, backup)))
}

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &DETAILS).await?;
    let parents = call.look(service::copies::parents(call.cx(), &page.rows)).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |backup| Detail::of(&call, backup, &parents)))
}

async fn show(call: Call) -> Result<Answer, Problem> {
    let backup = copies::named(&call, CopyKind::Backup).await?;
    let parents = call.look(service::copies::parents(call.cx(), std::slice::from_ref(&backup))).await?;
    Ok(Answer::one(&call, 200, "backup", &Detail::of(&call, &backup, &parents)))
}

async fn update(mut call: Call, body: UpdateBackup) -> Result<Answer, Problem> {
    let backup = copies::update(&mut call, CopyKind::Backup, body.asked()).await?;
    Ok(Answer::one(&call, 200, "backup", &Summary::of(&call, &backup)))
}
