//! The canonical request: what of a request is signed, in the one form that both sides come to.

use crate::identity::prelude::*;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// All but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// SHA-256 of the canonical request, in hexadecimal digits; `names` are of headers that were each sent once.
pub fn hash(head: &Head<'_>, names: &str, body_hash: &str) -> String {
    let mut hash = Sha256::new();
    for line in [head.method, &uri(head.path), &query(head.query)] {
        hash.update(line);
        hash.update("\n");
    }
    for (name, value) in names.split(';').filter_map(|name| Some((name, head.headers.get(name)?))) {
        hash.update(name);
        hash.update(":");
        hash.update(value.as_bytes().trim_ascii());
        hash.update("\n");
    }
    hash.update(format!("\n{names}\n{body_hash}"));
    hex(hash.finalize())
}

/// As the SDK has it, which decodes before it splits: `%2F` is signed as `/`.
fn uri(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let mut uri = percent_encode(&decoded, ENCODED_IN_PATH).to_string();
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// What the query says, sorted: `+` is a blank as everywhere here; no SDK sends one, since each encodes blank and plus.
fn query(raw: &str) -> String {
    let decode = |text: &str| -> Vec<u8> { percent_decode_str(&text.replace('+', " ")).collect() };
    let pieces = raw.split('&').filter(|piece| !piece.is_empty());
    let pairs = pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (decode(name), decode(value))).collect();
    pairs.sort_unstable();
    let encoded =
        pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name, ENCODED), percent_encode(value, ENCODED)));
    encoded.collect::<Vec<_>>().join("&")
}
