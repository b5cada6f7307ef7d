//! What a transfer looks like to a client.

use crate::domain::transfer::Resource;
use crate::domain::{AuthKey, Offer, TransferName};
use crate::http::resources::prelude::*;

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
    }, keys &[
        FieldRule::since("no_snapshots", 55),
        FieldRule::since("source_project_id", 57),
        FieldRule::since("destination_project_id", 57),
        FieldRule::since("accepted", 57),
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
    call.links(Resource::OsVolumeTransfer.as_str(), offer.id)
}
