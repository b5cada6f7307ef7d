//! The six operations on transfers.

use std::time::Duration;

use crate::domain::transfer::{MadeOn, Resource};
use crate::domain::{AuthKey, Offer, Transfer, TransferName};
use crate::http::request::api::Api;
use crate::http::request::fields::{Name, Positive};
use crate::http::resources::prelude::*;
use crate::service::transfers::{self, Accept, Create, Delete};

// The bodies of create and accept.

bodies! {
    /// An offer to be made.
    CreateTransfer under "transfer" {
        /// The volume to offer, in any form of a UUID.
        volume_id: VolumeId,
        /// White space around it is removed.
        #[schema(value_type = Option<TransferName>)]
        name: Option<Name>,
        /// Whether the volume's snapshots stay with the donor.
        #[serde(default)]
        no_snapshots: LooseBool,
        /// In how many seconds the offer ends by itself: no more than the service lets any last, and that many by default.
        #[schema(value_type = Option<u32>)]
        expires_in: Option<Positive>,
    }, keys &[FieldRule::since("no_snapshots", 55).only_on(Resource::VolumeTransfers), FieldRule::of("expires_in").on_own_paths()];

    /// The claim to an offer.
    AcceptTransfer under "accept" {
        /// What the answer to create showed. An integer is compared as its digits.
        #[schema(value_type = AuthKey)]
        auth_key: fields::Key,
    };
}

impl CreateTransfer {
    /// What is asked for, on this path and version.
    pub fn asked(self, call: &Call) -> Create {
        Create {
            volume_id: self.volume_id.0,
            name: self.name.map(|Name(name)| name),
            made_on: MadeOn { resource: call.resource, microversion: call.microversion.map(|version| version.0) },
            no_snapshots: self.no_snapshots.0,
            expires_in: self.expires_in.and_then(|Positive(seconds)| u64::try_from(seconds).ok()).map(Duration::from_secs),
        }
    }
}

// What a transfer looks like to a client.

view! {
    /// A row of a plain list, and the answer to accept.
    #[schema(as = TransferSummary)]
    Summary<'a>,
    /// Of an offer, pending or just accepted.
    of(call: &Call, offer: &'a Offer) {
        id: Id = offer.id,
        name: Option<&'a TransferName> = offer.name.as_ref(),
        volume_id: Id = offer.volume_id,
        links: [Link; 2] = links(call, offer),
    };

    /// A transfer as its donor sees it.
    #[schema(as = Transfer)]
    Detail<'a>,
    /// Of an offer that is pending.
    of(call: &Call, offer: &'a Offer) {
        id: Id = offer.id,
        created_at: Time = offer.made.at,
        name: Option<&'a TransferName> = offer.name.as_ref(),
        volume_id: Id = offer.volume_id,
        links: [Link; 2] = links(call, offer),
        /// Whether the volume's snapshots stay with the donor.
        no_snapshots: bool = offer.no_snapshots,
        /// The donor.
        source_project_id: &'a ProjectId = &offer.made.project_id,
        /// The recipient: known when it is accepted, and then the transfer is off the API.
        destination_project_id: Option<&'a ProjectId> = None,
        accepted: bool = false,
        /// When it ends by itself; null where it does not.
        expires_at: Option<Time> = offer.expires_at,
    }, keys &[
        FieldRule::since("no_snapshots", 55),
        FieldRule::since("source_project_id", 57),
        FieldRule::since("destination_project_id", 57),
        FieldRule::since("accepted", 57), FieldRule::of("expires_at").on_own_paths(),
    ];

    /// The answer to create: the only one that shows the key.
    #[schema(as = CreatedTransfer)]
    Created<'a>,
    /// Of an offer that was just made, with its key.
    of(call: &Call, offer: &'a Offer, key: &'a AuthKey) {
        #[serde(flatten)]
        transfer: Detail<'a> = Detail::of(call, offer),
        /// 16 lower-case hexadecimal digits, which open the offer. No other answer shows them.
        #[schema(pattern = "^[0-9a-f]{16}$", examples("9266c59563c84664"))]
        auth_key: &'a str = key.expose(),
    }, keys Detail::KEYS;
}

/// Cinder names `os-volume-transfer` on both resources.
fn links(call: &Call, offer: &Offer) -> [Link; 2] {
    call.links(if call.api == Api::Own { "transfers" } else { Resource::OsVolumeTransfer.as_str() }, offer.id)
}

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
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Quota, Kind::TooMany];

    /// A page of ids, names, volumes and links.
    LIST: "List the pending offers", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key but the auth key.
    LIST_WITH_DETAILS: "List the pending offers with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One offer of the caller's; 404 once it has ended.
    SHOW: "Show a pending offer", |call| show(call) => 200 One("transfer", part::<Detail>()), refuses: &[Kind::NotFound];

    /// Takes an offer back: 202.
    DELETE: "Withdraw an offer", |call| delete(call) => 202 Nothing, is_idempotent: true, refuses: &[Kind::NotFound];
}

/// Makes an offer.
pub async fn create(mut call: Call, body: CreateTransfer) -> Result<Answer> {
    let (offer, key) = call.perform(body.asked(&call)).await?;
    Ok(Answer::one(&call, 202, "transfer", &Created::of(&call, &offer, &key)))
}

async fn accept(mut call: Call, body: AcceptTransfer) -> Result<Answer> {
    let offer = call.perform(Accept { id: call.id(RecordKind::Transfer)?, key: body.auth_key.0 }).await?;
    Ok(Answer::one(&call, 202, "transfer", &Summary::of(&call, &offer)))
}

static SUMMARIES: Listing =
    Listing { default: by_age, ..listing("transfers", part::<Summary>(), RecordKind::Transfer, SORT_KEYS, &[FILTERS]) };

async fn list(call: Call) -> Result<Answer> {
    let page = page(&call, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, None, |transfer| Summary::of(&call, &transfer.offer)))
}

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(call: Call) -> Result<Answer> {
    let page = page(&call, &DETAILS).await?;
    Ok(Answer::page(&call, &DETAILS, &page, None, |transfer| Detail::of(&call, &transfer.offer)))
}

async fn page(call: &Call, listing: &Listing) -> Result<Page<Transfer>> {
    listing.look(call, transfers::list(call.cx(), &listing.wanted(call, &call.query()?)?)).await
}

async fn show(call: Call) -> Result<Answer> {
    let offer = call.look(transfers::show(call.cx(), call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::one(&call, 200, "transfer", &Detail::of(&call, &offer)))
}

async fn delete(mut call: Call) -> Result<Answer> {
    call.perform(Delete(call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::empty(202))
}

/// What a list of offers can be narrowed to.
const FILTERS: &[Parameter] = &[text("name"), id("id"), id("volume_id")];

/// What offers can be sorted by.
pub const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt];

/// Oldest first, but newest first where Cinder came to think better of it.
fn by_age(call: &Call) -> Order {
    let newest_first = call.resource == Resource::VolumeTransfers && call.is_from(59);
    Order::by_age(if newest_first { Direction::Descending } else { Direction::Ascending })
}
