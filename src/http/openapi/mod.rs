//! The OpenAPI document, made from the route table, the types of bodies and answers, and the table of errors; it is handed to
//! those who serve it as bytes. In reading order: `build` walks the routes; `schemas`, `parameters` and `responses` write down
//! what stands beside each handler.

mod build;
mod parameters;
mod responses;
mod schemas;

use crate::domain::Dialect;
use crate::http::answer::api_document::ApiDocument;

/// The document of a server whose errors have one dialect, where a setting forces one.
pub fn document(dialect: Option<Dialect>) -> ApiDocument {
    ApiDocument::new(move || serde_json::to_value(build::document(dialect)).expect("its keys are text and its numbers finite"))
}
