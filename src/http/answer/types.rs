//! The schemas of the domain's types, which know nothing of HTTP, and of what a field of a body is read as.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};

use super::visibility::Versioned;
use crate::domain::attachment::Mode;
use crate::domain::copy::{BACKUP_STATUSES, SNAPSHOT_STATUSES};
use crate::domain::limits::TEXT;
use crate::domain::volume::{AttachStatus, MigrationStatus};
use crate::domain::{AuthKey, Id, KnownStatus, ProjectId, Time, TransferName, VolumeStatus, quota};
use crate::http::request::fields::{
    BackupStatus, Limit, LooseBool, Positive, Reference, Renamed, Secret, Size, SnapshotStatus, Text, Texts, VolumeId,
};

/// The words of a [`LooseBool`], in any case.
const WORDS: &str = "^([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|1|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff]|0)$";

/// A UUID with hyphens, alone, in braces or as a URN; or without.
const UUID: &str = concat!(
    "[0-9A-Fa-f]{32}|([Uu][Rr][Nn]:[Uu][Uu][Ii][Dd]:)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|",
    r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}",
);

impl Versioned for Texts {}

/// What may be anything, since an import brought it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct AnyJson<'a>(pub Cow<'a, Value>);

impl<'a> AnyJson<'a> {
    /// What was said, else the default.
    pub fn or(said: Option<&'a Value>, default: impl Into<Value>) -> Self {
        Self(said.map_or_else(|| Cow::Owned(default.into()), Cow::Borrowed))
    }
}

/// A word of a closed list, in any case.
fn one_of(text: ObjectBuilder, words: &[&str]) -> ObjectBuilder {
    text.description(Some(format!("One of {}, in any case.", words.join(", "))))
}

/// A whole number, or its digits in a string.
fn whole_or_digits(number: ObjectBuilder, least: i64, digits: &str) -> ObjectBuilder {
    number.minimum(Some(least)).maximum(Some(i32::MAX)).pattern(Some(digits))
}

/// Gives types their schemas.
macro_rules! schemas {
    ($($kind:ty: $types:expr, $what:literal, $example:expr, $more:expr;)+) => {
        $(
            impl utoipa::PartialSchema for $kind {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    let more: fn(utoipa::openapi::ObjectBuilder) -> utoipa::openapi::ObjectBuilder = $more;
                    let kind = utoipa::openapi::ObjectBuilder::new().schema_type($types).description(Some($what));
                    more(kind).examples([Value::from($example)]).into()
                }
            }

            impl utoipa::ToSchema for $kind {}
        )+
    };
}

pub(crate) use schemas;

schemas! {
    Id: Type::String, "A UUID, in answers always in lower case with hyphens.", "c86b9af4-151d-4ead-b62c-5fb967af0e37",
        |text| text.format(Some(SchemaFormat::Custom("uuid".to_owned())));
    Time: Type::String, "UTC, with six digits of a second and no zone.", "2015-02-25T03:56:53.081642",
        |text| text.pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}$"));
    ProjectId: Type::String, "A project: 1 to 64 letters, digits, `-`, `_` and `.`.", "firstproject",
        |text| text.pattern(Some("^[A-Za-z0-9._-]{1,64}$"));
    TransferName: Type::String, "1 to 255 bytes of UTF-8 without NUL.", "first volume",
        |text| text.min_length(Some(1));
    Text: Type::String, "Without NUL; white space around it is removed.", "first", |text| text.max_length(Some(TEXT));
    Renamed: SchemaType::from_iter([Type::String, Type::Null]), "Null takes it away.", "first", |text| text.max_length(Some(TEXT));
    VolumeId: Type::String, "A UUID in any of its forms.", "c86b9af4-151d-4ead-b62c-5fb967af0e37",
        |text| text.pattern(Some(format!("^({UUID})$")));
    Reference: Type::String, "A UUID in any of its forms; an empty text is none.", "c86b9af4-151d-4ead-b62c-5fb967af0e37",
        |text| text.pattern(Some(format!("^({UUID})?$")));
    Secret: Type::String, "Never shown again.", "correct horse battery staple", |text| text;
    AuthKey: SchemaType::from_iter([Type::String, Type::Integer]), "An integer is compared as its digits.", "9266c59563c84664",
        |either| either;
    VolumeStatus: Type::String, "A word of Cinder's or of a cloud's own.", "available",
        |text| text.pattern(Some("^[a-z0-9_-]{1,64}$"));
    KnownStatus: Type::String, "", "available", |text| one_of(text, KnownStatus::WORDS);
    AttachStatus: Type::String, "", "detached", |text| one_of(text, AttachStatus::WORDS);
    MigrationStatus: Type::String, "", "none", |text| one_of(text, MigrationStatus::WORDS);
    SnapshotStatus: Type::String, "", "available", |text| one_of(text, &SNAPSHOT_STATUSES);
    BackupStatus: Type::String, "", "available", |text| one_of(text, &BACKUP_STATUSES);
    Mode: Type::String, "For reading and writing, or for reading only.", "rw", |text| text.enum_values(Some(Mode::WORDS.iter().copied()));
    LooseBool: SchemaType::from_iter([Type::Boolean, Type::String]), "Also as a word: true, yes, on, 1, false, no, off, 0.", true,
        |either| either.pattern(Some(WORDS));
    Size: SchemaType::from_iter([Type::Integer, Type::String]), "GiB, also as digits in a string.", 1,
        |either| whole_or_digits(either, 1, "^[0-9]+$");
    Positive: SchemaType::from_iter([Type::Integer, Type::String]), "Also as digits in a string.", 3000,
        |either| whole_or_digits(either, 1, "^[0-9]+$");
    Limit: SchemaType::from_iter([Type::Integer, Type::String]), "-1 is none; also as digits in a string.", 10,
        |either| whole_or_digits(either, quota::UNLIMITED, "^(-1|[0-9]+)$");
    Texts: Type::Object, "Texts under keys, each of 255 characters at most.", json!({"key": "value"}),
        |object| {
            let text = || ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT));
            let key: Schema = text().min_length(Some(1)).into();
            object.property_names(Some(key)).additional_properties(Some(RefOr::<Schema>::from(text())))
        };
    AnyJson<'_>: SchemaType::AnyValue, "Null where nothing is known; else as Cinder and EVS have it, or as an import said it.", Value::Null,
        |any| any;
}
