//! Taking a body in: its type first, then its size, then its JSON.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::web::{self, BytesMut};
use futures_util::StreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::api::Api;
use super::body::{expecting, malformed};
use crate::http::answer::problem::{Kind, Problem, problem};
use crate::{identity, json};

/// The largest body that is read. Source: Cinder's `osapi_max_request_body_size`.
pub const MAX_BYTES: usize = 112 * 1024;

/// How much of a body that is too large is still read and thrown away, so that the client reads our answer instead of
/// finding its connection reset.
const MAX_DRAINED: usize = 8 * 1024 * 1024;

/// How long the rest of a body that nobody asks for is waited for.
const DRAIN_PATIENCE: Duration = Duration::from_secs(1);

/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);

const TYPES: [&str; 2] = ["application/json", "application/vnd.openstack.volume+json"];

/// A body as it came, and its SHA-256, which is made as it is read.
struct Body {
    bytes: BytesMut,
    hash: [u8; 32],
}

/// A body on its way in: read as late as may be, since most of what is refused is refused by its head.
pub struct Incoming {
    is_signed: bool,
    payload: Option<web::Payload>,
    body: Option<Body>,
}

impl Incoming {
    /// The body of this request, not a byte of it read.
    pub fn new(request: &HttpRequest, payload: web::Payload) -> Self {
        Self { is_signed: identity::is_signed(request.headers()), payload: Some(payload), body: None }
    }

    /// Its SHA-256, where the caller is known by it: where the request is signed.
    ///
    /// # Errors
    /// 413, and 400 where it does not come to its end.
    pub async fn hash(&mut self) -> Result<Option<[u8; 32]>, Problem> {
        if self.is_signed { self.read().await.map(|body| Some(body.hash)) } else { Ok(None) }
    }

    /// The JSON of a request that must have one. An identity's that has none is refused in Keystone's words, which ours follow.
    ///
    /// # Errors
    /// 415, 413, 400: in this order; 400 in place of 415 from an identity.
    pub async fn json(&mut self, request: &HttpRequest, api: Api) -> Result<Value, Problem> {
        self.strictly(request).await.map_err(|problem| {
            let words = match problem.kind {
                Kind::MediaType if api == Api::Identity => expecting("application/json", "Content-Type header"),
                Kind::Body if api == Api::Identity => expecting("valid JSON", "request body"),
                _ => return problem,
            };
            problem!(Body, "{} {}", words.message, problem.message)
        })
    }

    async fn strictly(&mut self, request: &HttpRequest) -> Result<Value, Problem> {
        check_type(request)?;
        let Body { bytes, .. } = self.read().await?;
        json::parse(bytes).map_err(|error| malformed(format!("The body is not JSON: {error}. Send one JSON object, in UTF-8.")))
    }

    async fn read(&mut self) -> Result<&Body, Problem> {
        if let Some(payload) = self.payload.take() {
            let body = tokio::time::timeout(PATIENCE, collect(payload)).await.unwrap_or_else(|_| {
                Err(malformed(format!("The body did not arrive within {} seconds. Send it again.", PATIENCE.as_secs())))
            });
            self.body = Some(body?);
        }
        self.body.as_ref().ok_or_else(|| malformed("The body could not be read."))
    }

    /// Reads and forgets what nobody asked for.
    pub async fn drain(self) {
        if let Some(payload) = self.payload {
            drain(payload, 0).await;
        }
    }
}

fn check_type(request: &HttpRequest) -> Result<(), Problem> {
    let refused = |what: String| Err(problem!(MediaType, "{what} Send application/json, uncompressed."));
    if let Some(encoding) = request.headers().get(CONTENT_ENCODING).filter(|encoding| !is_plain(encoding)) {
        return refused(format!("The body's encoding {encoding:?} is not read here."));
    }
    let Some(given) = request.headers().get(CONTENT_TYPE) else { return Ok(()) };
    let essence = given.to_str().unwrap_or("?").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty() || TYPES.contains(&essence.as_str()) {
        return Ok(());
    }
    refused(format!("The body's type {given:?} is not read here."))
}

/// No encoding at all, in whatever way that is said.
fn is_plain(encoding: &HeaderValue) -> bool {
    encoding.is_empty() || encoding.as_bytes().eq_ignore_ascii_case(b"identity")
}

async fn collect(mut payload: web::Payload) -> Result<Body, Problem> {
    let (mut bytes, mut hash) = (BytesMut::new(), Sha256::new());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| malformed("The body broke off before its end. Send it again, whole."))?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            drain(payload, bytes.len() + chunk.len()).await;
            return Err(problem!(BodyTooLarge, "The body has more than {MAX_BYTES} bytes. Send a smaller one."));
        }
        hash.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, hash: hash.finalize().into() })
}

/// Reads and forgets what nobody asks for.
async fn drain(mut payload: web::Payload, mut seen: usize) {
    let reading = async {
        while let Some(Ok(chunk)) = payload.next().await {
            seen += chunk.len();
            if seen > MAX_DRAINED {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_PATIENCE, reading).await;
}
