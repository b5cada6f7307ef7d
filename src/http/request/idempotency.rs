//! Requests that name themselves, so that a retry is no second request: EVS's `X-Client-Token` and the wider known
//! `Idempotency-Key`. A handler that heeds them says so in its first line; everywhere else they are ignored.

use actix_web::http::header::HeaderValue;
use serde_json::json;

use super::call::{CLIENT_TOKEN, Call, IDEMPOTENCY_KEY};
use super::prelude::*;
use crate::domain::limits::KEY;
use crate::service::replay::RequestName;

/// Has the request done once, if it names itself. Before the fields are taken out of the body.
///
/// # Errors
/// 400 when a header is malformed, or when there is more than one. No message repeats a value: it opens what was answered.
pub fn take_name(call: &mut Call) -> Result<()> {
    let (header, name) = match call.names.each_ref().map(Vec::as_slice) {
        [[], []] => return Ok(()),
        [[token], []] => (CLIENT_TOKEN, client_token(token)?),
        [[], [key]] => (IDEMPOTENCY_KEY, idempotency_key(key)?),
        [[_, ..], []] => return Err(Problem::new(Kind::ClientToken, twice(CLIENT_TOKEN))),
        [[], [_, ..]] => return Err(Problem::new(Kind::Url, twice(IDEMPOTENCY_KEY))),
        _ => return Err(problem!(Url, "The request has both {CLIENT_TOKEN} and {IDEMPOTENCY_KEY}. Send one of them.")),
    };
    let name = RequestName { header, name: name.into(), request: request(call).into(), links: call.public_url.clone() };
    if let Some(context) = &mut call.context {
        context.name = Some(name);
    }
    Ok(())
}

fn twice(header: &str) -> String {
    format!("The header {header} stands in the request more than once. Send one.")
}

/// A UUID is the same in each of its forms.
fn client_token(value: &HeaderValue) -> Result<String> {
    let id = value.to_str().ok().and_then(Id::parse).map(|id| id.to_string());
    let advice = "Send one that is new for each request, and the same in its retries.";
    id.ok_or_else(|| problem!(ClientToken, "The header {CLIENT_TOKEN} is not a UUID. {advice}"))
}

fn idempotency_key(value: &HeaderValue) -> Result<String> {
    let bytes = value.as_bytes();
    let fits = (1..=KEY).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    let text = value.to_str().ok().filter(|_| fits).map(str::to_owned);
    let rule = format_args!("has not 1 to {KEY} visible ASCII characters without blanks. Send, for example, a UUID.");
    text.ok_or_else(|| problem!(Url, "The header {IDEMPOTENCY_KEY} {rule}"))
}

/// All that the answer depends on: which operation, on which path and record, at which version, with which body. The order of
/// keys in the body and the form of an id in the path do not count, nor does the query, which nobody reads here.
fn request(call: &Call) -> String {
    let mut body = call.body.clone();
    body.sort_all_objects();
    let canonical = |text: &str| Id::parse(text).map_or_else(|| text.to_owned(), |id| id.to_string());
    let parameters: Vec<_> = call.parameters.0.iter().map(|(name, text)| (name, canonical(text))).collect();
    let microversion = call.microversion.map(|version| version.0);
    json!([call.method.as_str(), call.api.prefix(), call.route_path, parameters, microversion, body]).to_string()
}
