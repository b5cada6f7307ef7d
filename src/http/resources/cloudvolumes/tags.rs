//! Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

use std::collections::BTreeMap;

use super::CLOUDVOLUMES;
use crate::http::resources::prelude::*;
use crate::service::volumes;
use crate::store::summary::Pair;

view! {
    /// A tag of one disk.
    #[schema(as = Tag)]
    TagView,
    /// Of any tag.
    of(tag: Pair) {
        key: String = tag.key,
        value: String = tag.value,
    };
}

/// Every value that a key has on some disk.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = TagValues)]
pub struct Values(BTreeMap<String, Vec<String>>);

impl Versioned for Values {}

operations! { CLOUDVOLUMES;
    /// Each key with every value that it has in the caller's project.
    LIST: "List the tags of all disks", |call| list(call) => 200 One("tags", part::<Values>()),
        description: "The values under each key.";

    /// The tags of one volume; 404 for another project's.
    SHOW: "List the tags of a disk", |call| show(call) => 200 Rows("tags", part::<TagView>()), refuses: &[Kind::NotFound];
}

async fn list(call: Call) -> Result<Answer> {
    let mut values = Values::default();
    for tag in call.look(volumes::tags_of_project(call.cx())).await? {
        values.0.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::one(&call, 200, "tags", &values))
}

async fn show(call: Call) -> Result<Answer> {
    let tags = call.look(volumes::tags_of_volume(call.cx(), call.id(RecordKind::Volume)?)).await?;
    let tags: Vec<TagView> = tags.into_iter().map(TagView::of).collect();
    Ok(Answer::rows(&call, "tags", &tags))
}
