//! A transfer's record: an offer that is pending, or one that has ended, with how and when.

use serde_json::{Map, Value};

use super::{
    Fault, Place,
    value::{self, Read},
};
use crate::domain::{
    AuthKey, Id, Offer, ProjectId, Time, Transfer, TransferName,
    transfer::{Ending, MadeOn, Resource, Stamp, State},
};

/// A record of the list `transfers`. What it leaves out and no default is known for is `None`.
#[derive(Debug)]
pub struct TransferRecord {
    pub place: Place,
    pub id: Id,
    pub volume_id: Id,
    pub state: Stated,
    pub source_project_id: Option<ProjectId>,
    name: Option<TransferName>,
    created_at: Option<Time>,
    source_user_id: Option<String>,
    source_request_id: Option<Id>,
    made_on: MadeOn,
    no_snapshots: bool,
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
pub enum Key {
    /// In a hand-written document: hashed on import.
    Clear(AuthKey),
    /// In an export.
    Hash(String),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clear(_) => "Clear(hidden)",
            Self::Hash(_) => "Hash(hidden)",
        })
    }
}

/// The longest auth key that a document gives, in bytes. The API's own have 16 digits.
const MAX_KEY: usize = 255;

/// A record's fields, each taken once; what is left in the end is unknown.
struct Fields<'a> {
    place: &'a Place,
    map: Map<String, Value>,
}

impl Fields<'_> {
    /// A field that may be absent or null.
    fn optional<T>(&mut self, key: &str, read: impl FnOnce(&Value) -> Read<T>) -> Result<Option<T>, Fault> {
        let value = self.map.remove(key).unwrap_or(Value::Null);
        value::optional(&value, read).map_err(|problem| self.place.field_fault(key, problem))
    }

    fn required<T>(&mut self, key: &str, read: impl FnOnce(&Value) -> Read<T>) -> Result<T, Fault> {
        self.optional(key, read)?.ok_or_else(|| self.place.field_fault(key, "missing"))
    }
}

impl TransferRecord {
    /// Reads the record at `index`.
    ///
    /// # Errors
    /// When a value is not what its field may hold, one is missing, or a key is unknown.
    pub fn read(index: usize, record: Value) -> Result<Self, Fault> {
        let mut place = Place { list: "transfers", index, id: None };
        // not repeated in the message: it may hold a key
        let Value::Object(map) = record else { return Err(place.fault("is no object; an object expected")) };
        place.id = map.get("id").and_then(|id| value::id(id).ok());
        if let Some((key, _)) = map.iter().find(|(key, value)| key.contains('\0') || value::has_nul(value)) {
            return Err(place.field_fault(key.replace('\0', "\\0"), "holds a NUL character, which cannot be stored"));
        }
        let mut fields = Fields { place: &place, map };
        let read = Self {
            id: fields.required("id", value::id)?,
            volume_id: fields.required("volume_id", value::id)?,
            name: fields.optional("name", name)?,
            created_at: fields.optional("created_at", value::time)?,
            source_project_id: fields.optional("source_project_id", value::project)?,
            source_user_id: fields.optional("source_user_id", value::user)?,
            source_request_id: fields.optional("source_request_id", value::id)?,
            made_on: MadeOn {
                resource: fields
                    .optional("resource", |value| value::word(value, Resource::parse, Resource::WORDS))?
                    .unwrap_or(Resource::OsVolumeTransfer),
                microversion: fields.optional("microversion", microversion)?,
            },
            no_snapshots: fields.optional("no_snapshots", value::boolean)?.unwrap_or_default(),
            state: state(&mut fields)?,
            place: place.clone(),
        };
        match fields.map.keys().next() {
            None => Ok(read),
            Some(key) => Err(place.fault(format!("unknown field `{key}`"))),
        }
    }

    /// The offer, where `default` is what the record leaves out: for an ended one the day it ended comes first.
    pub fn offer(&self, default: Stamp) -> Offer {
        let ended_at = match &self.state {
            Stated::Ended(ended) => Some(ended.at),
            Stated::Pending(_) => None,
        };
        Offer {
            id: self.id,
            volume_id: self.volume_id,
            name: self.name.clone(),
            made: Stamp {
                at: self.created_at.or(ended_at).unwrap_or(default.at),
                project_id: self.source_project_id.clone().unwrap_or(default.project_id),
                user_id: self.source_user_id.clone().unwrap_or(default.user_id),
                request_id: self.source_request_id.unwrap_or(default.request_id),
            },
            made_on: self.made_on,
            no_snapshots: self.no_snapshots,
        }
    }

    /// Who made an offer of which nothing but its record is known, and which has ended.
    ///
    /// # Errors
    /// When the record does not say so, or says that the offer ended before it was made.
    pub fn donor_of_ended(&self, ended: &Ended) -> Result<ProjectId, Fault> {
        let Some(donor) = self.source_project_id.clone() else {
            return Err(self.place.field_fault("source_project_id", "missing; an ended transfer says who made it"));
        };
        if self.created_at.is_some_and(|made_at| ended.at < made_at) {
            return Err(self.place.field_fault("ended_at", format!("{} given, a time from created_at on expected", ended.at)));
        }
        Ok(donor)
    }

