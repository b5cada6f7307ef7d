//! Files that are kept compressed, and clients that do not take them so.

use std::io::Read;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use flate2::read::GzDecoder;

/// Whether a request asks for gzip. One that says nothing is given plain bytes: `curl` does, and shows them.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        ["gzip", "x-gzip"].iter().any(|gzip| name.trim().eq_ignore_ascii_case(gzip)) && !is_refused
    })
}

/// The bytes of one of our own files.
///
/// # Panics
/// On what gzip did not make.
pub fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain
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
