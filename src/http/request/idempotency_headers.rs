//! What a request calls itself, as it was sent. Whether that is a name, `idempotency` judges, where a handler heeds it.

use actix_web::http::header::{HeaderMap, HeaderValue};

/// EVS's header: a UUID.
pub const CLIENT_TOKEN: &str = "X-Client-Token";

/// The wider known header. Source: the IETF's draft `httpapi-idempotency-key-header`.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Both headers, each as often as it stands in the request.
pub struct IdempotencyHeaders {
    pub client_tokens: Vec<HeaderValue>,
    pub idempotency_keys: Vec<HeaderValue>,
}

impl IdempotencyHeaders {
    /// Those in the head of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let all = |name| headers.get_all(name).cloned().collect();
        Self { client_tokens: all(CLIENT_TOKEN), idempotency_keys: all(IDEMPOTENCY_KEY) }
    }
}
