//! Taking a body in: its type first, then its size, then its JSON.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue},
    web::{BytesMut, Payload},
};
use futures_util::StreamExt;
use serde_json::Value;

use super::body::malformed;
use crate::{
    http::answer::problem::{Kind, Problem},
    json,
};

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

/// Reads the JSON of a request that must have one.
///
/// # Errors
/// 415, 413, 400: in this order.
pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    if let Err(problem) = check_type(request) {
        drain(payload, 0).await;
        return Err(problem);
    }
    let bytes = match tokio::time::timeout(PATIENCE, collect(payload)).await {
        Ok(bytes) => bytes?,
        Err(_) => {
            return Err(malformed(format!("The body did not arrive within {} seconds. Send it again.", PATIENCE.as_secs())));
        }
    };
    json::parse(&bytes).map_err(|error| malformed(format!("The body is not JSON: {error}. Send one JSON object, in UTF-8.")))
}

fn check_type(request: &HttpRequest) -> Result<(), Problem> {
    let refused = |what: String| Err(Problem::new(Kind::MediaType, format!("{what} Send application/json, uncompressed.")));
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

async fn collect(mut payload: Payload) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| malformed("The body broke off before its end. Send it again, whole."))?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            drain(payload, bytes.len() + chunk.len()).await;
            return Err(Problem::new(
                Kind::BodyTooLarge,
                format!("The body has more than {MAX_BYTES} bytes. Send a smaller one."),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads and forgets what nobody asks for.
pub async fn drain(mut payload: Payload, mut seen: usize) {
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
