//! Which encoding a client takes, and files in it.

use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::shared;
use crate::http::answer::file::File;

/// Whether a request asks for gzip. One that says nothing is given plain bytes: `curl` does, and shows them.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        ["gzip", "x-gzip"].iter().any(|gzip| name.trim().eq_ignore_ascii_case(gzip)) && !is_refused
    })
}

/// Answers a request with these headers with a file: as it is kept, or unpacked for those who do not take it so.
pub fn respond(mut response: HttpResponseBuilder, file: &File, asked: &HeaderMap) -> HttpResponse {
    response.insert_header((CONTENT_TYPE, file.content_type.as_str()));
    if file.zipped.is_some() {
        response.insert_header((VARY, "Accept-Encoding"));
    }
    let bytes = match file.zipped.as_ref().filter(|_| takes_gzip(asked)) {
        Some(zipped) => {
            response.insert_header((CONTENT_ENCODING, "gzip"));
            zipped
        }
        None => file.plain_bytes(),
    };
    response.body(shared::body([bytes.clone()]))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use actix_web::http::header::HeaderValue;
    use actix_web::web::Bytes;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::http::transport::shared::tests::{places, sent};

    /// What is sent of a file to one who takes this coding.
    fn sent_of(file: &File, coding: &'static str) -> Vec<Bytes> {
        let asked = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(coding))]);
        sent(respond(HttpResponse::Ok(), file, &asked).into_body())
    }

    #[test]
    fn all_answers_have_a_file_from_the_same_place() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"text").unwrap();
        let zipped = File::zipped("text/plain".to_owned(), encoder.finish().unwrap().into());
        let plain = File::plain("text/plain".to_owned(), Bytes::from("text"));
        for (file, coding) in [(&zipped, "gzip"), (&zipped, "identity"), (&plain, "gzip"), (&plain, "identity")] {
            let [one, other] = [sent_of(file, coding), sent_of(file, coding)];
            assert_eq!(places(&one), places(&other), "{coding}");
            let is_zipped = coding == "gzip" && file.zipped.is_some();
            assert_eq!(one.concat() == b"text", !is_zipped, "{coding}");
        }
    }

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
