//! Tags: those of one volume, and all that the volumes of the caller's project have.

use serde_json::Value;

use super::show;
use crate::{
    domain::Id,
    service::{Asker, Error, Service},
    store::tags::{self, Tag},
};

/// Every tag of the project's volumes, once, in order.
///
/// # Errors
/// What the store says no with.
pub async fn of_project(service: &Service, asker: &Asker) -> Result<Vec<Tag>, Error> {
    Ok(tags::of_project(&mut service.store.reader().await?, &asker.caller.project).await?)
}

/// The tags of one volume, in order.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn of_volume(service: &Service, asker: &Asker, id: Id) -> Result<Vec<Tag>, Error> {
    let volume = show::read(service, asker, id).await?;
    let tags = volume.extra.get("tags").and_then(Value::as_object).into_iter().flatten();
    let tag = |(key, value): (&String, &Value)| Some(Tag { key: key.clone(), value: value.as_str()?.to_owned() });
    Ok(tags.filter_map(tag).collect())
}
