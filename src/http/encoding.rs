//! Files that are kept compressed, and clients that do not take them so.

use std::{io::Read, sync::OnceLock};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY},
    web::Bytes,
};
use flate2::read::GzDecoder;

use super::shared;

/// Whether a request asks for gzip. One that says nothing is given plain bytes: `curl` does, and shows them.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        ["gzip", "x-gzip"].iter().any(|gzip| name.trim().eq_ignore_ascii_case(gzip)) && !is_refused
    })
}

/// A file of our own: the same bytes for every caller, which all answers share.
#[derive(Debug)]
pub struct File {
    content_type: String,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Plain(Bytes),
    /// The plain bytes are made when they are first asked for.
    Zipped {
        zipped: Bytes,
        plain: OnceLock<Bytes>,
    },
}

impl File {
    pub const fn plain(content_type: String, bytes: Bytes) -> Self {
        Self { content_type, kept: Kept::Plain(bytes) }
    }

    /// A file that gzip compressed.
    pub const fn zipped(content_type: String, zipped: Bytes) -> Self {
        Self { content_type, kept: Kept::Zipped { zipped, plain: OnceLock::new() } }
    }

    /// The answer to a request with these headers.
    ///
    /// # Panics
    /// On a compressed file that gzip did not make.
    pub fn answer(&self, mut response: HttpResponseBuilder, asked: &HeaderMap) -> HttpResponse {
        response.insert_header((CONTENT_TYPE, self.content_type.as_str()));
        let bytes = match &self.kept {
            Kept::Plain(plain) => plain,
            Kept::Zipped { zipped, plain } => {
                response.insert_header((VARY, "Accept-Encoding"));
                if takes_gzip(asked) {
                    response.insert_header((CONTENT_ENCODING, "gzip"));
                    zipped
                } else {
                    plain.get_or_init(|| unzipped(zipped))
                }
            }
        };
        response.body(shared::body([bytes.clone()]))
    }
}

fn unzipped(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain.into()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn gzip_goes_to_those_alone_who_ask_for_it() {
        for (asked, expected) in [
            (None, false),
            (Some(""), false),
            (Some("identity"), false),
            (Some("deflate, br"), false),
            (Some("gzip"), true),
            (Some("br;q=1.0, GZIP;q=0.8"), true),
            (Some("gzip;q=0"), false),
            (Some("gzip; q=0.000"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(asked) = asked {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(asked));
            }
            assert_eq!(takes_gzip(&headers), expected, "{asked:?}");
        }
    }
}
