//! The OpenAPI document, made from the route table, the types of bodies and answers, and the table of errors; it is handed to
//! those who serve it as bytes. In reading order: `operations` is what the document says of each handler, in the form that
//! `operation` gives it; `build` walks the routes; `schemas`, `parameters` and `responses` write down their parts.

mod build;
pub mod operation;
pub mod operations;
mod parameters;
mod responses;
mod schemas;

use crate::{domain::Dialect, http::answer::api_document::ApiDocument};

/// The document of a server whose errors have one dialect, where a setting forces one.
pub fn document(dialect: Option<Dialect>) -> ApiDocument {
    ApiDocument::new(move || serde_json::to_value(build::document(dialect)).expect("its keys are text and its numbers finite"))
}
