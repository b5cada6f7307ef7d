//! What a transfer looks like to a client: exactly the keys of its microversion, since real clients refuse any other.

use serde_json::{Map, Value, json};

use crate::domain::{AuthKey, Offer, transfer::Resource};
use crate::http::{answer::Link, call::Call};

/// How much of a transfer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// `id`, `name`, `volume_id`, `links`: rows of a plain list, and the answer to accept.
    Summary,
    /// All that its microversion shows.
    Full,
}

/// A transfer's own object.
pub fn transfer(call: &Call, offer: &Offer, detail: Detail) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut show = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    show("id", json!(offer.id));
    if detail == Detail::Full {
        show("created_at", json!(offer.made.at));
    }
    show("name", json!(offer.name));
    show("volume_id", json!(offer.volume_id));
    show("links", json!(links(call, offer)));
    if detail == Detail::Full && call.is_from(55) {
        show("no_snapshots", json!(offer.no_snapshots));
    }
    if detail == Detail::Full && call.is_from(57) {
        show("source_project_id", json!(offer.made.project_id));
        show("destination_project_id", Value::Null); // known when it is accepted, and then it is off the API
        show("accepted", json!(false));
    }
    shown
}

/// The answer to create: the only one that shows the key.
pub fn created(call: &Call, offer: &Offer, key: &AuthKey) -> Value {
    let mut shown = transfer(call, offer, Detail::Full);
    shown.insert("auth_key".to_owned(), json!(key.expose()));
    json!({ "transfer": shown })
}

/// Where the transfer is. Cinder names `os-volume-transfer` on both resources.
fn links(call: &Call, offer: &Offer) -> [Link; 2] {
    let project = call.path_project.as_ref().map(|project| format!("/{project}")).unwrap_or_default();
    let tail = format!("{project}/{}/{}", Resource::OsVolumeTransfer.as_str(), offer.id);
    let (public_url, version) = (&call.public_url, call.api.prefix());
    [
        Link { rel: "self", href: format!("{public_url}{version}{tail}") },
        Link { rel: "bookmark", href: format!("{public_url}{tail}") },
    ]
}
