//! The schemas of the domain's types, which know nothing of HTTP, and of what a field of a body is read as.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type, schema::SchemaType},
};

use crate::domain::{AuthKey, Id, ProjectId, Time, TransferName};

/// The words of a [`Flag`], in any case.
const WORDS: &str = "^([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|1|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff]|0)$";

/// What `fields::boolean` reads.
pub struct Flag;

/// Gives types their schemas.
macro_rules! schemas {
    ($($kind:ident: $types:expr, $what:literal, $example:expr, $more:expr;)+) => {
        $(
            impl PartialSchema for $kind {
                fn schema() -> RefOr<Schema> {
                    let more: fn(ObjectBuilder) -> ObjectBuilder = $more;
                    let kind = ObjectBuilder::new().schema_type($types).description(Some($what));
                    more(kind).examples([serde_json::Value::from($example)]).into()
                }
            }

            impl ToSchema for $kind {}
        )+
    };
}

schemas! {
    Id: Type::String, "A UUID, in answers always in lower case with hyphens.", "c86b9af4-151d-4ead-b62c-5fb967af0e37",
        |text| text.format(Some(SchemaFormat::Custom("uuid".to_owned())));
    Time: Type::String, "UTC, with six digits of a second and no zone.", "2015-02-25T03:56:53.081642",
        |text| text.pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}$"));
    ProjectId: Type::String, "A project: 1 to 64 letters, digits, `-`, `_` and `.`.", "firstproject",
        |text| text.pattern(Some("^[A-Za-z0-9._-]{1,64}$"));
    TransferName: Type::String, "1 to 255 bytes of UTF-8 without NUL.", "first volume",
        |text| text.min_length(Some(1));
    AuthKey: SchemaType::from_iter([Type::String, Type::Integer]), "An integer is compared as its digits.", "9266c59563c84664",
        |either| either;
    Flag: SchemaType::from_iter([Type::Boolean, Type::String]), "Also as a word: true, yes, on, 1, false, no, off, 0.", true,
        |either| either.pattern(Some(WORDS));
}
