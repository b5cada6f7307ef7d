//! The bytes that `/openapi.json` shows: written once, and shared by all answers. What they say is not known here.

use std::sync::LazyLock;

use actix_web::web::Bytes;
use serde_json::{Value, json};

/// Where the service is, which each caller sees in its own way: between what is before and what is behind it.
const SERVERS: (&str, &str) = (r#""servers":[{"url":"#, "}]");

/// How a document is written when it is first asked for: before and behind the URL of the service.
type Writing = Box<dyn FnOnce() -> (Bytes, Bytes) + Send>;

/// The document of one server.
pub struct ApiDocument(LazyLock<(Bytes, Bytes), Writing>);

impl ApiDocument {
    /// The document that `make` makes, without its `servers`. It is called once, and only if somebody asks.
    pub fn new(make: impl FnOnce() -> Value + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(move || written(make()))))
    }

    /// The document as a caller sees it to whom the service is at `public_url`, in pieces of JSON.
    ///
    /// # Panics
    /// When the document is no object, or its making panics, which a test would have found.
    pub fn at(&self, public_url: &str) -> [Bytes; 3] {
        let (before, behind) = LazyLock::force(&self.0).clone();
        [before, Bytes::from(Value::from(public_url).to_string()), behind]
    }
}

fn written(mut document: Value) -> (Bytes, Bytes) {
    document["servers"] = json!([{"url": ""}]);
    let (before, behind) = SERVERS;
    let text = document.to_string();
    // within a text of the document its quotes would be escaped
    let at = text.find(&format!("{before}\"\"{behind}")).expect("it stands there") + before.len();
    let text = Bytes::from(text);
    (text.slice(..at), text.slice(at + 2..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_alone_is_written_for_each_caller() {
        let made = || json!({"info": "says \"servers\":[{\"url\":\"\"}]", "paths": {}});
        let document = ApiDocument::new(made);
        let [one, other] = ["http://one", "http://other"].map(|url| document.at(url));
        for (pieces, url) in [(&one, "http://one"), (&other, "http://other")] {
            let mut expected = made();
            expected["servers"] = json!([{"url": url}]);
            assert_eq!(pieces.concat(), expected.to_string().as_bytes(), "{url}");
        }
        for shared in [0, 2] {
            assert_eq!(one[shared].as_ptr(), other[shared].as_ptr(), "all answers share what is around the URL");
        }
    }

    #[test]
    fn a_url_is_a_text_of_json() {
        let document: Value = serde_json::from_slice(&ApiDocument::new(|| json!({})).at("http://\"\\").concat()).unwrap();
        assert_eq!(document, json!({"servers": [{"url": "http://\"\\"}]}));
    }
}
