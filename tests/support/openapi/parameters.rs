//! The parameters of the document: those of paths, of queries, and the headers that a request may have.

use utoipa::PartialSchema;
use utoipa::openapi::path::{Parameter as Written, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};

use handover::domain::limits::{KEY, OFFSET, PAGE_ROWS};
use handover::domain::page::{Direction, SortKey};
use handover::domain::{Id, ProjectId, VolumeType};
use handover::http::answer::listing::Count;
use handover::http::operation::About;
use handover::http::request::api::Api;
use handover::http::request::query_parameter::{ParamType, Parameter, WITH_COUNT};
use handover::http::request::{call, version};

/// A segment of a path that has a name.
pub fn of_path(name: &str) -> Written {
    let (what, schema) = match name {
        "project_id" => ("The caller's project.", ProjectId::schema()),
        "target_project_id" => ("The project that is asked about.", ProjectId::schema()),
        "class_name" => ("The one class that there is.", kind(Type::String).enum_values(Some(["default"])).into()),
        "key" => ("A key of the metadata.", kind(Type::String).into()),
        "alias" => ("What an extension is called in paths.", kind(Type::String).into()),
        "user_id" | "on_project_id" | "role_id" | "id" => ("The id of something of the identity.", kind(Type::String).into()),
        "file" => ("The name of a file.", kind(Type::String).into()),
        _ => ("What is no UUID names no record.", Id::schema()),
    };
    // the seed's, so that a page that is made of this document has something to ask for at once
    let example = match name {
        "project_id" | "target_project_id" | "on_project_id" => "firstproject",
        "volume_id" => "c86b9af4-151d-4ead-b62c-5fb967af0e37",
        "transfer_id" => "1a7059f5-8ed7-45b7-8d05-2811e5d09f24",
        "snapshot_id" => "5eed0000-0000-4000-8000-000000000105",
        "backup_id" => "5eed0000-0000-4000-8000-000000000106",
        "type_id" => &VolumeType::id_of("SSD").to_string(),
        "encryption_id" => "81d7c25c-a1d2-4d3f-8d2a-5ba4b0fd5a1e",
        "class_name" => "default",
        "key" => "purpose",
        "alias" => "os-volume-transfer",
        "file" => "index.html",
        _ => "admin",
    };
    ParameterBuilder::from(written(name, ParameterIn::Path, Required::True, what, schema)).example(Some(example.into())).build()
}

/// The header that asks for a microversion.
pub fn microversion() -> Written {
    let what = format!(
        "`volume 3.N` with N from 0 to {}, or `volume latest`; also with the types `volumev3` and `block-storage`. Without it \
         the version is 3.0.",
        version::MAX.0
    );
    let minors = (0..=version::MAX.0).map(|minor| minor.to_string()).collect::<Vec<_>>().join("|");
    let pattern = format!(r"(^|,)\s*({})\s+(latest|3\.({minors}))\s*(,|$)", version::TYPES.join("|"));
    let schema = kind(Type::String).pattern(Some(pattern)).examples(["volume latest", "volume 3.0"]);
    header(version::HEADER, &what, schema.into())
}

/// The headers by which a request names itself, so that it is done once.
pub fn names() -> [Written; 2] {
    let token = "A UUID, new for each request and the same in its retries: what was done is answered again, for 8 hours.";
    let key = format!("The same, as 1 to {} visible ASCII characters. Not beside `{}`.", KEY, call::CLIENT_TOKEN);
    let named = kind(Type::String).min_length(Some(1)).max_length(Some(KEY));
    [header(call::CLIENT_TOKEN, token, Id::schema()), header(call::IDEMPOTENCY_KEY, &key, named.into())]
}

/// The parameters of an operation's query.
pub fn of_query(operation: &About, api: Api) -> Vec<Written> {
    let listing = operation.listing();
    let list = listing.into_iter().flat_map(|listing| of_lists(listing.sort_keys, api));
    let filters = listing.into_iter().flat_map(|listing| listing.filters.iter().copied().flatten());
    let count = listing.filter(|listing| listing.count == Count::Asked).map(|_| &WITH_COUNT);
    let own = operation.query.iter().chain(filters).chain(count);
    list.chain(own.filter(|parameter| parameter.since.is_none() || api == Api::V3).map(of_row)).collect()
}

fn of_row(parameter: &Parameter) -> Written {
    let schema = match parameter.value {
        // what none can have fits nothing, and is not refused
        ParamType::Text | ParamType::Id | ParamType::Number => kind(Type::String).into(),
        ParamType::Boolean | ParamType::Word => text("true"),
        ParamType::Dictionary => text("{\"key\":\"value\"}"),
        ParamType::Times => text("gte:2026-01-31T12:00:00"),
        ParamType::Own(example) => text(example),
    };
    let since = parameter.since.map(|minor| format!(" From microversion 3.{minor}.")).unwrap_or_default();
    query(parameter.name, &format!("{}{since}", parameter.what), schema)
}

/// Those that every list has: the table of `list_query`.
fn of_lists(keys: &[SortKey], api: Api) -> Vec<Written> {
    let names: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    let limit = kind(Type::Integer).default(Some(PAGE_ROWS.into()));
    // v3 takes any, and caps it
    let limit = if api == Api::V2 { limit.minimum(Some(1)).maximum(Some(PAGE_ROWS)) } else { limit.minimum(Some(0)) };
    let offset = kind(Type::Integer).minimum(Some(0)).maximum(Some(OFFSET));
    let words = |words: &[&str]| -> RefOr<Schema> { kind(Type::String).enum_values(Some(words.iter().copied())).into() };
    vec![
        query("limit", &format!("How many rows, {PAGE_ROWS} at most."), limit.into()),
        query("offset", "How many rows to leave out first.", offset.into()),
        query("marker", "The id of the last row of the page before.", Id::schema()),
        query(
            "sort",
            "`key:direction,…`; a key without a direction is descending. Not beside `sort_key` and `sort_dir`.",
            text("created_at:asc,id"),
        ),
        query("sort_key", "What to sort by. Not beside `sort`.", words(&names)),
        query("sort_dir", "Which way; descending if absent. Not beside `sort`.", words(Direction::WORDS)),
        query("all_tenants", "From an admin: every project's. From anyone else it is ignored.", text("true")),
        query("project_id", "With `all_tenants`: one project's.", ProjectId::schema()),
    ]
}

fn query(name: &str, what: &str, schema: RefOr<Schema>) -> Written {
    written(name, ParameterIn::Query, Required::False, what, schema)
}

fn header(name: &str, what: &str, schema: RefOr<Schema>) -> Written {
    written(name, ParameterIn::Header, Required::False, what, schema)
}

fn written(name: &str, place: ParameterIn, required: Required, what: &str, schema: RefOr<Schema>) -> Written {
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
    parameter.description(Some(what)).schema(Some(schema)).build()
}

fn text(example: &str) -> RefOr<Schema> {
    kind(Type::String).examples([example]).into()
}

fn kind(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(kind))
}
