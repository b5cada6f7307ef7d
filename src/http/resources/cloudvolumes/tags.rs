//! Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    domain::Noun,
    http::{
        answer::{problem::Problem, shape::Shape, success::Answer},
        request::call::Call,
    },
    service::volumes::tags::{OfProject, OfVolume},
};

/// A tag of one disk.
#[derive(Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagView {
    key: String,
    value: String,
}

/// Every value that a key has on some disk.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = TagValues)]
pub struct Values(BTreeMap<String, Vec<String>>);

impl Shape for TagView {}

impl Shape for Values {}

/// Each key with every value that it has in the caller's project.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    let mut values = Values::default();
    for tag in call.look(OfProject).await? {
        values.0.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::json(200, json!({"tags": values})))
}

/// The tags of one volume; 404 for another project's.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(Noun::Volume)?;
    let tags = call.look(OfVolume(id)).await?;
    let tags: Vec<TagView> = tags.into_iter().map(|tag| TagView { key: tag.key, value: tag.value }).collect();
    Ok(Answer::json(200, json!({"tags": tags})))
}
