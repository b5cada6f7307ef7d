//! The six operations on transfers: extract, call the service, pick a view.

use serde_json::{Map, Value, json};

pub mod asked;
pub mod view;

use crate::{
    domain::{
        Noun, Offer,
        page::{Direction, Order, SortKey},
        transfer::Resource,
    },
    http::{
        answer::{problem::Problem, success::Answer},
        request::{
            call::Call,
            idempotency,
            list_query::{Filters, List},
            parameter::{Parameter, id, text},
        },
    },
    service::transfers::{self, Accept, Delete, Show},
};

/// Offers a volume: 202 with the only answer that shows the key. Done once where the request names itself.
pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    idempotency::heed(&mut call)?;
    let asked = asked::create(&mut call)?;
    let (offer, key) = call.perform(asked).await?;
    Ok(Answer::json(202, json!({"transfer": view::created(&call, &offer, &key)})))
}

/// Takes an offer whose key the body has: 202. Done once where the request names itself.
pub async fn accept(mut call: Call) -> Result<Answer, Problem> {
    idempotency::heed(&mut call)?;
    let key = asked::accept(&mut call)?;
    let id = call.id(Noun::Transfer)?;
    let offer = call.perform(Accept { id, key }).await?;
    Ok(Answer::json(202, json!({"transfer": view::summary(&call, &offer)})))
}

/// One offer of the caller's; 404 once it has ended.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Transfer)?;
    let offer = call.look(Show(id)).await?;
    Ok(Answer::json(200, json!({"transfer": view::detail(&call, &offer)})))
}

/// Takes an offer back: 202. Done once where the request names itself.
pub async fn delete(mut call: Call) -> Result<Answer, Problem> {
    idempotency::heed(&mut call)?;
    let id = call.id(Noun::Transfer)?;
    call.perform(Delete(id)).await?;
    Ok(Answer::empty(202))
}

/// A page of ids, names, volumes and links.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    page(call, view::summary).await
}

/// A page with every key but the auth key.
pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    page(call, view::detail).await
}

async fn page(call: Call, view: fn(&Call, &Offer) -> Map<String, Value>) -> Result<Answer, Problem> {
    let (query, list) = (call.query()?, offers(&call));
    let wanted = list.wanted(&call, &query, Filters::of(&query).table(&call, FILTERS)?)?;
    let page = list.look(&call, transfers::List(wanted)).await?;
    Ok(Answer::page(&call, "transfers", &page, |transfer| view(&call, &transfer.offer)))
}

/// What a list of offers can be narrowed to.
pub const FILTERS: &[Parameter] = &[text("name"), id("id"), id("volume_id")];

/// What offers can be sorted by.
pub const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt];

/// Oldest first, but newest first where Cinder came to think better of it.
fn offers(call: &Call) -> List {
    let newest_first = call.resource == Resource::VolumeTransfers && call.is_from(59);
    List {
        noun: Noun::Transfer,
        keys: SORT_KEYS,
        default: Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending }),
    }
}
