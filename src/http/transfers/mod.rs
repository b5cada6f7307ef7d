//! The six operations on transfers: extract, call the service, pick a view.

use serde_json::{Map, Value, json};

mod view;

use super::{
    answer::Answer,
    call::Call,
    fields::{self, Fields, boolean, kind_of, malformed},
    list_query::{Filters, List},
    once,
    problem::Problem,
};
use crate::{
    domain::{
        AuthKey, Noun, Offer, TransferName,
        page::{Direction, Order, SortKey},
        transfer::Resource,
    },
    service::transfers::{accept, create, delete, list, show},
};

pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    once::heed(&mut call)?;
    let asked = create_fields(&mut call)?;
    let done = create::create(&call.service, call.asker(), asked).await?;
    let (offer, key) = call.as_first_answered(done);
    Ok(Answer::json(202, json!({"transfer": view::created(&call, &offer, &key)})))
}

pub async fn accept(mut call: Call) -> Result<Answer, Problem> {
    once::heed(&mut call)?;
    let key = accept_fields(&mut call)?;
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
    let filters = Filters::of(&query).text("name").id("id").id("volume_id");
    let wanted = list.wanted(&call, &query, filters)?;
    let page = list::list(&call.service, call.asker(), &wanted).await.map_err(|error| list.problem(&call, error))?;
    Ok(Answer::page(&call, "transfers", &page, |transfer| view(&call, &transfer.offer)))
}

/// Oldest first, but newest first where Cinder came to think better of it.
fn transfers(call: &Call) -> List {
    let newest_first = call.made_on().resource == Resource::VolumeTransfers && call.is_from(59);
    List {
        noun: Noun::Transfer,
        keys: &[SortKey::Id, SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt],
        default: Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending }),
    }
}

fn create_fields(call: &mut Call) -> Result<create::Create, Problem> {
    let mut fields = Fields::of(call.body.take(), "transfer")?;
    let volume_id = fields.required("volume_id")?;
    let name = fields.optional("name");
    let made_on = call.made_on();
    // elsewhere it is unknown, and refused as such
    let no_snapshots = made_on.is_volume_transfers_from(55).then(|| fields.optional("no_snapshots")).flatten();
    fields.end()?;
    Ok(create::Create {
        volume_id: fields::volume_id(&volume_id)?,
        name: name.map(|name| name_field(&name)).transpose()?.flatten(),
        made_on,
        no_snapshots: no_snapshots.map_or(Ok(false), |value| boolean("no_snapshots", &value))?,
    })
}

fn name_field(value: &Value) -> Result<Option<TransferName>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => TransferName::parse(text).map(Some).map_err(|error| malformed(format!("The {error}."))),
        other => Err(malformed(format!("name is {}; give a string, null, or leave it out.", kind_of(other)))),
    }
}

fn accept_fields(call: &mut Call) -> Result<AuthKey, Problem> {
    let mut fields = Fields::of(call.body.take(), "accept")?;
    let key = fields.required("auth_key")?;
    fields.end()?;
    match key {
        Value::String(text) => Ok(AuthKey::claimed(text)),
        Value::Number(number) if is_integer(&number) => Ok(AuthKey::claimed(number.to_string())),
        other => Err(malformed(format!("auth_key is {}; give the string that the answer to create showed.", kind_of(&other)))),
    }
}

/// A whole number; one of more than 64 bits is read as a float, and opens nothing.
fn is_integer(number: &serde_json::Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0 && float.abs() >= 2f64.powi(63))
}
