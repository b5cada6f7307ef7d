//! Whole answers as text for snapshots, with what differs from run to run replaced by hand.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Answer, Client};

/// The headers that the contract speaks of.
const SHOWN: [&str; 10] = [
    "allow", "content-type", "openstack-api-version", "retry-after", "vary", "www-authenticate", "x-request-id",
    "x-openstack-request-id", "x-compute-request-id", "location",
];

/// An answer as text: what was asked, the status, the headers that the contract speaks of, the body.
/// Ids, times, keys and the server's port are replaced; the same id by the same word.
fn shown(client: &Client, answer: &Answer) -> String {
    let mut text = format!("{}\n{}\n", answer.asked, answer.status);
    for name in SHOWN {
        if let Some(value) = answer.header(name) {
            let _ = writeln!(text, "{name}: {value}");
        }
    }
    if !answer.body.is_empty() {
        text.push('\n');
        text.push_str(&serde_json::to_string_pretty(&answer.json()).unwrap());
    }
    redacted(&text.replace(client.host(), "[host]"))
}

/// What stands at the start of a text.
enum Found {
    Id,
    Time,
    Key,
}

fn redacted(text: &str) -> String {
    let mut ids = HashMap::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts_word = !out.ends_with(|before: char| before.is_ascii_alphanumeric());
        match found(rest).filter(|_| starts_word) {
            Some((Found::Id, length)) => {
                let next = ids.len() + 1;
                let number = *ids.entry(&rest[..length]).or_insert(next);
                let _ = write!(out, "[id {number}]");
                rest = &rest[length..];
            }
            Some((Found::Time, length)) => {
                out.push_str("[time]");
                rest = &rest[length..];
            }
            Some((Found::Key, length)) => {
                out.push_str("[key]");
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

fn found(text: &str) -> Option<(Found, usize)> {
    // h a lower-case hexadecimal digit, d a decimal one
    let fits = |form: &str| {
        let stands = text.len() >= form.len()
            && form.bytes().zip(text.bytes()).all(|(form, byte)| match form {
                b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                b'd' => byte.is_ascii_digit(),
                _ => form == byte,
            });
        let ends = text.as_bytes().get(form.len()).is_none_or(|after| !after.is_ascii_alphanumeric());
        (stands && ends).then_some(form.len())
    };
    fits("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh")
        .map(|length| (Found::Id, length))
        .or_else(|| fits("dddd-dd-ddTdd:dd:dd.dddddd").map(|length| (Found::Time, length)))
        .or_else(|| fits("hhhhhhhhhhhhhhhh").map(|length| (Found::Key, length)))
}

/// Compares a whole answer with the snapshot of this name: one for both engines.
pub fn assert_answer(name: &str, client: &Client, answer: &Answer) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown(client, answer)));
}
