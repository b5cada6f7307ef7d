//! The types of fields: how what clients send is read, and in which words it is refused. An error is said of the field, whose
//! name [`body`](super::body) puts before it, or of what is in it, unless it is a sentence by itself.

use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::body::kind_of;
use super::prelude::*;
use crate::domain::copy::{BACKUP_STATUSES, SNAPSHOT_STATUSES};
use crate::domain::limits::TEXT;
use crate::domain::{AuthKey, TransferName, VolumeStatus, quota, quote};

/// Types of fields, each with what it holds, what it derives and the function that reads it.
macro_rules! field_types {
    ($($(#[$about:meta])+ $kind:ident($of:ty): $read:expr;)+) => {$(
        $(#[$about])+
        pub struct $kind(pub $of);

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let read: fn(&Value) -> Result<$of, String> = $read;
                read(&Value::deserialize(from)?).map(Self).map_err(D::Error::custom)
            }
        }
    )+};
}

pub(crate) use field_types;

field_types! {
    /// A boolean, or one of the words that Cinder takes for one; never a number or null.
    #[derive(Clone, Copy, Default)] LooseBool(bool): loose_bool;

    /// GiB: a whole number of 1 or more, or its digits in a string.
    #[derive(Clone, Copy)] Size(i64): |value| positive(value, " of GiB");

    /// A whole number of 1 or more, or its digits in a string.
    #[derive(Clone, Copy)] Positive(i64): |value| positive(value, "");

    /// A limit: a whole number from -1, or its digits in a string.
    #[derive(Clone, Copy)] Limit(i64): limit;

    /// A name or a description, without white space around it.
    #[derive(Clone)] Text(String): text;

    /// A transfer's name, whose length is counted in bytes.
    #[derive(Clone)] Name(TransferName): name;

    /// The id of the volume that something is asked for.
    #[derive(Clone, Copy)] VolumeId(Id): volume_id;

    /// The id of another record; an empty string is none, as null is.
    #[derive(Clone, Copy, Default)] Reference(Option<Id>): reference;

    /// Metadata: texts of at most 255 characters under keys of 1 to 255; null is none. Source: Cinder's `parameter_types`.
    #[derive(Clone, Default, Serialize)] #[serde(transparent)] Texts(Map<String, Value>): texts;

    /// What a text is changed to: absent leaves it as it is, null takes it away.
    #[derive(Clone, Default)] #[allow(clippy::option_option)] Renamed(Option<Option<String>>): renamed;

    /// An auth key: text, or an integer, which is compared as its digits.
    Key(AuthKey): key;

    /// What a snapshot's status is set to.
    SnapshotStatus(VolumeStatus): |value| copy_status(value, "Snapshot status", &SNAPSHOT_STATUSES);

    /// What a backup's status is set to.
    BackupStatus(VolumeStatus): |value| copy_status(value, "Backup status", &BACKUP_STATUSES);
}

/// A password, or another secret that is sent once. Never printed.
pub struct Secret(pub SecretString);

impl Renamed {
    /// Under either of two names: what a client calls it before what Cinder's first API did.
    #[allow(clippy::option_option)] // absent, null, or a text
    pub fn or(self, old: Self) -> Option<Option<String>> {
        self.0.or(old.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => Ok(Self(text.into())),
            other => Err(D::Error::custom(format_args!("is {}; a text is expected.", kind_of(&other)))),
        }
    }
}

/// A field that may be absent, and is read where it is there, null too: only the field's type says whether null is anything.
///
/// # Errors
/// What the field's type says no with.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A field that says nothing, and is known with this word alone. `called`: by its whole name, such as `volume.status`.
///
/// # Errors
/// When it holds anything else.
pub fn only(value: &Value, called: &str, word: &str) -> Result<(), String> {
    if value == word { Ok(()) } else { Err(format!("Unknown field `{called}`; leave it out.")) }
}

/// A word of a closed list, in any case; null or empty is none. `called`: as Cinder's message has it.
///
/// # Errors
/// When it is no such word.
pub fn word<T>(value: &Value, called: &str, parse: fn(&str) -> Option<T>, words: &[&str]) -> Result<Option<T>, String> {
    match value {
        _ if value.is_null() || value == "" => Ok(None),
        Value::String(text) => parse(&text.to_lowercase())
            .map(Some)
            .ok_or_else(|| format!("{called}: {} is invalid, valid statuses are: {}.", shown(text), words.join(", "))),
        other => Err(format!("is {}; give a string, one of {}.", kind_of(other), words.join(", "))),
    }
}

/// The text that a field holds; of one under two names, what a client calls it before what Cinder's first API did.
pub fn first_of(new: Option<Text>, old: Option<Text>) -> Option<String> {
    new.or(old).map(|Text(text)| text)
}

