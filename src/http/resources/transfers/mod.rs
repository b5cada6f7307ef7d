//! The six operations on transfers.

pub mod request;
pub mod response;

use self::request::{AcceptTransfer, CreateTransfer};
use self::response::{Created, Detail, Summary};
use crate::domain::page::{Direction, Order, Page, SortKey};
use crate::domain::transfer::Resource;
use crate::domain::{RecordKind, Transfer};
use crate::http::request::query_parameter::{Parameter, id, text};
use crate::http::resources::prelude::*;
use crate::service::transfers::{Accept, Delete, List, Show};

/// What the operations are about.
pub static TRANSFERS: Subject = Subject {
    name: "transfers",
    what: "Offers of a volume to whoever knows their key, and how they end. The same records are behind both resource names.",
};

/// 202 with the only answer that shows the key.
pub static CREATE: Operation<CreateTransfer> =
    Operation::new(&TRANSFERS, "Offer a volume", |call, body| Box::pin(create(call, body)))
        .description("The answer is the only one that shows the key.")
        .idempotent()
        .answers(202, One("transfer", part::<Created>()))
        .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused]);

async fn create(mut call: Call, body: CreateTransfer) -> Result<Answer, Problem> {
    let asked = body.asked(&call);
    let (offer, key) = call.perform(asked).await?;
    Ok(Answer::one(&call, 202, "transfer", &Created::of(&call, &offer, &key)))
}

/// Takes an offer whose key the body has: 202.
pub static ACCEPT: Operation<AcceptTransfer> =
    Operation::new(&TRANSFERS, "Accept an offer", |call, body| Box::pin(accept(call, body)))
        .description("The volume becomes the caller's. Any project may accept, the donor's too.")
        .idempotent()
        .answers(202, One("transfer", part::<Summary>()))
        .refuses(&[Kind::NotFound, Kind::Refused, Kind::Quota]);

async fn accept(mut call: Call, body: AcceptTransfer) -> Result<Answer, Problem> {
    let id = call.id(RecordKind::Transfer)?;
    let offer = call.perform(Accept { id, key: body.auth_key.0 }).await?;
    Ok(Answer::one(&call, 202, "transfer", &Summary::of(&call, &offer)))
}

/// A page of ids, names, volumes and links.
pub static LIST: Operation =
    Operation::new(&TRANSFERS, "List the pending offers", |call, ()| Box::pin(list(call))).list(&SUMMARIES);

static SUMMARIES: Listing = listing("transfers", part::<Summary>(), RecordKind::Transfer, SORT_KEYS, &[FILTERS]).sorted(by_age);

async fn list(call: Call) -> Result<Answer, Problem> {
    let page = page(&call, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, None, |transfer| Summary::of(&call, &transfer.offer)))
}

/// A page with every key but the auth key.
pub static LIST_WITH_DETAILS: Operation =
    Operation::new(&TRANSFERS, "List the pending offers with details", |call, ()| Box::pin(list_with_details(call)))
        .list(&DETAILS);

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let page = page(&call, &DETAILS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, None, |transfer| Detail::of(&call, &transfer.offer)))
}

async fn page(call: &Call, listing: &Listing) -> Result<Page<Transfer>, Problem> {
    listing.look(call, List(listing.wanted(call, &call.query()?)?)).await
}

/// One offer of the caller's; 404 once it has ended.
pub static SHOW: Operation = Operation::new(&TRANSFERS, "Show a pending offer", |call, ()| Box::pin(show(call)))
    .answers(200, One("transfer", part::<Detail>()))
    .refuses(&[Kind::NotFound]);

async fn show(call: Call) -> Result<Answer, Problem> {
    let id = call.id(RecordKind::Transfer)?;
    let offer = call.look(Show(id)).await?;
    Ok(Answer::one(&call, 200, "transfer", &Detail::of(&call, &offer)))
}

/// Takes an offer back: 202.
pub static DELETE: Operation = Operation::new(&TRANSFERS, "Withdraw an offer", |call, ()| Box::pin(delete(call)))
    .idempotent()
    .answers(202, Nothing)
    .refuses(&[Kind::NotFound]);

async fn delete(mut call: Call) -> Result<Answer, Problem> {
    let id = call.id(RecordKind::Transfer)?;
    call.perform(Delete(id)).await?;
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
