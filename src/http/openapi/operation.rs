//! What the document says of a handler beside what the route table knows: a row of `operations`.

use std::borrow::Cow;

use utoipa::openapi::{RefOr, Schema};

use crate::{
    domain::page::SortKey,
    http::{
        problem::Kind,
        shape::{Key, Shape},
    },
};

/// A struct that a body is read into or written from, as the document sees it.
#[derive(Clone, Copy)]
pub struct Part {
    pub name: fn() -> Cow<'static, str>,
    pub schema: fn() -> RefOr<Schema>,
    /// The schemas that `schema` refers to.
    pub nested: fn(&mut Vec<(String, RefOr<Schema>)>),
    pub keys: &'static [Key],
}

/// The part that a type is.
pub const fn part<T: Shape>() -> Part {
    Part { name: T::name, schema: T::schema, nested: T::schemas, keys: T::KEYS }
}

/// What a body holds.
#[derive(Clone, Copy)]
pub enum Content {
    Nothing,
    /// The one object under this name.
    One(&'static str, Part),
    /// Rows under this name, and a link to the next page where there is one.
    Page(&'static str, Part),
    /// Rows under this name, always all of them.
    Rows(&'static str, Part),
    /// The object itself.
    Whole(Part),
    /// Any object.
    Object,
    /// No JSON, but one of these types.
    Other(&'static [&'static str]),
}

/// A parameter of the query.
#[derive(Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub what: &'static str,
    pub value: ParameterValue,
}

#[derive(Clone, Copy)]
pub enum ParameterValue {
    Text,
    Id,
    /// What `list_query::is_on` reads.
    Flag,
    Number,
    Words(&'static [&'static str]),
}

/// A filter that any text may be given to.
pub const fn text(name: &'static str) -> Parameter {
    Parameter { name, what: "Only what has exactly this.", value: ParameterValue::Text }
}

/// A filter that a UUID is given to.
pub const fn id(name: &'static str) -> Parameter {
    Parameter { name, what: "Only what has exactly this.", value: ParameterValue::Id }
}

/// A row.
pub struct Operation {
    /// The handler, as the route table names it.
    pub handled_by: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub takes: Content,
    pub status: u16,
    pub answers: Content,
    /// What it can be sorted by, where it is a list with the parameters of every list.
    pub sort_keys: Option<&'static [SortKey]>,
    pub query: &'static [Parameter],
    /// The errors of its own, beside those of the checks before it.
    pub refuses: &'static [Kind],
}

impl Operation {
    pub const fn new(handled_by: &'static str, summary: &'static str) -> Self {
        Self {
            handled_by,
            summary,
            description: "",
            takes: Content::Nothing,
            status: 200,
            answers: Content::Nothing,
            sort_keys: None,
            query: &[],
            refuses: &[],
        }
    }

    #[must_use]
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    #[must_use]
    pub const fn takes(self, takes: Content) -> Self {
        Self { takes, ..self }
    }

    #[must_use]
    pub const fn answers(self, status: u16, answers: Content) -> Self {
        Self { status, answers, ..self }
    }

    #[must_use]
    pub const fn list(self, sort_keys: &'static [SortKey]) -> Self {
        Self { sort_keys: Some(sort_keys), ..self }
    }

    #[must_use]
    pub const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    #[must_use]
    pub const fn refuses(self, refuses: &'static [Kind]) -> Self {
        Self { refuses, ..self }
    }
}

/// The rows of one subject.
pub struct Subject {
    pub name: &'static str,
    pub what: &'static str,
    pub operations: &'static [Operation],
}
