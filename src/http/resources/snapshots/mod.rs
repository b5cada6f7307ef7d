//! Snapshots as clients drive them.

pub mod actions;
pub mod request;
pub mod response;

use self::request::{CreateSnapshot, UpdateSnapshot};
use self::response::{Changed, Detail, Evs, Summary};
use super::cloudvolumes::filters::{self, PLACE};
use super::copies::{self, SORT_KEYS};
use crate::http::request::query_parameter::{Parameter, dictionary, id, text};
use crate::http::resources::prelude::*;
use crate::service::copies::{CopyKind, VolumesOf};

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
];

/// Makes a snapshot at once: 202.
pub static CREATE: Operation<CreateSnapshot> =
    Operation::new(&SNAPSHOTS, "Create a snapshot", |call, body| Box::pin(create(call, body)))
        .answers(202, One("snapshot", part::<Changed>()))
        .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota]);

async fn create(mut call: Call, body: CreateSnapshot) -> Result<Answer, Problem> {
    let asked = body.asked(&call)?;
    let snapshot = call.perform(asked).await?;
    Ok(Answer::one(&call, 202, "snapshot", &Changed::created(&snapshot)))
}

/// A page of snapshots without what only details have.
pub static LIST: Operation =
    Operation::new(&SNAPSHOTS, "List snapshots", |call, ()| Box::pin(list(call))).list(&SUMMARIES, SORT_KEYS).query(&[FILTERS]);

static SUMMARIES: Listing = listing("snapshots", part::<Summary>()).count(Count::Asked);

async fn list(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &SUMMARIES, FILTERS).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, Summary::of))
}

/// A page with every key.
pub static LIST_WITH_DETAILS: Operation =
    Operation::new(&SNAPSHOTS, "List snapshots with details", |call, ()| Box::pin(list_with_details(call)))
        .list(&DETAILS, SORT_KEYS)
        .query(&[FILTERS]);

static DETAILS: Listing = listing("snapshots", part::<Detail>()).count(Count::Asked);

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &DETAILS, FILTERS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, Detail::of))
}

/// EVS's list: narrowed by where each snapshot's volume lies and with that, and always counted.
pub static LIST_AS_EVS: Operation =
    Operation::new(&SNAPSHOTS, "List snapshots as EVS does", |call, ()| Box::pin(list_as_evs(call)))
        .description("With what is known of each one's volume.")
        .list(&AS_EVS, SORT_KEYS)
        .query(&[FILTERS, PLACE]);

static AS_EVS: Listing = listing("snapshots", part::<Evs>()).count(Count::Always);

async fn list_as_evs(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let filters = filters::place(&call, &query)?.table(&call, FILTERS)?;
    let (page, count) = copies::narrowed(&call, CopyKind::Snapshot, &query, filters, true).await?;
    let volumes = call.look(VolumesOf(&page.rows)).await?;
    let view = |snapshot| Evs::of(snapshot, volumes.get(&snapshot.volume_id));
    Ok(Answer::page(&call, &AS_EVS, &page, count, view))
}

/// One snapshot; 404 for another project's.
pub static SHOW: Operation = Operation::new(&SNAPSHOTS, "Show a snapshot", |call, ()| Box::pin(show(call)))
    .answers(200, One("snapshot", part::<Detail>()))
    .refuses(&[Kind::NotFound]);

async fn show(call: Call) -> Result<Answer, Problem> {
    let snapshot = copies::named(&call, CopyKind::Snapshot).await?;
    Ok(Answer::one(&call, 200, "snapshot", &Detail::of(&snapshot)))
}

/// Renames it or describes it anew.
pub static UPDATE: Operation<UpdateSnapshot> =
    Operation::new(&SNAPSHOTS, "Change a snapshot's name or description", |call, body| Box::pin(update(call, body)))
        .answers(200, One("snapshot", part::<Changed>()))
        .refuses(&[Kind::NotFound]);

async fn update(mut call: Call, body: UpdateSnapshot) -> Result<Answer, Problem> {
    let snapshot = copies::update(&mut call, CopyKind::Snapshot, body.asked()?).await?;
    Ok(Answer::one(&call, 200, "snapshot", &Changed::of(&snapshot)))
}

/// Deletes it: 202, or a refusal for its state.
pub static DELETE: Operation =
    Operation::new(&SNAPSHOTS, "Delete a snapshot", |call, ()| Box::pin(copies::delete(call, CopyKind::Snapshot)))
        .answers(202, Nothing)
        .refuses(&[Kind::NotFound, Kind::Refused]);
