//! Taking a body in: its type first, then its size, then its JSON.

use std::time::Duration;

use actix_web::HttpRequest;
pub use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{self, BytesMut};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use super::api::Api;
use super::body::{expecting, malformed};
use super::prelude::*;
use crate::domain::limits::{BODY, BODY_TIME, DRAINED};
use crate::{identity, json};

/// How long the next piece of a body without a length is waited for that nobody asks for, and how long all of a body.
const PIECE_PATIENCE: Duration = Duration::from_millis(100);
const DRAIN_PATIENCE: Duration = Duration::from_secs(1);

/// The chunk that stands for one which is malformed: nothing of the body comes behind it, not its end either.
pub const BROKEN: &[u8] = b"\0";

const TYPES: [&str; 2] = ["application/json", "application/vnd.openstack.volume+json"];

/// A body as it came, and its SHA-256, which is made as it is read.
struct Body {
    bytes: BytesMut,
    hash: [u8; 32],
}

/// A body on its way in: read as late as may be, since most of what is refused is refused by its head.
pub struct Incoming {
    is_signed: bool,
    /// As the head says it: a body in chunks does not say.
    length: Option<usize>,
    payload: web::Payload,
    /// How much was read of it.
    seen: usize,
    body: Option<Body>,
}

impl Incoming {
    /// The body of this request, not a byte of it read.
    pub fn new(request: &HttpRequest, payload: web::Payload) -> Self {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Self { is_signed: identity::is_signed(request.headers()), length, payload, seen: 0, body: None }
    }

    /// Its SHA-256, where the caller is known by it: where the request is signed.
    ///
    /// # Errors
    /// 413, and 400 where it does not come to its end.
    pub async fn hash(&mut self) -> Result<Option<[u8; 32]>> {
        if self.is_signed { self.read().await.map(|body| Some(body.hash)) } else { Ok(None) }
    }

    /// The JSON of a request that must have one. An identity's that has none is refused in Keystone's words, which ours follow.
    ///
    /// # Errors
    /// 415, 413, 400: in this order; 400 in place of 415 from an identity.
    pub async fn json(&mut self, request: &HttpRequest, api: Api) -> Result<Value> {
        self.strictly(request).await.map_err(|problem| {
            let words = match problem.kind {
                Kind::MediaType if api == Api::Identity => expecting("application/json", "Content-Type header"),
                Kind::Body if api == Api::Identity => expecting("valid JSON", "request body"),
                _ => return problem,
            };
            problem!(Body, "{} {}", words.message, problem.message)
        })
    }

    async fn strictly(&mut self, request: &HttpRequest) -> Result<Value> {
        check_type(request)?;
        let Body { bytes, .. } = self.read().await?;
        json::parse(bytes).map_err(|error| malformed(format!("The body is not JSON: {error}. Send one JSON object, in UTF-8.")))
    }

    async fn read(&mut self) -> Result<&Body> {
        let late = || problem!(Body, "The body did not arrive within {} seconds. Send it again.", BODY_TIME.as_secs());
        let body = match self.body.take() {
            Some(body) => body,
            None => tokio::time::timeout(BODY_TIME, self.collect()).await.unwrap_or_else(|_| Err(late()))?,
        };
        Ok(self.body.insert(body))
    }

    async fn collect(&mut self) -> Result<Body> {
        let too_large = || problem!(BodyTooLarge, "The body has more than {BODY} bytes. Send a smaller one.");
        ensure!(self.length.is_none_or(|length| length <= BODY), too_large());
        let (mut bytes, mut hash) = (BytesMut::new(), Sha256::new());
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| malformed("The body broke off before its end. Send it again, whole."))?;
            ensure!(chunk != BROKEN, malformed("A chunk of the body is malformed. Send its length in hexadecimal digits."));
            self.seen += chunk.len();
            ensure!(self.seen <= BODY, too_large());
            hash.update(&chunk);
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body { bytes, hash: hash.finalize().into() })
    }

    /// Reads and forgets what nobody asked for, as far as there is little of it and it is there already. What is not read to its
    /// end is given back: as long as it is held the server does not read on, and closes the connection behind the answer.
    pub async fn drain(mut self) -> Option<web::Payload> {
        if self.body.is_some() || tokio::time::timeout(DRAIN_PATIENCE, self.rest()).await.unwrap_or(false) {
            return None;
        }
        Some(self.payload)
    }

    /// Whether the end of the body is reached.
    async fn rest(&mut self) -> bool {
        let is_too_long = |seen: usize, length: Option<usize>| seen.max(length.unwrap_or(0)) > DRAINED;
        // one whose end is known comes to it
        let patience = if self.length.is_some() { DRAIN_PATIENCE } else { PIECE_PATIENCE };
        while !is_too_long(self.seen, self.length) {
            match tokio::time::timeout(patience, self.payload.next()).await {
                Ok(Some(Ok(chunk))) if chunk == BROKEN => return false,
                Ok(Some(Ok(chunk))) => self.seen += chunk.len(),
                Ok(None | Some(Err(_))) => return true,
                Err(_) => return false,
            }
        }
        false
    }
}

fn check_type(request: &HttpRequest) -> Result<()> {
    let refused = |what: String| problem!(MediaType, "{what} Send application/json, uncompressed.");
    let mut encodings = request.headers().get_all(CONTENT_ENCODING);
    let (encoding, second) = (encodings.next(), encodings.next());
    ensure!(second.is_none(), refused("`Content-Encoding` is there twice.".to_owned()));
    if let Some(encoding) = encoding.filter(|it| !it.is_empty() && !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(refused(format!("The body's encoding {encoding:?} is not read here.")));
    }
    let Some(given) = request.headers().get(CONTENT_TYPE) else { return Ok(()) };
    let essence = given.to_str().unwrap_or("?").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_known = essence.is_empty() || TYPES.contains(&essence.as_str());
    if is_known { Ok(()) } else { Err(refused(format!("The body's type {given:?} is not read here."))) }
}

/// Whether a request has a body that is read.
pub fn has_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}
