//! Bodies whose bytes many answers share: what is sent is a view of them, never a copy.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, SizedStream};
use actix_web::web::{Bytes, Payload};
use futures_util::{StreamExt, stream};

/// How much is handed over at once. The framework copies what it is given to what it writes from, and asks for more when that
/// is written: a client that does not read what it asked for holds no more than this.
const SLICE: usize = 32 * 1024;

/// How long a client that is still sending may take to read the answer before its connection is closed.
const FAREWELL: Duration = Duration::from_millis(300);

/// A body of these pieces, of known length.
pub fn body(pieces: impl IntoIterator<Item = Bytes>) -> impl MessageBody {
    let pieces: Vec<Bytes> = pieces.into_iter().collect();
    let length = pieces.iter().map(|piece| piece.len() as u64).sum();
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

fn slices(bytes: Bytes) -> impl Iterator<Item = Bytes> {
    (0..bytes.len()).step_by(SLICE).map(move |from| bytes.slice(from..bytes.len().min(from + SLICE)))
}

#[cfg(test)]
pub mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use actix_web::body::BodySize;

    use super::*;

    /// What is sent of a body, as it is handed over; its length must have been said before.
    pub fn sent(body: impl MessageBody) -> Vec<Bytes> {
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
    pub fn places(slices: &[Bytes]) -> Vec<*const u8> {
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
}
