//! What a handler answers with, before headers that every answer has.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::web::Bytes;
use serde::Serialize;

use super::file::File;
use super::links::Link;
use super::listing::Listing;
use super::visibility::{self, Versioned};
use crate::domain::page::{Listed, Page};
use crate::http::request::call::Call;
use crate::store::counts::Counts;

/// A body and its type.
pub enum Body {
    Empty,
    /// Bytes of `application/json`.
    Json(Vec<u8>),
    /// What was measured, which the server writes with what it counts itself.
    Metrics(Measured),
    /// Of this type, the same bytes for every caller or nearly so.
    Shared(&'static str, Vec<Bytes>),
    /// A file, compressed for those who take it so.
    File(Arc<File>),
}

/// A success.
pub struct Answer {
    pub status: u16,
    pub body: Body,
    /// Headers of its own, beside those that every answer has.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
}

impl Answer {
    /// An answer of this status, without headers of its own.
    pub const fn new(status: u16, body: Body) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    /// An answer of `application/json`, the same for every caller.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let mut bytes = Vec::new();
        visibility::write(body, &[], &mut bytes);
        Self::new(status, Body::Json(bytes))
    }

    /// A view under a name, without the keys that this call does not see.
    pub fn one<V: Versioned + Serialize>(call: &Call, status: u16, name: &'static str, view: &V) -> Self {
        let mut bytes = opened(name);
        visibility::write(view, &V::hidden(call), &mut bytes);
        bytes.push(b'}');
        Self::new(status, Body::Json(bytes))
    }

    /// Rows under a name, always all of them.
    pub fn rows<V: Versioned + Serialize>(call: &Call, name: &str, rows: impl IntoIterator<Item = V>) -> Self {
        let mut bytes = opened(name);
        list(call, rows, &mut bytes);
        bytes.push(b'}');
        Self::new(200, Body::Json(bytes))
    }

    /// A page of a list: its rows, each as `view` shows it, a link to the next page if, and only if, there is one, and how many
    /// rows there are on all pages where they were counted.
    pub fn page<'p, T: Listed, V: Versioned + Serialize>(
        call: &Call,
        listing: &Listing,
        page: &'p Page<T>,
        count: Option<i64>,
        view: impl Fn(&'p T) -> V,
    ) -> Self {
        let mut bytes = opened(listing.name);
        list(call, page.rows.iter().map(view), &mut bytes);
        let next = page.rows.last().filter(|_| page.has_next).map(|last| Link { rel: "next", href: call.next_page(last.id()) });
        if next.is_some() || listing.always_links {
            put(&mut bytes, &listing.links_name(), &Vec::from_iter(next));
        }
        if let Some(count) = count {
            put(&mut bytes, "count", &count);
        }
        bytes.push(b'}');
        Self::new(200, Body::Json(bytes))
    }

    /// The same with a header of its own.
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The beginning of an object with this key.
fn opened(name: &str) -> Vec<u8> {
    [b"{\"", name.as_bytes(), b"\":"].concat()
}

/// One more key of an open object.
fn put(bytes: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    bytes.extend([b",\"", name.as_bytes(), b"\":"].concat());
    visibility::write(value, &[], bytes);
}

fn list<V: Versioned + Serialize>(call: &Call, rows: impl IntoIterator<Item = V>, bytes: &mut Vec<u8>) {
    let hidden = V::hidden(call);
    bytes.push(b'[');
    for (at, row) in rows.into_iter().enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        visibility::write(&row, &hidden, bytes);
    }
    bytes.push(b']');
}

// What the metrics show beside what the server itself counts: how it stands with what is behind it at this moment.

/// What was measured for one answer.
pub struct Measured {
    /// Transfers by state; `None` where the database did not say.
    pub transfers: Option<Counts>,
    /// Connections of the pool: open ones, and those of them that are idle.
    pub connections: (usize, usize),
    /// Auth keys that wait for, or are in, the hashing threads.
    pub hash_waiting: usize,
    /// Refusals that left no act.
    pub refusals_not_kept: u64,
    /// Sign-ins by how they ended.
    pub sign_ins: Vec<(&'static str, u64)>,
    /// Whether it is asked for in OpenMetrics' form, and not in the one before it.
    pub is_open: bool,
}

impl Measured {
    /// The forms it is written in: Prometheus's text, and what that became.
    pub const CONTENT_TYPES: [&str; 2] =
        ["text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8"];

    /// The form that is asked for.
    pub fn content_type(&self) -> &'static str {
        Self::CONTENT_TYPES[usize::from(self.is_open)]
    }
}
