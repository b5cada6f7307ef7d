//! Files of our own: the same bytes for every caller, which all answers share.

use std::io::Read;
use std::sync::OnceLock;

use actix_web::web::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;

/// A file and its type.
pub struct File {
    /// As `Content-Type` has it.
    pub content_type: String,
    /// The bytes that gzip made, where the file is kept so.
    pub zipped: Option<Bytes>,
    /// Of what is zipped they are made when they are first asked for.
    plain: OnceLock<Bytes>,
}

impl File {
    /// A file that is kept as it is.
    pub fn plain(content_type: String, bytes: Bytes) -> Self {
        Self { content_type, zipped: None, plain: bytes.into() }
    }

    /// A file that gzip compressed.
    pub const fn zipped(content_type: String, zipped: Bytes) -> Self {
        Self { content_type, zipped: Some(zipped), plain: OnceLock::new() }
    }

    /// The bytes as they are read.
    ///
    /// # Panics
    /// On a compressed file that gzip did not make.
    pub fn plain_bytes(&self) -> &Bytes {
        self.plain.get_or_init(|| unzipped(self.zipped.as_deref().unwrap_or_default()))
    }
}

fn unzipped(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain.into()
}

// The bytes that `/openapi.json` shows: unpacked once, and shared by all answers. What they say is not known here.

/// Where the service is, which each caller sees in its own way: between what is before and what is behind it.
const SERVERS: (&str, &str) = (r#""servers":[{"url":"#, "}]");

/// The document of one server.
pub struct ApiDocument {
    packed: &'static [u8],
    /// What is before and behind the URL; unpacked when it is first asked for.
    around: OnceLock<[Bytes; 2]>,
}

impl ApiDocument {
    /// The document that lies here packed, whose `servers` are one with an empty URL. It is unpacked only if somebody asks.
    pub const fn new(packed: &'static [u8]) -> Self {
        Self { packed, around: OnceLock::new() }
    }

    /// The document as a caller sees it to whom the service is at `public_url`, in pieces of JSON.
    ///
    /// # Panics
    /// When it was not packed right, which a test would have found.
    pub fn at(&self, public_url: &str) -> [Bytes; 3] {
        let [before, behind] = self.around.get_or_init(|| {
            let (text, (before, behind)) = (unzipped(self.packed), SERVERS);
            // within a text of the document its quotes would be escaped
            let all = str::from_utf8(&text).expect("it is JSON");
            let at = all.find(&format!("{before}\"\"{behind}")).expect("it stands there") + before.len();
            [text.slice(..at), text.slice(at + 2..)]
        });
        [before.clone(), Value::from(public_url).to_string().into(), behind.clone()]
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    fn packed(document: &Value) -> ApiDocument {
        let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
        packing.write_all(document.to_string().as_bytes()).unwrap();
        ApiDocument::new(packing.finish().unwrap().leak())
    }

    fn made(url: &str) -> Value {
        json!({"info": "says \"servers\":[{\"url\":\"\"}]", "servers": [{"url": url}], "paths": {}})
    }

    #[test]
    fn the_url_alone_is_written_for_each_caller() {
        let document = packed(&made(""));
        let [one, other] = ["http://one", "http://other"].map(|url| document.at(url));
        for (pieces, url) in [(&one, "http://one"), (&other, "http://other")] {
            assert_eq!(pieces.concat(), made(url).to_string().as_bytes(), "{url}");
        }
        for shared in [0, 2] {
            assert_eq!(one[shared].as_ptr(), other[shared].as_ptr(), "all answers share what is around the URL");
        }
    }

    #[test]
    fn a_url_is_a_text_of_json() {
        let document: Value = serde_json::from_slice(&packed(&made("")).at("http://\"\\").concat()).unwrap();
        assert_eq!(document, made("http://\"\\"));
    }
}