    /// The first field that says something else than the stored transfer; keys are not compared.
    pub fn differs_from(&self, stored: &Transfer) -> Option<&'static str> {
        let Offer { volume_id, name, made, made_on, no_snapshots, .. } = &stored.offer;
        let made_otherwise = [
            ("volume_id", self.volume_id != *volume_id),
            ("name", self.name != *name),
            ("created_at", self.created_at.is_some_and(|at| at != made.at)),
            ("source_project_id", self.source_project_id.as_ref().is_some_and(|project| *project != made.project_id)),
            ("source_user_id", self.source_user_id.as_ref().is_some_and(|user| *user != made.user_id)),
            ("source_request_id", self.source_request_id.is_some_and(|id| id != made.request_id)),
            ("resource", self.made_on.resource != made_on.resource),
            ("microversion", self.made_on.microversion != made_on.microversion),
            ("no_snapshots", self.no_snapshots != *no_snapshots),
        ];
        let ended_otherwise = match (&self.state, &stored.state) {
            (Stated::Pending(_), State::Pending { .. }) => None,
            (Stated::Ended(ended), State::Ended { how, by }) => [
                ("state", ended.how != *how),
                ("ended_at", ended.at != by.at),
                ("ended_project_id", ended.project_id != by.project_id),
                ("ended_user_id", ended.user_id != by.user_id),
                ("ended_request_id", ended.request_id.is_some_and(|id| id != by.request_id)),
            ]
            .into_iter()
            .find(|(_, differs)| *differs),
            _ => Some(("state", true)),
        };
        made_otherwise.into_iter().find(|(_, differs)| *differs).or(ended_otherwise).map(|(field, _)| field)
    }
}

fn state(fields: &mut Fields<'_>) -> Result<Stated, Fault> {
    const PENDING_OR_ENDED: [&str; 3] = [State::PENDING, Ending::WORDS[0], Ending::WORDS[1]];
    let word = |value: &Value| {
        let word = value::word(value, |text| PENDING_OR_ENDED.into_iter().find(|word| *word == text), &PENDING_OR_ENDED)?;
        Ok(Ending::parse(word))
    };
    let ending = fields.optional("state", word)?.flatten();
    // a key's own reader never repeats it in a message
    let clear = fields.optional("auth_key", auth_key)?;
    let hash = fields.optional("auth_key_hash", |value| {
        value.as_str().map(str::to_owned).ok_or_else(|| "no text given, an Argon2id hash ($argon2id$…) expected".to_owned())
    })?;
    let Some(how) = ending else {
        for key in ["ended_at", "ended_project_id", "ended_user_id", "ended_request_id"] {
            if fields.optional(key, |_| Ok(()))?.is_some() {
                return Err(fields.place.field_fault(key, "given for a pending transfer; state: accepted or deleted expected"));
            }
        }
        return match (clear, hash) {
            (Some(key), None) => Ok(Stated::Pending(Key::Clear(key))),
            (None, Some(hash)) => Ok(Stated::Pending(Key::Hash(hash))),
            (None, None) => Err(fields.place.field_fault("auth_key", "missing; a pending transfer has it, or auth_key_hash")),
            (Some(_), Some(_)) => Err(fields.place.field_fault("auth_key_hash", "given beside auth_key; one of them expected")),
        };
    };
    if clear.is_some() || hash.is_some() {
        return Err(fields.place.fault("has a key although it has ended; leave auth_key and auth_key_hash out"));
    }
    Ok(Stated::Ended(Ended {
        how,
        at: fields.required("ended_at", value::time)?,
        project_id: fields.required("ended_project_id", value::project)?,
        user_id: fields.required("ended_user_id", value::user)?,
        request_id: fields.optional("ended_request_id", value::id)?,
    }))
}

fn name(value: &Value) -> Read<TransferName> {
    TransferName::parse(&value::text(value, usize::MAX)?).map_err(|error| error.to_string())
}

/// An auth key: any text, since a fixture's is chosen by whoever writes it. YAML reads one of digits alone as a number.
fn auth_key(value: &Value) -> Read<AuthKey> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return Err("no text given, 1 to 255 bytes expected (put it in quotes)".to_owned()),
    };
    if (1..=MAX_KEY).contains(&text.len()) {
        Ok(AuthKey::claimed(text))
    } else {
        Err(format!("{} bytes given, 1 to {MAX_KEY} expected", text.len()))
    }
}

/// The minor number of a microversion such as `"3.55"`.
fn microversion(value: &Value) -> Read<u16> {
    let minor = value
        .as_str()
        .and_then(|text| text.strip_prefix("3."))
        .filter(|minor| minor.bytes().all(|b| b.is_ascii_digit()) && (*minor == "0" || !minor.starts_with('0')));
    // a number would be one digit short: 3.70 is 3.7
    minor
        .and_then(|minor| minor.parse().ok())
        .ok_or_else(|| value::wrong(value, "a version in quotes such as \"3.55\", or null for v2"))
}
