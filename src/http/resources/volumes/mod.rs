//! Volumes as clients drive them: extract, call the service, pick a view.

use serde_json::{Map, Value, json};

pub mod actions;
pub mod asked;
pub mod filters;
pub mod view;

use self::filters::FILTERS;
use crate::{
    domain::{
        Noun, Volume,
        page::{Direction, Order, SortKey},
    },
    http::{
        answer::{problem::Problem, success::Answer},
        request::{
            call::Call,
            list_query::{Filters, List},
            parameter::{Parameter, switch, word},
        },
    },
    service::volumes::{self, ChangeVolume, Delete, Manner, Show, Summary},
};

/// Makes a volume: 202, and `creating` in this answer also where it is there at once.
pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let wanted = asked::create(&mut call)?;
    let volume = call.perform(wanted).await?;
    Ok(Answer::json(202, json!({"volume": view::created(&call, &volume)})))
}

/// Renames it, describes it anew, or replaces its metadata.
pub async fn update(mut call: Call) -> Result<Answer, Problem> {
    let wanted = asked::update(&mut call)?;
    let id = call.id(Noun::Volume)?;
    let volume = call.perform(ChangeVolume { id, change: wanted }).await?;
    Ok(Answer::json(200, json!({"volume": view::changed(&call, &volume)})))
}

/// What the summary reads.
pub const SUMMARY: &[Parameter] = &[word("all_tenants", "From an admin: every project's. From anyone else it is ignored.")];

/// How many volumes there are and how large they are together, from microversion 3.12 on; 404 before.
pub async fn summary(call: Call) -> Result<Answer, Problem> {
    if !call.is_from(12) {
        return Err(Problem::not_found(Noun::Volume, "summary")); // before there were summaries it was an id like any other
    }
    let all_projects = call.query()?.is_on("all_tenants");
    let (total, metadata) = call.look(Summary { all_projects }).await?;
    Ok(Answer::json(200, json!({"volume-summary": view::totals(&call, total, &metadata)})))
}

/// One volume; 404 for another project's.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Volume)?;
    let volume = call.look(Show(id)).await?;
    Ok(Answer::json(200, json!({"volume": view::detail(&call, &volume)})))
}

/// What delete reads.
pub const DELETE: &[Parameter] = &[
    switch("cascade", "Whether its snapshots are to go with it."),
    switch("force", "From an admin: whether it is to go whatever its status."),
];

/// Deletes it: 202, or a refusal for its state or its snapshots.
pub async fn delete(mut call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let is_on = |name: &str| query.boolean(name).map(Option::unwrap_or_default);
    let (cascade, manner) = (is_on("cascade")?, if is_on("force")? { Manner::ByForce } else { Manner::Gently });
    let id = call.id(Noun::Volume)?;
    call.perform(Delete { id, cascade, manner }).await?;
    Ok(Answer::empty(202))
}

/// A page of ids, names and links.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    page(call, view::summary).await
}

/// A page with every key.
pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    page(call, view::detail).await
}

async fn page(call: Call, view: fn(&Call, &Volume) -> Map<String, Value>) -> Result<Answer, Problem> {
    let (query, list) = (call.query()?, newest_first());
    let is_counted = call.is_from(45) && query.boolean("with_count")?.unwrap_or_default();
    let wanted = list.wanted(&call, &query, Filters::of(&query).table(&call, FILTERS)?)?;
    let (page, count) = list.look(&call, volumes::List { page: wanted, is_counted }).await?;
    let answer = Answer::page(&call, "volumes", &page.linked_when_full(), |volume| view(&call, volume));
    Ok(answer.counted_if(count))
}

/// Newest first.
pub fn newest_first() -> List {
    List { noun: Noun::Volume, keys: SORT_KEYS, default: Order::by_age(Direction::Descending) }
}

/// What volumes can be sorted by.
pub const SORT_KEYS: &[SortKey] = &[
    SortKey::Id,
    SortKey::Name,
    SortKey::Status,
    SortKey::Size,
    SortKey::AvailabilityZone,
    SortKey::Bootable,
    SortKey::VolumeType,
    SortKey::CreatedAt,
    SortKey::UpdatedAt,
];
