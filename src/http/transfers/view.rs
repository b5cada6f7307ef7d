//! What a transfer looks like to a client.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    domain::{AuthKey, Id, Offer, ProjectId, Time, TransferName, transfer::Resource},
    http::{
        answer::Link,
        call::Call,
        shape::{Key, shaped},
    },
};

/// A row of a plain list, and the answer to accept.
#[derive(Serialize)]
pub struct Summary<'a> {
    id: Id,
    name: Option<&'a TransferName>,
    volume_id: Id,
    links: [Link; 2],
}

/// A transfer as its donor sees it.
#[derive(Serialize)]
pub struct Detail<'a> {
    id: Id,
    created_at: Time,
    name: Option<&'a TransferName>,
    volume_id: Id,
    links: [Link; 2],
    no_snapshots: bool,
    source_project_id: &'a ProjectId,
    /// Known when it is accepted, and then it is off the API.
    destination_project_id: Option<&'a ProjectId>,
    accepted: bool,
}

const DETAIL: [Key; 4] = [
    Key::since("no_snapshots", 55),
    Key::since("source_project_id", 57),
    Key::since("destination_project_id", 57),
    Key::since("accepted", 57),
];

pub fn summary(call: &Call, offer: &Offer) -> Map<String, Value> {
    let name = offer.name.as_ref();
    shaped(call, Summary { id: offer.id, name, volume_id: offer.volume_id, links: links(call, offer) }, &[])
}

pub fn detail(call: &Call, offer: &Offer) -> Map<String, Value> {
    let detail = Detail {
        id: offer.id,
        created_at: offer.made.at,
        name: offer.name.as_ref(),
        volume_id: offer.volume_id,
        links: links(call, offer),
        no_snapshots: offer.no_snapshots,
        source_project_id: &offer.made.project_id,
        destination_project_id: None,
        accepted: false,
    };
    shaped(call, detail, &DETAIL)
}

/// The answer to create: the only one that shows the key.
pub fn created(call: &Call, offer: &Offer, key: &AuthKey) -> Map<String, Value> {
    let mut shown = detail(call, offer);
    shown.insert("auth_key".to_owned(), json!(key.expose()));
    shown
}

/// Cinder names `os-volume-transfer` on both resources.
fn links(call: &Call, offer: &Offer) -> [Link; 2] {
    call.links(Resource::OsVolumeTransfer.as_str(), offer.id)
}
