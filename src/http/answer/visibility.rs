//! Which keys an answer or a body has. A view or a body is a struct with every key, and one table says which of them this
//! microversion, resource or caller does not see: answers leave them out, the parser refuses them, the OpenAPI document says
//! so. Real clients refuse any other key.

use std::borrow::Cow;

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::domain::transfer::Resource;
use crate::http::request::api::Api;
use crate::http::request::call::Call;

/// A key that not every answer or body has.
#[derive(Debug, Clone, Copy)]
pub struct FieldRule {
    pub name: &'static str,
    /// The first microversion of `/v3` that has it; on `/v2` it never is.
    pub since: Option<u16>,
    pub for_admins: bool,
    /// The one of the transfers' two resources that has it.
    pub only_on: Option<Resource>,
    /// Whether it is left out where the record has none.
    pub at_times: bool,
}

impl FieldRule {
    const fn new(name: &'static str) -> Self {
        Self { name, since: None, for_admins: false, only_on: None, at_times: false }
    }

    /// Seen on `/v3` from microversion 3.`minor` on.
    pub const fn since(name: &'static str, minor: u16) -> Self {
        Self { since: Some(minor), ..Self::new(name) }
    }

    /// Seen by all on any path, left out where the record has none.
    pub const fn sometimes(name: &'static str) -> Self {
        Self::new(name).at_times()
    }

    /// Seen by admins alone, on any path.
    pub const fn for_admins(name: &'static str) -> Self {
        Self { for_admins: true, ..Self::new(name) }
    }

    /// Seen by admins alone, on `/v3` from microversion 3.`minor` on.
    pub const fn for_admins_since(name: &'static str, minor: u16) -> Self {
        Self { for_admins: true, ..Self::since(name, minor) }
    }

    /// The same, on one of the transfers' two resources alone.
    pub const fn only_on(self, resource: Resource) -> Self {
        Self { only_on: Some(resource), ..self }
    }

    /// The same, left out where the record has none.
    pub const fn at_times(self) -> Self {
        Self { at_times: true, ..self }
    }

    fn is_shown(&self, call: &Call) -> bool {
        self.is_known_on(call.api, call.resource)
            && self.since.is_none_or(|minor| call.is_from(minor))
            && (!self.for_admins || call.cx().sees_every_project())
    }

    /// Whether any call on these paths sees it.
    pub fn is_known_on(&self, api: Api, resource: Resource) -> bool {
        (self.since.is_none() || api == Api::V3) && self.only_on.is_none_or(|only| only == resource)
    }
}

/// A view or a body: a struct with every key.
pub trait Versioned: ToSchema {
    /// Those that not every call sees.
    const KEYS: &'static [FieldRule] = &[];

    /// Whether, in a body, a null under any key is as good as absent.
    const IGNORES_NULLS: bool = false;

    /// Those that this call does not see.
    fn hidden(call: &Call) -> impl Iterator<Item = &'static str> {
        Self::KEYS.iter().filter(|key| !key.is_shown(call)).map(|key| key.name)
    }
}

/// A struct that a body is read into or written from, as the document sees it.
#[derive(Clone, Copy)]
pub struct Part {
    pub name: fn() -> Cow<'static, str>,
    pub schema: fn() -> RefOr<Schema>,
    /// The schemas that `schema` refers to.
    pub nested: fn(&mut Vec<(String, RefOr<Schema>)>),
    pub keys: &'static [FieldRule],
    pub ignores_nulls: bool,
}

/// The part that a type is.
pub const fn part<T: Versioned>() -> Part {
    Part { name: T::name, schema: T::schema, nested: T::schemas, keys: T::KEYS, ignores_nulls: T::IGNORES_NULLS }
}

impl Part {
    /// Under a name of its own, where one type stands for several.
    pub const fn called(self, name: fn() -> Cow<'static, str>) -> Self {
        Self { name, ..self }
    }
}