fn unexpected(value: &Value, expected: &str) -> String {
    format!("is {}; give {expected}.", kind_of(value))
}

fn loose_bool(value: &Value) -> Result<bool, String> {
    let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
    match (value, word.as_str()) {
        (Value::Bool(on), _) => Ok(*on),
        (_, "true" | "yes" | "on" | "1") => Ok(true),
        (_, "false" | "no" | "off" | "0") => Ok(false),
        _ => Err(unexpected(value, "true or false")),
    }
}

fn positive(value: &Value, of: &str) -> Result<i64, String> {
    let digits = value.as_str().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = value.as_i64().or_else(|| digits?.parse().ok()).filter(|number| (1..=i64::from(i32::MAX)).contains(number));
    number.ok_or_else(|| format!("is {}; give a whole number{of} from 1 to {}, in digits.", quote::value(value), i32::MAX))
}

fn limit(value: &Value) -> Result<i64, String> {
    let is_number = |text: &&str| *text == "-1" || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = value.as_i64().or_else(|| value.as_str().filter(is_number)?.parse().ok());
    number.filter(|limit| quota::LIMIT.contains(limit)).ok_or_else(|| {
        let (least, most) = quota::LIMIT.into_inner();
        format!("is {}; give a whole number from {least} (no limit) to {most}.", quote::value(value))
    })
}

/// Reads a [`Text`].
///
/// # Errors
/// When it is too long, holds a NUL, or is no text.
pub fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("holds a NUL character; leave it out.".to_owned()),
        Value::String(text) if text.trim().chars().count() > TEXT => {
            Err(format!("has {} characters; give {TEXT} at most.", text.trim().chars().count()))
        }
        Value::String(text) => Ok(text.trim().to_owned()),
        // null comes as far as this only where there must be a text
        Value::Null => Err(unexpected(value, "a string")),
        other => Err(unexpected(other, "a string or null")),
    }
}

#[allow(clippy::option_option)] // absent, null, or a text
fn renamed(value: &Value) -> Result<Option<Option<String>>, String> {
    Ok(Some(if value.is_null() { None } else { Some(text(value)?) }))
}

fn name(value: &Value) -> Result<TransferName, String> {
    match value {
        Value::String(text) => TransferName::parse(text).map_err(|error| format!("The {error}.")),
        other => Err(unexpected(other, "a string, null, or leave it out")),
    }
}

/// One of these words, in any case. `called`: as Cinder's message has it.
fn copy_status(value: &Value, called: &str, words: &[&str]) -> Result<VolumeStatus, String> {
    let word = value.as_str().map(str::to_lowercase).filter(|word| words.contains(&word.as_str()));
    let status = word.as_deref().and_then(VolumeStatus::parse);
    status.ok_or_else(|| format!("{called}: {} is invalid, valid statuses are: {}.", quote::value(value), words.join(", ")))
}

fn reference(value: &Value) -> Result<Option<Id>, String> {
    match value {
        _ if value.is_null() || value == "" => Ok(None),
        Value::String(text) => Id::parse(text).map(Some).ok_or_else(|| format!("is {}; give a UUID.", quoted(text))),
        other => Err(unexpected(other, "a UUID")),
    }
}

fn volume_id(value: &Value) -> Result<Id, String> {
    let refused = |what: String| format!("is {what}; give the volume's UUID.");
    match value {
        Value::String(text) => Id::parse(text).ok_or_else(|| refused(quoted(text))),
        other => Err(refused(kind_of(other).to_owned())),
    }
}

fn key(value: &Value) -> Result<AuthKey, String> {
    match value {
        Value::String(text) => Ok(AuthKey::claimed(text.clone())),
        Value::Number(number) if is_integer(number) => Ok(AuthKey::claimed(number.to_string())),
        other => Err(format!("is {}; give the string that the answer to create showed.", kind_of(other))),
    }
}

/// A whole number; one of more than 64 bits is read as a float, and opens nothing.
fn is_integer(number: &serde_json::Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0 && float.abs() >= 2f64.powi(63))
}

fn texts(value: &Value) -> Result<Map<String, Value>, String> {
    let map = match value {
        Value::Null => return Ok(Map::new()),
        Value::Object(map) => map,
        other => return Err(unexpected(other, "an object of strings")),
    };
    for (key, value) in map {
        let fits = |text: &str| text.chars().count() <= TEXT && !text.contains('\0');
        let misfit = || format!("has the key {}, which has not 1 to {TEXT} characters without NUL.", quoted(key));
        ensure!(!key.is_empty() && fits(key), misfit());
        match value {
            Value::String(text) if fits(text) => {}
            Value::String(_) => return Err(format!(".{} has more than {TEXT} characters, or a NUL; shorten it.", shown(key))),
            other => return Err(format!(".{} {}", shown(key), unexpected(other, "a string"))),
        }
    }
    Ok(map.clone())
}
