//! EVS's own calls for disks: the same volumes as `volumes`, with what EVS shows of them. Lists say how many there are in all,
//! and have `volumes_links` also where there is no further page.

use serde_json::{Map, Value, json};

pub mod filters;
pub mod tags;
pub mod view;

use super::volumes::newest_first;
use crate::{
    domain::{Noun, Volume},
    http::{
        answer::{
            problem::Problem,
            success::{Answer, Body},
        },
        request::call::Call,
    },
    service::volumes::{List, Show},
};

/// One volume; 404 for another project's.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Volume)?;
    let volume = call.look(Show(id)).await?;
    Ok(Answer::json(200, json!({"volume": view::detail(&call, &volume)})))
}

/// A page of ids, names and links, always counted.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    page(call, view::summary).await
}

/// A page with every key, always counted.
pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    page(call, view::detail).await
}

async fn page(call: Call, view: fn(&Call, &Volume) -> Map<String, Value>) -> Result<Answer, Problem> {
    let (query, list) = (call.query()?, newest_first());
    let wanted = list.wanted(&call, &query, filters::of(&call, &query)?)?;
    let (page, count) = list.look(&call, List { page: wanted, is_counted: true }).await?;
    let mut answer = Answer::page(&call, "volumes", &page, |volume| view(&call, volume)).counted_if(count);
    if let Body::Json(Value::Object(body)) = &mut answer.body {
        body.entry("volumes_links").or_insert_with(|| json!([]));
    }
    Ok(answer)
}
