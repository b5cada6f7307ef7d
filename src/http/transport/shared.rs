//! Bodies whose bytes many answers share: what is sent is a view of them, never a copy.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, SizedStream};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, Quality, VARY};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::{StreamExt, stream};

use crate::http::answer::file::File;
use crate::http::request::call::accepted;

/// How much is handed over at once. The framework copies what it is given to what it writes from, and asks for more when that
/// is written: a client that does not read what it asked for holds no more than this.
const SLICE: usize = 32 * 1024;

/// How long a client that is still sending may take to read the answer before its connection is closed.
const FAREWELL: Duration = Duration::from_millis(300);

/// A body of these pieces, of known length.
pub fn body(pieces: impl IntoIterator<Item = Bytes>) -> impl MessageBody {
    let pieces: Vec<Bytes> = pieces.into_iter().collect();
    let length = pieces.iter().map(|piece| piece.len() as u64).sum();
    let slices =
        |bytes: Bytes| (0..bytes.len()).step_by(SLICE).map(move |from| bytes.slice(from..bytes.len().min(from + SLICE)));
    SizedStream::new(length, stream::iter(pieces.into_iter().flat_map(slices).map(Ok::<_, Infallible>)))
}

/// A small body before which the request's own was not read to its end: that is held, and so not read on, until the client has had
/// the time to read the answer. Then the framework closes the connection.
pub fn beside(body: BoxBody, held: Payload) -> BoxBody {
    match body.try_into_bytes() {
        Ok(bytes) => {
            let length = bytes.len() as u64;
            let reading = stream::once(tokio::time::sleep(FAREWELL)).filter_map(move |()| {
                let _ = &held;
                ready(None)
            });
            BoxBody::new(SizedStream::new(length, stream::iter([Ok::<_, Infallible>(bytes)]).chain(Box::pin(reading))))
        }
        Err(streamed) => streamed,
    }
}

// Which encoding a client takes, and files in it.

/// Whether a request asks for gzip. One that says nothing is given plain bytes: `curl` does, and shows them.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let is_gzip = |name: &String| ["gzip", "x-gzip"].iter().any(|gzip| name.trim().eq_ignore_ascii_case(gzip));
    accepted(headers, ACCEPT_ENCODING).iter().any(|coding| is_gzip(&coding.item) && coding.quality > Quality::ZERO)
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
    response.body(body([bytes.clone()]))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use actix_web::body::BodySize;
    use actix_web::http::header::HeaderValue;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// What is sent of a body, as it is handed over; its length must have been said before.
    fn sent(body: impl MessageBody) -> Vec<Bytes> {
        let BodySize::Sized(length) = body.size() else { panic!("the length is not known") };
        let mut body = pin!(body);
        let mut sent = Vec::new();
        while let Poll::Ready(Some(slice)) = body.as_mut().poll_next(&mut Context::from_waker(Waker::noop())) {
            sent.push(slice.unwrap_or_else(|_| panic!("a body of bytes does not fail")));
        }
        assert_eq!(sent.iter().map(Bytes::len).sum::<usize>() as u64, length);
        sent
    }

    /// Where each of these lies in memory. They must all be held while others are compared with them: what is freed may be
    /// taken again for the same.
    fn places(slices: &[Bytes]) -> Vec<*const u8> {
        slices.iter().map(|slice| slice.as_ptr()).collect()
    }

    #[test]
    fn a_body_is_its_pieces_in_slices_that_lie_where_the_pieces_do() {
        let pieces = [Bytes::from("head"), Bytes::new(), Bytes::from(vec![b'x'; 2 * SLICE + 1])];
        let sent = sent(body(pieces.clone()));
        assert_eq!(sent.concat(), pieces.concat());
        let [head, _, tail] = &pieces;
        let places = [head.as_ptr(), tail.as_ptr(), tail[SLICE..].as_ptr(), tail[2 * SLICE..].as_ptr()];
        assert_eq!(self::places(&sent), places);
    }

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
