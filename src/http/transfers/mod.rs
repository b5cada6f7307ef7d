//! The six operations on transfers: extract, call the service, pick a view.

use serde_json::{Map, Value, json};

pub mod asked;
pub mod view;

use super::{
    answer::Answer,
    call::Call,
    list_query::{Filters, List},
    once,
    parameter::{Parameter, id, text},
    problem::Problem,
};
use crate::{
    domain::{
        Noun, Offer,
        page::{Direction, Order, SortKey},
        transfer::Resource,
    },
    service::transfers::{accept, create, delete, list, show},
};

pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    once::heed(&mut call)?;
    let asked = asked::create(&mut call)?;
    let done = create::create(&call.service, call.asker(), asked).await?;
    let (offer, key) = call.as_first_answered(done);
    Ok(Answer::json(202, json!({"transfer": view::created(&call, &offer, &key)})))
}

pub async fn accept(mut call: Call) -> Result<Answer, Problem> {
    once::heed(&mut call)?;
    let key = asked::accept(&mut call)?;
    let id = call.id(Noun::Transfer)?;
    let done =
        accept::accept(&call.service, call.asker(), id, key).await.map_err(|error| call.problem(Noun::Transfer, error))?;
    let offer = call.as_first_answered(done);
    Ok(Answer::json(202, json!({"transfer": view::summary(&call, &offer)})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Transfer)?;
    let offer = show::show(&call.service, call.asker(), id).await.map_err(|error| call.problem(Noun::Transfer, error))?;
    Ok(Answer::json(200, json!({"transfer": view::detail(&call, &offer)})))
}

pub async fn delete(mut call: Call) -> Result<Answer, Problem> {
    once::heed(&mut call)?;
    let id = call.id(Noun::Transfer)?;
    delete::delete(&call.service, call.asker(), id).await.map_err(|error| call.problem(Noun::Transfer, error))?;
    Ok(Answer::empty(202))
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    page(call, view::summary).await
}

pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    page(call, view::detail).await
}

async fn page(call: Call, view: fn(&Call, &Offer) -> Map<String, Value>) -> Result<Answer, Problem> {
    let (query, list) = (call.query()?, transfers(&call));
    let wanted = list.wanted(&call, &query, Filters::of(&query).table(&call, FILTERS)?)?;
    let page = list::list(&call.service, call.asker(), &wanted).await.map_err(|error| list.problem(&call, error))?;
    Ok(Answer::page(&call, "transfers", &page, |transfer| view(&call, &transfer.offer)))
}

/// What a list of offers can be narrowed to.
pub const FILTERS: &[Parameter] = &[text("name"), id("id"), id("volume_id")];

/// What offers can be sorted by.
pub const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt];

/// Oldest first, but newest first where Cinder came to think better of it.
fn transfers(call: &Call) -> List {
    let newest_first = call.made_on().resource == Resource::VolumeTransfers && call.is_from(59);
    List {
        noun: Noun::Transfer,
        keys: SORT_KEYS,
        default: Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending }),
    }
}
