//! The OpenAPI document, made from the route table, the types of bodies and answers, and the table of errors; and the page
//! that shows it. In reading order: `operations` is what the document says of each handler, in the form that `operation`
//! gives it; `build` walks the routes; `schemas`, `parameters` and `responses` write down their parts.

use std::sync::OnceLock;

use actix_web::web::Bytes;
use serde_json::{Value, json};

mod build;
pub mod operation;
pub mod operations;
pub mod page;
mod parameters;
mod responses;
mod schemas;
pub mod types;

use super::{
    answer::{Answer, Body},
    call::Call,
    problem::Problem,
};
use crate::domain::Dialect;

/// Where the service is, which each caller sees in its own way: between what is before and what is behind it.
const SERVERS: (&str, &str) = (r#""servers":[{"url":"#, "}]");

/// The document of one server: written when it is first asked for, and shared by all answers.
pub struct Document {
    /// The one dialect of its errors, where a setting forces one.
    dialect: Option<Dialect>,
    /// Before and behind the URL of the service.
    written: OnceLock<(Bytes, Bytes)>,
}

impl Document {
    pub const fn new(dialect: Option<Dialect>) -> Self {
        Self { dialect, written: OnceLock::new() }
    }

    /// The document as a caller sees it to whom the service is at `public_url`, in pieces of JSON.
    ///
    /// # Panics
    /// When the document is no JSON, which a test would have found.
    pub fn at(&self, public_url: &str) -> [Bytes; 3] {
        let (before, behind) = self.written.get_or_init(|| written(self.dialect)).clone();
        [before, Bytes::from(Value::from(public_url).to_string()), behind]
    }
}

fn written(dialect: Option<Dialect>) -> (Bytes, Bytes) {
    let mut document = serde_json::to_value(build::document(dialect)).expect("its keys are text and its numbers finite");
    document["servers"] = json!([{"url": ""}]);
    let (before, behind) = SERVERS;
    let text = document.to_string();
    // within a text of the document its quotes would be escaped
    let at = text.find(&format!("{before}\"\"{behind}")).expect("it stands there") + before.len();
    let text = Bytes::from(text);
    (text.slice(..at), text.slice(at + 2..))
}

/// The document itself.
pub async fn document(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::shared::{
        self,
        tests::{places, sent},
    };

    #[test]
    fn the_url_alone_is_written_for_each_caller() {
        let document = Document::new(None);
        let [one, other] = ["http://one", "http://other"].map(|url| sent(shared::body(document.at(url))));
        for (sent, url) in [(&one, "http://one"), (&other, "http://other")] {
            let mut expected = serde_json::to_value(build::document(None)).unwrap();
            expected["servers"] = json!([{"url": url}]);
            assert!(sent.concat() == expected.to_string().as_bytes(), "{url}");
        }
        let own = one.iter().position(|slice| slice == "\"http://one\"").unwrap();
        assert_eq!(other[own], "\"http://other\"");
        let shared = |sent: &[Bytes]| [&places(&sent[..own]), &places(&sent[own + 1..])[..]].concat();
        assert!(!shared(&one).is_empty());
        assert_eq!(shared(&one), shared(&other));
    }

    #[test]
    fn a_url_is_a_text_of_json() {
        let document: Value = serde_json::from_slice(&Document::new(None).at("http://\"\\").concat()).unwrap();
        assert_eq!(document["servers"], json!([{"url": "http://\"\\"}]));
    }
}
