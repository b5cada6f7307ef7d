//! Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    domain::Noun,
    http::{answer::Answer, call::Call, problem::Problem},
    service::volumes::{show, tags},
};

#[derive(Serialize)]
struct TagView<'a> {
    key: &'a str,
    value: &'a str,
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for tag in tags::tags(&call.service, call.asker()).await? {
        values.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::json(200, json!({"tags": values})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Volume)?;
    let volume = show::show(&call.service, call.asker(), id).await.map_err(|error| call.problem(Noun::Volume, error))?;
    let tags = volume.extra.get("tags").and_then(Value::as_object);
    Ok(Answer::json(200, json!({"tags": tags.map(pairs).unwrap_or_default()})))
}

fn pairs(tags: &Map<String, Value>) -> Vec<TagView<'_>> {
    tags.iter().filter_map(|(key, value)| Some(TagView { key, value: value.as_str()? })).collect()
}
