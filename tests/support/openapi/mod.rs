//! The OpenAPI document, made from the route table, the types of bodies and answers, and the table of errors. The service has it in
//! it as it is printed here, and makes none itself. In reading order: `build` walks the routes; `schemas`, `parameters` and
//! `responses` write down what stands beside each handler.

mod build;
mod parameters;
mod responses;
mod schemas;

use handover::domain::Dialect;

use super::{Value, json};

/// The document of a server at this URL whose errors have one dialect, where a setting forces one.
pub fn document(dialect: Option<Dialect>, url: &str) -> Value {
    let mut document = serde_json::to_value(build::document(dialect)).unwrap();
    document["servers"] = json!([{"url": url}]);
    document
}
