//! A connection, as the server reads it: what comes is looked at before the server's parser sees it. Clients send bytes in a URL that
//! belong percent-encoded there, and they count as if they were; what still is no HTTP becomes a request that is answered as an error.

use std::borrow::Cow;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::ServiceConfig;
use actix_http::error::ParseError;
use actix_http::h1::{Codec, Message, MessageType};
use actix_web::web::BytesMut;
use actix_web::{HttpMessage, HttpRequest};
use percent_encoding::{AsciiSet, percent_encode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::codec::Decoder;

use crate::domain::limits::{HEAD, HEAD_TIME, HEADERS, TARGET};
use crate::http::answer::problem::{Kind, Problem, problem};
use crate::http::request::api::Api;
use crate::http::request::payload::BROKEN;

/// What is percent-encoded in a request line, besides all that is no ASCII. What else the parser refuses there is no URL.
const RAW: &AsciiSet =
    &AsciiSet::EMPTY.add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The method of the request that stands for what was refused. From a client it is refused itself.
const REFUSED: &str = "REFUSED";

/// What a client sends and is sent.
pub struct Connection<T> {
    io: T,
    stage: Stage,
    /// Reads all that comes before the server does, as the server will: it says where heads begin, and what is no HTTP.
    codec: Codec,
    /// Of what came, what is no whole head yet.
    received: BytesMut,
    /// What the server has not read yet.
    checked: BytesMut,
    /// When it is too late for the rest of a head.
    late: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing came yet.
    Silent,
    /// So much of a body is still to come; behind it a head.
    Body(u64),
    /// A body comes whose end the codec sees, in chunks or not.
    Coded { in_chunks: bool },
    /// What came was refused: nothing of it counts any more.
    Refused,
}

impl<T> Connection<T> {
    /// A connection of which nothing was read yet; what is configured makes no difference to how it is read.
    pub fn new(io: T, config: ServiceConfig) -> Self {
        let (codec, received, checked) = (Codec::new(config), BytesMut::new(), BytesMut::new());
        Self { io, stage: Stage::Silent, codec, received, checked, late: None }
    }

    /// Whether this may be read where it lies, as nearly all may: a plain head and its body, or of a body.
    fn lets_through(&mut self, came: &[u8]) -> bool {
        let plain = match self.stage {
            Stage::Silent | Stage::Body(0) if self.received.is_empty() => whole_head(came, plain_head),
            Stage::Body(left) if left > 0 => Some((0, left)),
            _ => None,
        };
        let left = plain.and_then(|(head, body)| body.checked_sub((came.len() - head) as u64));
        let Some(left) = left else { return false };
        (self.stage, self.late) = (Stage::Body(left), None);
        true
    }

    /// Lets through what is whole of what came.
    fn check(&mut self) {
        let mut goes_on = true;
        while goes_on && !self.received.is_empty() {
            match self.stage {
                Stage::Silent | Stage::Body(0) => goes_on = self.check_head(),
                Stage::Body(left) => {
                    let length = self.received.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    self.checked.unsplit(self.received.split_to(length));
                    self.stage = Stage::Body(left - length as u64);
                }
                Stage::Coded { in_chunks } => goes_on = self.check_body(in_chunks),
                Stage::Refused => self.received.clear(),
            }
        }
    }

    /// Whether there was a head.
    fn check_head(&mut self) -> bool {
        let blank = self.received.iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let _ = self.received.split_to(blank);
        if self.received.is_empty() {
            return false;
        }
        encode_target(&mut self.received);
        let end = whole_head(&self.received, |length, _| Some(length));
        // what is refused already is not waited for
        let head = self.received.split_to(end.unwrap_or(self.received.len()));
        let mut unread = head.clone();
        let read = if is_too_large(&head) { Err(ParseError::TooLarge) } else { self.codec.decode(&mut unread) };
        match read {
            Ok(None) if end.is_none() => self.received = head,
            Ok(Some(Message::Item(request))) if end.is_some() && request.method().as_str() != REFUSED => {
                self.checked.unsplit(head);
                let in_chunks = request.chunked().unwrap_or(false);
                let has_body = self.codec.message_type() != MessageType::None;
                (self.stage, self.late) = (if has_body { Stage::Coded { in_chunks } } else { Stage::Body(0) }, None);
            }
            refused => self.refuse(refused.err().map_or(Kind::NoHttp, |error| kind(&error, &head)), &head),
        }
        end.is_some()
    }

    /// Whether a body came to its end. Chunks are let through as other ones, and where one is malformed, [`BROKEN`] is the last.
    fn check_body(&mut self, in_chunks: bool) -> bool {
        let chunked = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        loop {
            let piece = match self.codec.decode(&mut self.received) {
                Ok(Some(Message::Chunk(piece))) => piece,
                Err(_) => {
                    self.checked.extend_from_slice(&chunked(BROKEN));
                    (self.stage, self.late) = (Stage::Refused, None);
                    return false;
                }
                _ => return false,
            };
            let bytes = piece.as_deref().unwrap_or_default();
            if in_chunks {
                self.checked.extend_from_slice(&chunked(bytes));
            } else {
                self.checked.extend_from_slice(bytes);
            }
            if piece.is_none() {
                self.stage = Stage::Body(0);
                return true;
            }
        }
    }

    /// Puts a request there in place of what came.
    fn refuse(&mut self, kind: Kind, head: &[u8]) {
        let target = head.split(|byte| b" ?\r\n".contains(byte)).nth(1).unwrap_or_default();
        let prefix = str::from_utf8(target).map_or("", |target| Api::of(target).prefix());
        let status = kind.row().status.as_u16();
        let request = format!("{REFUSED} {prefix}/?{status} HTTP/1.1\r\nHost: -\r\nConnection: close\r\n\r\n");
        self.checked.extend_from_slice(request.as_bytes());
        (self.stage, self.late) = (Stage::Refused, None);
        self.received.clear();
    }

    /// Until it is too late for the head that is waited for, if one is.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.stage == Stage::Silent || self.stage == Stage::Body(0) && !self.received.is_empty() {
            return self.late.get_or_insert_with(|| Box::pin(sleep(HEAD_TIME))).as_mut().poll(cx);
        }
        Poll::Pending
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.checked.is_empty() {
            let before = buf.filled().len();
            let Poll::Ready(read) = Pin::new(&mut this.io).poll_read(cx, buf) else {
                ready!(this.poll_late(cx));
                let head = this.received.split();
                this.refuse(Kind::Late, &head);
                break;
            };
            read?;
            let came = &buf.filled()[before..];
            if came.is_empty() {
                // who was refused and has no more to say is still answered
                return if this.stage == Stage::Refused { Poll::Pending } else { Poll::Ready(Ok(())) };
            }
            if this.lets_through(came) {
                return Poll::Ready(Ok(()));
            }
            this.received.extend_from_slice(came);
            buf.set_filled(before);
            this.check();
        }
        let length = this.checked.len().min(buf.remaining());
        buf.put_slice(&this.checked.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// Why a request was refused that stands for what came.
pub fn refusal(request: &HttpRequest) -> Option<Problem> {
    if request.method().as_str() != REFUSED {
        return None;
    }
    let kinds = [Kind::NoHttp, Kind::Late, Kind::TargetTooLong, Kind::HeadTooLarge];
    Some(match kinds.into_iter().find(|kind| kind.row().status.as_str() == request.query_string())? {
        Kind::Late => problem!(Late, "The head of the request did not arrive within {} s. Send it whole.", HEAD_TIME.as_secs()),
        Kind::TargetTooLong => problem!(TargetTooLong, "The URL has more than {TARGET} bytes. Send a shorter one."),
        Kind::HeadTooLarge => {
            problem!(HeadTooLarge, "The head of the request has {HEAD} bytes or over {HEADERS} headers. Send fewer.")
        }
        _ => problem!(
            NoHttp,
            "This is no request of HTTP/1.1: its request line or a header is malformed. Percent-encode blanks and control \
             characters in the URL, and send one Host and one Content-Length at most."
        ),
    })
}

/// What `read` makes of a head that is whole and well-formed, and of its length.
fn whole_head<T>(received: &[u8], read: impl FnOnce(usize, httparse::Request<'_, '_>) -> Option<T>) -> Option<T> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(received, &mut headers);
    if let Ok(httparse::Status::Complete(length)) = parsed { read(length, request) } else { None }
}

/// The length of a head with nothing in it that needs a closer look, and that of the body behind it.
fn plain_head(length: usize, request: httparse::Request<'_, '_>) -> Option<(usize, u64)> {
    let (method, target) = (request.method?, request.path?);
    let is_plain =
        request.version? == 1 && ["GET", "HEAD", "POST", "PUT", "DELETE"].contains(&method) && target.starts_with('/');
    if !is_plain || length > TARGET || matches!(percent_encode(target.as_bytes(), RAW).into(), Cow::Owned(_)) {
        return None;
    }
    let (mut hosts, mut body) = (0, None);
    for header in request.headers {
        let is = |name| header.name.eq_ignore_ascii_case(name);
        if is("Transfer-Encoding") || is("Upgrade") || body.is_some() && is("Content-Length") {
            return None;
        }
        hosts += u8::from(is("Host"));
        if is("Content-Length") {
            let digits = str::from_utf8(header.value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            body = Some(digits?.parse().ok()?);
        }
    }
    (hosts == 1).then_some((length, body.unwrap_or(0)))
}

/// Percent-encodes in the request line, as far as it is there, what belongs so. Behind the target it finds nothing.
fn encode_target(received: &mut BytesMut) {
    let end = received.iter().position(|byte| *byte == b'\n').unwrap_or(received.len());
    let Some(from) = received[..end].iter().position(|byte| *byte == b' ') else { return };
    if let Cow::Owned(encoded) = percent_encode(&received[from..end], RAW).into() {
        let behind = received.split_off(end);
        received.truncate(from);
        received.extend_from_slice(encoded.as_bytes());
        received.unsplit(behind);
    }
}

/// Whether it is more than is read of a head. The parser panics at a name that is longer than any may be.
fn is_too_large(head: &[u8]) -> bool {
    let long_name = |line: &[u8]| line.iter().take_while(|byte| **byte != b':').count() > TARGET;
    head.len() >= HEAD || head.len() > TARGET && head.split(|byte| *byte == b'\n').skip(1).any(long_name)
}

/// What the parser complains of.
fn kind(error: &ParseError, head: &[u8]) -> Kind {
    let line = head.iter().take_while(|byte| **byte != b'\n').count();
    match error {
        ParseError::Uri(_) | ParseError::TooLarge if line > TARGET => Kind::TargetTooLong,
        ParseError::TooLarge => Kind::HeadTooLarge,
        _ => Kind::NoHttp,
    }
}
