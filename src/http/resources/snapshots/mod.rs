//! Snapshots as clients drive them.

pub mod actions;
pub mod request;
pub mod response;

use self::request::{CreateSnapshot, UpdateSnapshot};
use self::response::{Changed, Detail, Evs, Summary};
use super::cloudvolumes::filters::{self, PLACE};
use super::copies::{self, SORT_KEYS};
use crate::http::resources::prelude::*;
use crate::service;

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

operations! { SNAPSHOTS;
    /// Makes a snapshot at once: 202.
    CREATE: "Create a snapshot", |call, body: CreateSnapshot| create(call, body) => 202 One("snapshot", part::<Changed>()),
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of snapshots without what only details have.
    LIST: "List snapshots", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key.
    LIST_WITH_DETAILS: "List snapshots with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// EVS's list: narrowed by where each snapshot's volume lies and with that, and always counted.
    LIST_AS_EVS: "List snapshots as EVS does", |call| list_as_evs(call) => 200 Paged(&AS_EVS),
        description: "With what is known of each one's volume.";

    /// One snapshot; 404 for another project's.
    SHOW: "Show a snapshot", |call| show(call) => 200 One("snapshot", part::<Detail>()), refuses: &[Kind::NotFound];

    /// Renames it or describes it anew.
    UPDATE: "Change a snapshot's name or description", |call, body: UpdateSnapshot| update(call, body)
        => 200 One("snapshot", part::<Changed>()), refuses: &[Kind::NotFound];

    /// Deletes it: 202, or a refusal for its state.
    DELETE: "Delete a snapshot", |call| copies::delete(call, CopyKind::Snapshot) => 202 Nothing,
        refuses: &[Kind::NotFound, Kind::Refused];
}

async fn create(mut call: Call, body: CreateSnapshot) -> Result<Answer, Problem> {
    let asked = body.asked(&call)?;
    let snapshot = call.perform(asked).await?;
    Ok(Answer::one(&call, 202, "snapshot", &Changed::created(&snapshot)))
}

static SUMMARIES: Listing =
    Listing { count: Count::Asked, ..listing("snapshots", part::<Summary>(), RecordKind::Snapshot, SORT_KEYS, &[FILTERS]) };

async fn list(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, Summary::of))
}

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let (page, count) = copies::page(&call, CopyKind::Snapshot, &DETAILS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, Detail::of))
}

static AS_EVS: Listing = Listing { part: part::<Evs>(), count: Count::Always, filters: &[FILTERS, PLACE], ..SUMMARIES };

async fn list_as_evs(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let filters = filters::place(&call, &query)?.table(&call, FILTERS)?;
    let page = AS_EVS.narrowed(&call, &query, filters)?;
    let (page, count) = AS_EVS.look(&call, service::copies::list(call.cx(), CopyKind::Snapshot, &page, true)).await?;
    let volumes = call.look(service::copies::volumes_of(call.cx(), &page.rows)).await?;
    let view = |snapshot| Evs::of(snapshot, volumes.get(&snapshot.volume_id));
    Ok(Answer::page(&call, &AS_EVS, &page, count, view))
}

async fn show(call: Call) -> Result<Answer, Problem> {
    let snapshot = copies::named(&call, CopyKind::Snapshot).await?;
    Ok(Answer::one(&call, 200, "snapshot", &Detail::of(&snapshot)))
}

async fn update(mut call: Call, body: UpdateSnapshot) -> Result<Answer, Problem> {
    let snapshot = copies::update(&mut call, CopyKind::Snapshot, body.asked()?).await?;
    Ok(Answer::one(&call, 200, "snapshot", &Changed::of(&snapshot)))
}
