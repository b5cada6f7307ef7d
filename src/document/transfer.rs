//! A transfer's record: an offer that is pending, or one that has ended, with how and when.

use super::prelude::*;
use super::record;
use crate::domain::transfer::{Ending, MadeOn, Resource, Stamp, State};
use crate::domain::{AuthKey, Offer};

/// A record of the list `transfers`.
#[derive(Debug)]
pub struct TransferRecord {
    pub place: Place,
    pub id: Id,
    pub volume_id: Id,
    pub state: Stated,
    /// All that it says; the key is with the state.
    said: TransferFields,
}

record! {
    /// A transfer as its record has it: what an export writes and an import reads. What may be left out and no default is known for
    /// is `None`.
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct TransferFields {
        id: Id => "field";
        volume_id: Id => "field";
        name: Option<TransferName> => "field", default;
        state: StateWord => "field";
        created_at: Option<Time> => "field", default;
        auth_key: Option<AuthKey> => "auth_key", default, skip_serializing;
        auth_key_hash: Option<String> => "hash", default, skip_serializing_if = "Option::is_none";
        source_project_id: Option<ProjectId> => "field", default;
        source_user_id: Option<String> => "user", default;
        source_request_id: Option<Id> => "field", default;
        resource: Resource => "field";
        microversion: Option<u16> => "microversion", default, serialize_with = "write_microversion";
        no_snapshots: bool => "field", default;
        expires_at: Option<Time> => "field", default, skip_serializing_if = "Option::is_none";
        ended_at: Option<Time> => "field", default, skip_serializing_if = "Option::is_none";
        ended_project_id: Option<ProjectId> => "field", default, skip_serializing_if = "Option::is_none";
        ended_user_id: Option<String> => "user", default, skip_serializing_if = "Option::is_none";
        ended_request_id: Option<Id> => "field", default, skip_serializing_if = "Option::is_none";
    }
}

