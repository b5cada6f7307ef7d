//! Tags: those of one volume, and all that the volumes of the caller's project have.

use super::show;
use crate::service::prelude::*;
use crate::store::tags::{self, Tag};

/// Every tag of the project's volumes, once, in order.
pub struct OfProject;

impl Query for OfProject {
    type Answer = Vec<Tag>;

    fn access(&self) -> Access<'_> {
        Access::new(&policy::VOLUMES_LIST)
    }

    async fn read(&self, cx: &Context) -> Result<Vec<Tag>, Error> {
        Ok(tags::of_project(&mut cx.service.store.reader().await?, &cx.caller.project).await?)
    }
}

/// The tags of one volume, in order.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct OfVolume(pub Id);

impl Query for OfVolume {
    type Answer = Vec<Tag>;

    fn access(&self) -> Access<'_> {
        Access::of_record(&policy::VOLUMES_GET, RecordKind::Volume, self.0)
    }

    async fn read(&self, cx: &Context) -> Result<Vec<Tag>, Error> {
        let volume = show::read(cx, self.0).await?;
        let tags = volume.extra.get("tags").and_then(Value::as_object).into_iter().flatten();
        let tag = |(key, value): (&String, &Value)| Some(Tag { key: key.clone(), value: value.as_str()?.to_owned() });
        Ok(tags.filter_map(tag).collect())
    }
}
