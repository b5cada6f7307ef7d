//! Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::{
    domain::Noun,
    http::{answer::Answer, call::Call, problem::Problem},
    service::volumes::tags,
};

/// A tag of one disk.
#[derive(Serialize)]
struct TagView {
    key: String,
    value: String,
}

/// Every value that a key has on some disk.
type Values = BTreeMap<String, Vec<String>>;

pub async fn list(call: Call) -> Result<Answer, Problem> {
    let mut values = Values::new();
    for tag in tags::of_project(&call.service, call.asker()).await? {
        values.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::json(200, json!({"tags": values})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Volume)?;
    let tags = tags::of_volume(&call.service, call.asker(), id).await.map_err(|error| call.problem(Noun::Volume, error))?;
    let tags: Vec<TagView> = tags.into_iter().map(|tag| TagView { key: tag.key, value: tag.value }).collect();
    Ok(Answer::json(200, json!({"tags": tags})))
}
