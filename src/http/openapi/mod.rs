//! The OpenAPI document, made from the route table, the types of bodies and answers, and the table of errors; and the page
//! that shows it. In reading order: `operations` is what the document says of each handler, in the form that `operation`
//! gives it; `build` walks the routes; `schemas`, `parameters` and `responses` write down their parts.

use std::sync::OnceLock;

use serde_json::{Value, json};

mod build;
pub mod operation;
pub mod operations;
pub mod page;
mod parameters;
mod responses;
mod schemas;
pub mod types;

use super::{answer::Answer, call::Call, problem::Problem};
use crate::domain::Dialect;

/// The document of one server: made when it is first asked for.
pub struct Document {
    /// The one dialect of its errors, where a setting forces one.
    dialect: Option<Dialect>,
    made: OnceLock<Value>,
}

impl Document {
    pub const fn new(dialect: Option<Dialect>) -> Self {
        Self { dialect, made: OnceLock::new() }
    }

    /// The document as a caller sees it to whom the service is at `public_url`.
    ///
    /// # Panics
    /// When the document is no JSON, which a test would have found.
    pub fn at(&self, public_url: &str) -> Value {
        let made = || serde_json::to_value(build::document(self.dialect)).expect("its keys are text and its numbers finite");
        let mut document = self.made.get_or_init(made).clone();
        document["servers"] = json!([{"url": public_url}]);
        document
    }
}

/// The document itself.
pub async fn document(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(200, call.document.at(&call.public_url)))
}
