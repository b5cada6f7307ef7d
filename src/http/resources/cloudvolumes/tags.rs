//! Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

use std::collections::BTreeMap;

use super::CLOUDVOLUMES;
use crate::domain::RecordKind;
use crate::http::resources::prelude::*;
use crate::service::volumes::tags::{OfProject, OfVolume};
use crate::store::tags::Tag;

view! {
    /// A tag of one disk.
    #[schema(as = Tag)]
    TagView,
    /// Of any tag.
    of(tag: Tag) {
        key: String = tag.key,
        value: String = tag.value,
    };
}

/// Every value that a key has on some disk.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = TagValues)]
pub struct Values(BTreeMap<String, Vec<String>>);

impl Versioned for Values {}

/// Each key with every value that it has in the caller's project.
pub static LIST: Operation = Operation::new(&CLOUDVOLUMES, "List the tags of all disks", |call, ()| Box::pin(list(call)))
    .description("The values under each key.")
    .answers(200, One("tags", part::<Values>()));

async fn list(call: Call) -> Result<Answer, Problem> {
    let mut values = Values::default();
    for tag in call.look(OfProject).await? {
        values.0.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::one(&call, 200, "tags", &values))
}

/// The tags of one volume; 404 for another project's.
pub static SHOW: Operation = Operation::new(&CLOUDVOLUMES, "List the tags of a disk", |call, ()| Box::pin(show(call)))
    .answers(200, Rows("tags", part::<TagView>()))
    .refuses(&[Kind::NotFound]);

async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(RecordKind::Volume)?;
    let tags = call.look(OfVolume(id)).await?;
    let tags: Vec<TagView> = tags.into_iter().map(TagView::of).collect();
    Ok(Answer::rows(&call, "tags", &tags))
}
