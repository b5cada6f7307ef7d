//! Backups as clients drive them.

pub mod actions;
pub mod request;
pub mod response;

use self::request::{CreateBackup, UpdateBackup};
use self::response::{Detail, Summary};
use super::copies::{self, SORT_KEYS};
use crate::http::request::query_parameter::{Parameter, id, text};
use crate::http::resources::prelude::*;
use crate::service::copies::{CopyKind, Parents};

/// What the operations are about.
pub static BACKUPS: Subject =
    Subject { name: "backups", what: "Backups of volumes: records without content, which the rules of a transfer ask about." };

/// What a list can be narrowed to.
const FILTERS: &[Parameter] = &[text("name"), text("status"), id("id"), id("volume_id")];

/// Makes a backup, complete or incremental, at once: 202.
pub static CREATE: Operation<CreateBackup> =
    Operation::new(&BACKUPS, "Create a backup", |call, body| Box::pin(create(call, body)))
        .answers(202, One("backup", part::<Summary>()))
        .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota]);

async fn create(mut call: Call, body: CreateBackup) -> Result<Answer, Problem> {
    let backup = call.perform(body.asked()).await?;
    Ok(Answer::one(&call, 202, "backup", &Summary::of(&call, &backup)))
}

/// A page of ids, names and links.
pub static LIST: Operation =
    Operation::new(&BACKUPS, "List backups", |call, ()| Box::pin(list(call))).list(&SUMMARIES, SORT_KEYS).query(&[FILTERS]);

static SUMMARIES: Listing = listing("backups", part::<Summary>()).count(Count::Asked);

async fn list(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &SUMMARIES, FILTERS).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |backup| Summary::of(&call, backup)))
}

/// A page with every key.
pub static LIST_WITH_DETAILS: Operation =
    Operation::new(&BACKUPS, "List backups with details", |call, ()| Box::pin(list_with_details(call)))
        .list(&DETAILS, SORT_KEYS)
        .query(&[FILTERS]);

static DETAILS: Listing = listing("backups", part::<Detail>()).count(Count::Asked);

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Backup, &DETAILS, FILTERS).await?;
    let parents = call.look(Parents(&page.rows)).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |backup| Detail::of(&call, backup, &parents)))
}

/// One backup; 404 for another project's.
pub static SHOW: Operation = Operation::new(&BACKUPS, "Show a backup", |call, ()| Box::pin(show(call)))
    .answers(200, One("backup", part::<Detail>()))
    .refuses(&[Kind::NotFound]);

async fn show(call: Call) -> Result<Answer, Problem> {
    let backup = copies::named(&call, CopyKind::Backup).await?;
    let parents = call.look(Parents(std::slice::from_ref(&backup))).await?;
    Ok(Answer::one(&call, 200, "backup", &Detail::of(&call, &backup, &parents)))
}

/// Renames it, describes it anew, or replaces its metadata.
pub static UPDATE: Operation<UpdateBackup> =
    Operation::new(&BACKUPS, "Change a backup's name, description or metadata", |call, body| Box::pin(update(call, body)))
        .description("Since microversion 3.9; before, 404.")
        .since(9)
        .answers(200, One("backup", part::<Summary>()))
        .refuses(&[Kind::NotFound]);

async fn update(mut call: Call, body: UpdateBackup) -> Result<Answer, Problem> {
    let backup = copies::update(&mut call, CopyKind::Backup, body.asked()).await?;
    Ok(Answer::one(&call, 200, "backup", &Summary::of(&call, &backup)))
}

/// Deletes it: 202; 400 while an incremental one builds on it.
pub static DELETE: Operation =
    Operation::new(&BACKUPS, "Delete a backup", |call, ()| Box::pin(copies::delete(call, CopyKind::Backup)))
        .answers(202, Nothing)
        .refuses(&[Kind::NotFound, Kind::Refused]);
