//! EVS's own calls for disks: the same volumes as `volumes`, with what EVS shows of them. Lists say how many there are in all,
//! and have `volumes_links` also where there is no further page.

pub mod filters;
pub mod response;
pub mod tags;

use self::filters::{FILTERS, PLACE};
use self::response::{CloudVolume, RESOURCE};
use super::volumes::SORT_KEYS;
use super::volumes::response::Summary;
use crate::http::resources::prelude::*;
use crate::service::volumes;

/// What the operations are about.
pub static CLOUDVOLUMES: Subject = Subject { name: "cloudvolumes", what: "The volumes as EVS shows them." };

operations! { CLOUDVOLUMES;
    /// A page of ids, names and links, always counted.
    LIST: "List disks", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key, always counted.
    LIST_WITH_DETAILS: "List disks with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One volume; 404 for another project's.
    SHOW: "Show a disk", |call| show(call) => 200 One("volume", part::<CloudVolume>()), refuses: &[Kind::NotFound];
}

static SUMMARIES: Listing = Listing {
    count: Count::Always,
    always_links: true,
    ..listing("volumes", part::<Summary>(), RecordKind::Volume, SORT_KEYS, &[FILTERS, PLACE])
};

async fn list(call: Call) -> Result<Answer, Problem> {
    let (page, count) = page(&call).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |volume| Summary::of(&call, volume, RESOURCE)))
}

static DETAILS: Listing = Listing { part: part::<CloudVolume>(), ..SUMMARIES };

async fn list_with_details(mut call: Call) -> Result<Answer, Problem> {
    let (page, count) = page(&call).await?;
    call.know_types(&page.rows).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |volume| CloudVolume::of(&call, volume)))
}

async fn page(call: &Call) -> Result<(Page<Volume>, Option<i64>), Problem> {
    let query = call.query()?;
    let page = SUMMARIES.narrowed(call, &query, filters::of(call, &query).await?)?;
    SUMMARIES.look(call, volumes::list(call.cx(), &page, true)).await
}

async fn show(mut call: Call) -> Result<Answer, Problem> {
    let volume = call.look(volumes::show(call.cx(), call.id(RecordKind::Volume)?)).await?;
    call.know_types([&volume]).await?;
    Ok(Answer::one(&call, 200, "volume", &CloudVolume::of(&call, &volume)))
}
