//! What a handler answers with, before headers that every answer has.

use serde::Serialize;
use serde_json::Value;

/// A body and its type.
#[derive(Debug)]
pub enum Body {
    Empty,
    Json(Value),
    /// Text of another type: the metrics.
    Text(&'static str, String),
}

/// A success.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Body,
}

impl Answer {
    pub const fn json(status: u16, body: Value) -> Self {
        Self { status, body: Body::Json(body) }
    }

    pub const fn empty(status: u16) -> Self {
        Self { status, body: Body::Empty }
    }
}

/// A `rel` and where it leads.
#[derive(Debug, Serialize)]
pub struct Link {
    pub rel: &'static str,
    pub href: String,
}
