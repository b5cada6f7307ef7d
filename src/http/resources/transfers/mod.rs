//! The six operations on transfers.

pub mod request;
pub mod response;

use self::request::{AcceptTransfer, CreateTransfer};
use self::response::{Created, Detail, Summary};
use crate::domain::Transfer;
use crate::domain::transfer::Resource;
use crate::http::resources::prelude::*;
use crate::service::transfers::{self, Accept, Delete};

/// What the operations are about.
pub static TRANSFERS: Subject = Subject {
    name: "transfers",
    what: "Offers of a volume to whoever knows their key, and how they end. The same records are behind both resource names.",
};

operations! { TRANSFERS;
    /// 202 with the only answer that shows the key.
    CREATE: "Offer a volume", |call, body: CreateTransfer| create(call, body) => 202 One("transfer", part::<Created>()),
        description: "The answer is the only one that shows the key.",
        is_idempotent: true,
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused];

    /// Takes an offer whose key the body has: 202.
    ACCEPT: "Accept an offer", |call, body: AcceptTransfer| accept(call, body) => 202 One("transfer", part::<Summary>()),
        description: "The volume becomes the caller's. Any project may accept, the donor's too.",
        is_idempotent: true,
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of ids, names, volumes and links.
    LIST: "List the pending offers", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key but the auth key.
    LIST_WITH_DETAILS: "List the pending offers with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One offer of the caller's; 404 once it has ended.
    SHOW: "Show a pending offer", |call| show(call) => 200 One("transfer", part::<Detail>()), refuses: &[Kind::NotFound];

    /// Takes an offer back: 202.
    DELETE: "Withdraw an offer", |call| delete(call) => 202 Nothing, is_idempotent: true, refuses: &[Kind::NotFound];
}

async fn create(mut call: Call, body: CreateTransfer) -> Result<Answer, Problem> {
    let asked = body.asked(&call);
    let (offer, key) = call.perform(asked).await?;
    Ok(Answer::one(&call, 202, "transfer", &Created::of(&call, &offer, &key)))
}

async fn accept(mut call: Call, body: AcceptTransfer) -> Result<Answer, Problem> {
    let offer = call.perform(Accept { id: call.id(RecordKind::Transfer)?, key: body.auth_key.0 }).await?;
    Ok(Answer::one(&call, 202, "transfer", &Summary::of(&call, &offer)))
}

static SUMMARIES: Listing =
    Listing { default: by_age, ..listing("transfers", part::<Summary>(), RecordKind::Transfer, SORT_KEYS, &[FILTERS]) };

async fn list(call: Call) -> Result<Answer, Problem> {
    let page = page(&call, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, None, |transfer| Summary::of(&call, &transfer.offer)))
}

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let page = page(&call, &DETAILS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, None, |transfer| Detail::of(&call, &transfer.offer)))
}

async fn page(call: &Call, listing: &Listing) -> Result<Page<Transfer>, Problem> {
    let page = listing.wanted(call, &call.query()?)?;
    listing.look(call, transfers::list(call.cx(), &page)).await
}

async fn show(call: Call) -> Result<Answer, Problem> {
    let offer = call.look(transfers::show(call.cx(), call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::one(&call, 200, "transfer", &Detail::of(&call, &offer)))
}

async fn delete(mut call: Call) -> Result<Answer, Problem> {
    call.perform(Delete(call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::empty(202))
}

/// What a list of offers can be narrowed to.
const FILTERS: &[Parameter] = &[text("name"), id("id"), id("volume_id")];

/// What offers can be sorted by.
const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt];

/// Oldest first, but newest first where Cinder came to think better of it.
fn by_age(call: &Call) -> Order {
    let newest_first = call.resource == Resource::VolumeTransfers && call.is_from(59);
    Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending })
}
