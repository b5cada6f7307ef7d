//! What a transfer looks like to a client.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::transfer::Resource;
use crate::domain::{AuthKey, Id, Offer, ProjectId, Time, TransferName};
use crate::http::answer::links::Link;
use crate::http::answer::visibility::{FieldRule, Versioned};
use crate::http::request::call::Call;

/// A row of a plain list, and the answer to accept.
#[derive(Serialize, ToSchema)]
#[schema(as = TransferSummary)]
pub struct Summary<'a> {
    id: Id,
    name: Option<&'a TransferName>,
    volume_id: Id,
    links: [Link; 2],
}

/// A transfer as its donor sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Transfer)]
pub struct Detail<'a> {
    id: Id,
    created_at: Time,
    name: Option<&'a TransferName>,
    volume_id: Id,
    links: [Link; 2],
    /// Whether the volume's snapshots stay with the donor.
    no_snapshots: bool,
    /// The donor.
    source_project_id: &'a ProjectId,
    /// The recipient: known when it is accepted, and then the transfer is off the API.
    destination_project_id: Option<&'a ProjectId>,
    accepted: bool,
}

impl Versioned for Summary<'_> {}

impl Versioned for Detail<'_> {
    const KEYS: &'static [FieldRule] = &[
        FieldRule::since("no_snapshots", 55),
        FieldRule::since("source_project_id", 57),
        FieldRule::since("destination_project_id", 57),
        FieldRule::since("accepted", 57),
    ];
}

/// The answer to create: the only one that shows the key.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedTransfer)]
pub struct Created<'a> {
    #[serde(flatten)]
    transfer: Detail<'a>,
    /// 16 lower-case hexadecimal digits, which open the offer. No other answer shows them.
    #[schema(pattern = "^[0-9a-f]{16}$", examples("9266c59563c84664"))]
    auth_key: &'a str,
}

impl Versioned for Created<'_> {
    const KEYS: &'static [FieldRule] = Detail::KEYS;
}

impl<'a> Summary<'a> {
    /// Of an offer, pending or just accepted.
    pub fn of(call: &Call, offer: &'a Offer) -> Self {
        Self { id: offer.id, name: offer.name.as_ref(), volume_id: offer.volume_id, links: links(call, offer) }
    }
}

impl<'a> Detail<'a> {
    /// Of an offer that is pending.
    pub fn of(call: &Call, offer: &'a Offer) -> Self {
        Self {
            id: offer.id,
            created_at: offer.made.at,
            name: offer.name.as_ref(),
            volume_id: offer.volume_id,
            links: links(call, offer),
            no_snapshots: offer.no_snapshots,
            source_project_id: &offer.made.project_id,
            destination_project_id: None,
            accepted: false,
        }
    }
}

impl<'a> Created<'a> {
    /// Of an offer that was just made, with its key.
    pub fn of(call: &Call, offer: &'a Offer, key: &'a AuthKey) -> Self {
        Self { transfer: Detail::of(call, offer), auth_key: key.expose() }
    }
}

/// Cinder names `os-volume-transfer` on both resources.
fn links(call: &Call, offer: &Offer) -> [Link; 2] {
    call.links(Resource::OsVolumeTransfer.as_str(), offer.id)
}
