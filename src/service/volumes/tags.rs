//! Tags: those of one volume, and all that the volumes of the caller's project have.

use super::show;
use crate::service::prelude::*;
use crate::store::summary::{self, Pair};

/// Every tag of the project's volumes, once, in order.
pub async fn of_project(cx: &Context) -> Result<Vec<Pair>, Error> {
    look(cx, Access::new(&policy::VOLUMES_LIST), async || {
        Ok(summary::tags(&mut cx.service.store.reader().await?, &cx.caller.project).await?)
    })
    .await
}

/// The tags of one volume, in order.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn of_volume(cx: &Context, id: Id) -> Result<Vec<Pair>, Error> {
    look(cx, Access::of_record(&policy::VOLUMES_GET, RecordKind::Volume, id), async || {
        let volume = show::read(cx, id).await?;
        let tags = volume.extra.get("tags").and_then(Value::as_object).into_iter().flatten();
        let tag = |(key, value): (&String, &Value)| Some(Pair { key: key.clone(), value: value.as_str()?.to_owned() });
        Ok(tags.filter_map(tag).collect())
    })
    .await
}
