//! The six operations on transfers: extract, call the service, pick a view.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Link},
    api::Api,
    call::Call,
    fields::{Fields, kind_of, malformed},
    list_query::{self, FitsNothing, filter},
    problem::{Kind, Problem},
    views::{self, Detail},
};
use crate::{
    domain::{
        AuthKey, Id, Offer, ProjectId, TransferName,
        page::{Direction, Order},
        transfer::Resource,
    },
    service::{self, accept, create, delete, list, show},
};

pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let asked = create_fields(&mut call)?;
    let (offer, key) = create::create(&call.service, call.asker(), asked).await?;
    Ok(Answer::json(202, views::created(&call, &offer, &key)))
}

pub async fn accept(mut call: Call) -> Result<Answer, Problem> {
    let key = accept_fields(&mut call)?;
    let id = transfer_id(&call)?;
    let offer = accept::accept(&call.service, call.asker(), id, key).await.map_err(|error| named(&call, error))?;
    Ok(Answer::json(202, json!({"transfer": views::transfer(&call, &offer, Detail::Summary)})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = transfer_id(&call)?;
    let offer = show::show(&call.service, call.asker(), id).await.map_err(|error| named(&call, error))?;
    Ok(Answer::json(200, json!({"transfer": views::transfer(&call, &offer, Detail::Full)})))
}

pub async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = transfer_id(&call)?;
    delete::delete(&call.service, call.asker(), id).await.map_err(|error| named(&call, error))?;
    Ok(Answer::empty(202))
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    page(call, Detail::Summary).await
}

pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    page(call, Detail::Full).await
}

async fn page(call: Call, detail: Detail) -> Result<Answer, Problem> {
    let asked = list_fields(&call)?;
    let page = list::list(&call.service, call.asker(), asked).await.map_err(|error| marker(&call, error))?;
    let rows: Vec<_> = page.rows.iter().map(|offer| views::transfer(&call, offer, detail)).collect();
    let mut body = json!({ "transfers": rows });
    if let Some(Offer { id, .. }) = page.rows.last().filter(|_| page.has_next) {
        body["transfers_links"] = json!([Link { rel: "next", href: call.next_page(id) }]);
    }
    Ok(Answer::json(200, body))
}

/// The transfer in the path. What is no UUID names none, as an unknown UUID does.
fn transfer_id(call: &Call) -> Result<Id, Problem> {
    let sent = call.parameter("transfer_id");
    Id::parse(sent).ok_or_else(|| Problem::transfer_not_found(sent))
}

/// An operation's error, where a transfer that is not there is called as the caller called it.
fn named(call: &Call, error: service::Error) -> Problem {
    match error {
        service::Error::TransferNotFound => Problem::transfer_not_found(call.parameter("transfer_id")),
        other => other.into(),
    }
}

/// A marker that names no transfer of the caller's: EVS says so, Cinder cannot find it.
fn marker(call: &Call, error: service::Error) -> Problem {
    match error {
        service::Error::MarkerNotFound => {
            let query = call.query().unwrap_or_default();
            unknown_marker(call, query.get("marker").unwrap_or_default())
        }
        other => other.into(),
    }
}

fn unknown_marker(call: &Call, sent: &str) -> Problem {
    if call.api == Api::V2 {
        Problem::new(
            Kind::Marker,
            format!("Transfer {sent} could not be found. Give the id of the last transfer of the page before."),
        )
    } else {
        Problem::transfer_not_found(sent)
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
        volume_id: volume_id_field(&volume_id)?,
        name: name.map(|name| name_field(&name)).transpose()?.flatten(),
        made_on,
        no_snapshots: no_snapshots.map_or(Ok(false), |value| boolean_field(&value))?,
    })
}

fn volume_id_field(value: &Value) -> Result<Id, Problem> {
    let refused = |what: String| Problem::new(Kind::VolumeId, format!("volume_id is {what}; give the volume's UUID."));
    match value {
        Value::String(text) => Id::parse(text).ok_or_else(|| refused(format!("`{}`", text.escape_debug()))),
        other => Err(refused(kind_of(other).to_owned())),
    }
}

fn name_field(value: &Value) -> Result<Option<TransferName>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => TransferName::parse(text).map(Some).map_err(|error| malformed(format!("The {error}."))),
        other => Err(malformed(format!("name is {}; give a string, null, or leave it out.", kind_of(other)))),
    }
}

/// A boolean, or one of the words that Cinder takes for one; never a number or null.
fn boolean_field(value: &Value) -> Result<bool, Problem> {
    let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
    match (value, word.as_str()) {
        (Value::Bool(on), _) => Ok(*on),
        (_, "true" | "yes" | "on" | "1") => Ok(true),
        (_, "false" | "no" | "off" | "0") => Ok(false),
        _ => Err(malformed(format!("no_snapshots is {}; give true or false.", kind_of(value)))),
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

/// What a list asks for. A filter that fits nothing asks for no rows, but the rest is looked at all the same.
fn list_fields(call: &Call) -> Result<list::List, Problem> {
    let query = call.query()?;
    let newest_first = call.made_on().resource == Resource::VolumeTransfers && call.is_from(59);
    let default = Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending });
    let (limit, offset) = (list_query::limit(&query, call.api)?, list_query::offset(&query)?);
    let order = list_query::order(&query, default)?;
    let marker = match query.get("marker") {
        Some(sent) => Some(Id::parse(sent).ok_or_else(|| unknown_marker(call, sent))?),
        None => None,
    };
    let all_projects = list_query::is_on(&query, "all_tenants") && call.asker().caller.is_admin;
    let filters = || -> Result<_, FitsNothing> {
        // of one who sees one project alone, which project is no question
        let project = if all_projects { filter(&query, "project_id", ProjectId::parse)? } else { None };
        let name = filter(&query, "name", list_query::storable)?;
        Ok((project, name, filter(&query, "id", Id::parse)?, filter(&query, "volume_id", Id::parse)?))
    };
    let filtered = filters();
    let limit = if filtered.is_ok() { limit } else { 0 };
    let (project, name, id, volume_id) = filtered.unwrap_or_default();
    Ok(list::List { all_projects, project, name, id, volume_id, order, marker, offset, limit })
}