/// The word of a state, which is pending or an ending.
#[derive(Debug, Serialize)]
struct StateWord(&'static str);

impl Field for StateWord {
    fn read(given: Value) -> Read<Self> {
        let word = |text: &str| State::WORDS.into_iter().find(|word| *word == text);
        value::parsed(&given, word, &State::WORDS.join(" or ")).map(Self)
    }
}

impl From<&Transfer> for TransferFields {
    fn from(transfer: &Transfer) -> Self {
        let Offer { id, volume_id, name, made, made_on, no_snapshots, expires_at } = transfer.offer.clone();
        let ended = transfer.state.ended_by().cloned();
        Self {
            id,
            volume_id,
            name,
            state: StateWord(transfer.state.as_str()),
            created_at: Some(made.at),
            auth_key: None,
            auth_key_hash: transfer.pending_hash().map(str::to_owned),
            source_project_id: Some(made.project_id),
            source_user_id: Some(made.user_id),
            source_request_id: Some(made.request_id),
            resource: made_on.resource,
            microversion: made_on.microversion,
            no_snapshots,
            expires_at,
            ended_at: ended.as_ref().map(|by| by.at),
            ended_request_id: ended.as_ref().map(|by| by.request_id),
            ended_project_id: ended.as_ref().map(|by| by.project_id.clone()),
            ended_user_id: ended.map(|by| by.user_id),
        }
    }
}

/// The state that a record states.
#[derive(Debug)]
pub enum Stated {
    Pending(Key),
    Ended(Ended),
}

/// How, when and by whom an offer was ended.
#[derive(Debug)]
pub struct Ended {
    pub how: Ending,
    pub at: Time,
    pub project_id: ProjectId,
    pub user_id: String,
    pub request_id: Option<Id>,
}

/// How a record says which key opens its offer. Neither is ever shown.
#[derive(Debug)]
pub enum Key {
    /// In a hand-written document: hashed on import.
    Clear(AuthKey),
    /// In an export.
    Hash(SecretString),
}

/// What answers of Cinder and EVS say beside what is ours.
const ELSEWHERE: [&str; 3] = ["links", "accepted", "destination_project_id"];

/// The longest auth key that a document gives, in bytes. The API's own have 16 digits.
const MAX_KEY: usize = 255;

impl TransferRecord {
    /// Reads the record at `index`.
    ///
    /// # Errors
    /// When a value is not what its field may hold, one is missing, or a key is unknown.
    pub fn read(index: usize, record: Value) -> Result<Self, Fault> {
        if !record.is_object() {
            // not repeated in the message: it may hold a key
            return Err(Place { list: "transfers", index, id: None }.fault("is no object; an object expected"));
        }
        let (place, id, mut fields) = Place::open_with_id("transfers", index, record)?;
        let is_accepted = fields.get("accepted") == Some(&Value::Bool(true));
        fields.retain(|key, value| !value.is_null() && !ELSEWHERE.contains(&key.as_str()));
        let why = "true given; leave out a transfer of another service that has ended";
        ensure!(!is_accepted, place.field_fault("accepted", why));
        let volume_id = place.id_in("", &fields, "volume_id")?;
        let of_an_end = fields.keys().find(|key| key.starts_with("ended_"));
        let default = record::fields([("state", State::PENDING.into()), ("resource", json!(Resource::OsVolumeTransfer))]);
        let mut said: TransferFields = place.read("", &[&fields, &default])?;
        let state = said.state(&place, of_an_end)?;
        Ok(Self { place, id, volume_id, state, said })
    }

    /// The project that the record says made the offer.
    pub fn donor(&self) -> Option<&ProjectId> {
        self.said.source_project_id.as_ref()
    }

    /// The offer, where `default` is what the record leaves out: for an ended one the day it ended comes first.
    pub fn offer(&self, default: Stamp) -> Offer {
        let said = &self.said;
        Offer {
            id: said.id,
            volume_id: said.volume_id,
            name: said.name.clone(),
            made: Stamp {
                at: said.created_at.or(said.ended_at).unwrap_or(default.at),
                project_id: said.source_project_id.clone().unwrap_or(default.project_id),
                user_id: said.source_user_id.clone().unwrap_or(default.user_id),
                request_id: said.source_request_id.unwrap_or(default.request_id),
            },
            made_on: MadeOn { resource: said.resource, microversion: said.microversion },
            no_snapshots: said.no_snapshots,
            expires_at: said.expires_at,
        }
    }

    /// Who made an offer of which nothing but its record is known, and which has ended.
    ///
    /// # Errors
    /// When the record does not say so, or says that the offer ended before it was made.
    pub fn donor_of_ended(&self, ended: &Ended) -> Result<ProjectId, Fault> {
        let missing = || self.place.field_fault("source_project_id", "missing; an ended transfer says who made it");
        let donor = self.said.source_project_id.clone().ok_or_else(missing)?;
        let too_early =
            || self.place.field_fault("ended_at", format!("{} given, a time from created_at on expected", ended.at));
        ensure!(self.said.created_at.is_none_or(|made_at| made_at <= ended.at), too_early());
        Ok(donor)
    }

    /// Whether the end of an offer by itself, its beginning and its real end fit each other.
    ///
    /// # Errors
    /// When they do not.
    pub fn judge_end(&self, offer: &Offer, ended: Option<&Ended>) -> Result<(), Fault> {
        let fault = |expected: &str| {
            let given = offer.expires_at.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
            Err(self.place.field_fault("expires_at", format!("{given} given, {expected} expected")))
        };
        match ended {
            _ if offer.is_over(offer.made.at) => fault("a time after created_at"),
            Some(ended) if ended.how == Ending::Expired && offer.expires_at != Some(ended.at) => fault("ended_at"),
            Some(ended) if ended.how != Ending::Expired && offer.is_over(ended.at) => fault("a time after ended_at"),
            _ => Ok(()),
        }
    }

    /// The first field that says something else than the stored transfer; keys are not compared.
    pub fn differs_from(&self, stored: &Transfer) -> Option<String> {
        const NULL_IS_SAID: [&str; 2] = ["name", "microversion"]; // elsewhere it leaves open what is stored
        let said = written(|to| self.said.serialize(to));
        let stored = written(|to| TransferFields::from(stored).serialize(to));
        let is_said = |key: &str, value: &Value| !value.is_null() || NULL_IS_SAID.contains(&key);
        said.into_iter().find(|(key, value)| is_said(key, value) && stored.get(key) != Some(value)).map(|(key, _)| key)
    }
}

impl TransferFields {
    /// The state, with the key that goes with it; `of_an_end` is a field of the record that an ended transfer alone has.
    fn state(&mut self, place: &Place, of_an_end: Option<&String>) -> Result<Stated, Fault> {
        let fault = |key: &str, problem| Err(place.field_fault(key, problem));
        let missing = |key: &'static str| move || place.field_fault(key, "missing");
        match (Ending::parse(self.state.0), of_an_end, self.auth_key.take(), self.auth_key_hash.take()) {
            (Some(how), _, None, None) => Ok(Stated::Ended(Ended {
                how,
                at: self.ended_at.ok_or_else(missing("ended_at"))?,
                project_id: self.ended_project_id.clone().ok_or_else(missing("ended_project_id"))?,
                user_id: self.ended_user_id.clone().ok_or_else(missing("ended_user_id"))?,
                request_id: self.ended_request_id,
            })),
            (Some(_), ..) => Err(place.fault("has a key although it has ended; leave auth_key and auth_key_hash out")),
            (None, Some(key), ..) => fault(key, "given for a pending transfer; the state of one that has ended expected"),
            (None, None, Some(key), None) => Ok(Stated::Pending(Key::Clear(key))),
            (None, None, None, Some(hash)) => Ok(Stated::Pending(Key::Hash(hash.into()))),
            (None, None, None, None) => fault(
                "auth_key",
                "missing; a pending transfer has it, or auth_key_hash. An answer shows it once, to who made the offer: put it in, or \
                 leave the transfer out and load its volume with --orphans available",
            ),
            (None, None, Some(_), Some(_)) => fault("auth_key_hash", "given beside auth_key; one of them expected"),
        }
    }
}

/// Any text, since a fixture's key is chosen by whoever writes it. YAML reads one of digits alone as a number. No message
/// repeats it.
fn auth_key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AuthKey>, D::Error> {
    let text = match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return Err(D::Error::custom("no text given, 1 to 255 bytes expected (put it in quotes)")),
    };
    let length = text.len();
    ensure!((1..=MAX_KEY).contains(&length), D::Error::custom(format_args!("{length} bytes given, 1 to {MAX_KEY} expected")));
    Ok(Some(AuthKey::claimed(text)))
}

/// No message repeats this either.
fn hash<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(Some(text)),
        _ => Err(D::Error::custom("no text given, an Argon2id hash ($argon2id$…) expected")),
    }
}

/// The minor number of a microversion such as `"3.55"`.
fn microversion<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    let parse = |text: &str| {
        let minor = text.strip_prefix("3.")?;
        let is_plain = minor.bytes().all(|b| b.is_ascii_digit()) && (minor == "0" || !minor.starts_with('0'));
        minor.parse().ok().filter(|_| is_plain)
    };
    // a number would be one digit short: 3.70 is 3.7
    let expected = "a version in quotes such as \"3.55\", or null for v2";
    value::parsed(&Value::deserialize(from)?, parse, expected).map(Some).map_err(D::Error::custom)
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // serde's signature
fn write_microversion<S: Serializer>(minor: &Option<u16>, to: S) -> Result<S::Ok, S::Error> {
    minor.map(|minor| format!("3.{minor}")).serialize(to)
}
