//! What a handler answers with, before headers that every answer has.

use std::sync::Arc;

use actix_web::web::Bytes;
use serde_json::{Map, Value, json};

use super::{file::File, links::Link, measured::Measured};
use crate::{
    domain::page::{Listed, Page},
    http::request::call::Call,
};

/// A body and its type.
#[derive(Debug)]
pub enum Body {
    Empty,
    Json(Value),
    /// What was measured, which the server writes with what it counts itself.
    Metrics(Measured),
    /// Of this type, the same bytes for every caller or nearly so.
    Shared(&'static str, Vec<Bytes>),
    /// A file, compressed for those who take it so.
    File(Arc<File>),
}

/// A success.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Body,
    /// Headers of its own, beside those that every answer has.
    pub headers: Vec<(&'static str, &'static str)>,
}

impl Answer {
    /// An answer of this status, without headers of its own.
    pub const fn new(status: u16, body: Body) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// An answer of `application/json`.
    pub const fn json(status: u16, body: Value) -> Self {
        Self::new(status, Body::Json(body))
    }

    /// The same with a header of its own.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A page of a list: its rows under `name`, and a link to the next page if, and only if, there is one.
    pub fn page<T: Listed>(call: &Call, name: &str, page: &Page<T>, view: impl Fn(&T) -> Map<String, Value>) -> Self {
        Self::linked_page(call, name, &format!("{name}_links"), page, view)
    }

    /// A page of a list whose links have a name of their own.
    pub fn linked_page<T: Listed>(
        call: &Call,
        name: &str,
        links: &str,
        page: &Page<T>,
        view: impl Fn(&T) -> Map<String, Value>,
    ) -> Self {
        let rows = page.rows.iter().map(view).map(Value::Object).collect();
        let mut body = Map::from_iter([(name.to_owned(), Value::Array(rows))]);
        if let Some(last) = page.rows.last().filter(|_| page.has_next) {
            body.insert(links.to_owned(), json!([Link { rel: "next", href: call.next_page(last.id()) }]));
        }
        Self::json(200, Value::Object(body))
    }

    /// The same with how many rows there are on all pages, where they were counted.
    #[must_use]
    pub fn counted_if(mut self, rows: Option<i64>) -> Self {
        if let (Body::Json(Value::Object(body)), Some(rows)) = (&mut self.body, rows) {
            body.insert("count".to_owned(), json!(rows));
        }
        self
    }

    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }
}
