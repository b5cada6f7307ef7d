//! A request that is signed with a secret key, as Huawei's SDKs sign it: `SDK-HMAC-SHA256`. Whose key it is, and what he may do,
//! is not known here. Source: `signer.py` of huaweicloudsdkcore 3.1.

mod canonical;

use crate::identity::prelude::*;
use actix_web::http::header::HeaderMap;
use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use subtle::ConstantTimeEq;

/// How far a request's date may be off, to either side. Source: Huawei's gateway.
const WINDOW: Duration = Duration::from_mins(15);

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const FORM: &str = "`Authorization: SDK-HMAC-SHA256 Access=KEY, SignedHeaders=NAMES, Signature=HEX`";
const DATE: &str = "x-sdk-date";
const PROJECT: &str = "x-project-id";

/// What an unknown access key is verified against: as long as a secret key is.
const NOBODYS: &str = "0000000000000000000000000000000000000000";

/// A request that says it is signed, in due form and time; whether it is, [`Self::verify`] says.
pub struct Signature<'r> {
    head: Head<'r>,
    /// The access key that it is said to be signed by.
    pub access: &'r str,
    /// As they were sent, which is sorted: each header is there once.
    names: &'r str,
    body_hash: String,
    sent: &'r str,
}

impl<'r> Signature<'r> {
    /// Takes the signature of a request apart.
    ///
    /// # Errors
    /// Refused where anything of it is not as the SDKs send it, or its date is not about now.
    pub fn read(head: &Head<'r>, now: Time) -> Result<Self, Unidentified> {
        let temporary = "X-Security-Token is sent: temporary access keys are not taken; sign with a permanent one";
        ensure!(!head.headers.contains_key("X-Security-Token"), refused(temporary));
        let (algorithm, parts) = once(head, "authorization")?.split_once(' ').unwrap_or_default();
        let another = || format!("Requests are signed by {ALGORITHM} and no other algorithm: send {FORM}");
        ensure!(algorithm == ALGORITHM, refused(another()));
        let (access, names, sent) = (part(parts, "Access")?, part(parts, "SignedHeaders")?, part(parts, "Signature")?);
        let others = || format!("Authorization has other parts than it should: send {FORM}");
        ensure!(parts.split(',').count() == 3, refused(others()));
        let is_hex = sent.len() == 64 && sent.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        ensure!(is_hex, refused("The Signature in Authorization must be 64 hexadecimal digits, in lower case"));
        check_names(head, names)?;
        let body_hash = head.body_hash.map(hex).ok_or_else(|| refused("The body is not known that was signed"))?;
        let is_its = head.headers.get_all("X-Sdk-Content-Sha256").all(|given| given.as_bytes() == body_hash.as_bytes());
        let not_its = "X-Sdk-Content-Sha256 must be the SHA-256 of the body, in lower-case hexadecimal digits, or not be sent: \
                       a body that is not signed (UNSIGNED-PAYLOAD) is not taken";
        ensure!(is_its, refused(not_its));
        check_date(once(head, DATE)?, now)?;
        Ok(Self { head: *head, access, names, body_hash, sent })
    }

    /// Whether it was signed with `secret`: `None` is the secret of an access key that nobody has, told in the same words and time.
    /// Whether it was used before, the door knows.
    ///
    /// # Errors
    /// Refused where it was not.
    pub fn verify(&self, secret: Option<&SecretString>) -> Result<(), Unidentified> {
        let key = secret.map_or(NOBODYS, |secret| secret.expose_secret());
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(&self.string_to_sign());
        let right: [u8; 32] = mac.finalize().into_bytes().into();
        let is_right: bool = hex(right).as_bytes().ct_eq(self.sent.as_bytes()).into();
        let wrong = "The access key is not known here, or the request was not signed with its secret key as it arrived: check both, \
                     and that nothing on the way changes the path, the query, the body or a signed header";
        if is_right && secret.is_some() { Ok(()) } else { Err(refused(wrong)) }
    }

    /// The caller's project: `X-Project-Id`, else the path's.
    ///
    /// # Errors
    /// Refused where the header is not signed, or is no project id.
    pub fn project(&self) -> Result<Option<ProjectId>, Unidentified> {
        if !self.head.headers.contains_key(PROJECT) {
            return Ok(self.head.path_project.cloned());
        }
        let unsigned = "X-Project-Id is sent and not among the signed headers: sign it, or do not send it";
        ensure!(self.names.split(';').any(|name| name == PROJECT), refused(unsigned));
        let project = ProjectId::parse(once(&self.head, PROJECT)?);
        project.map(Some).ok_or_else(|| refused(format!("X-Project-Id must be {}", ProjectId::RULE)))
    }

    fn string_to_sign(&self) -> Vec<u8> {
        let date = self.head.headers.get(DATE).map_or(&b""[..], |date| date.as_bytes());
        let request = canonical::hash(&self.head, self.names, &self.body_hash);
        [ALGORITHM.as_bytes(), date, request.as_bytes()].join(&b'\n')
    }
}

fn refused(what: impl Into<String>) -> Unidentified {
    Unidentified::Refused(what.into())
}

/// The one value of a header.
fn once<'r>(head: &Head<'r>, name: &str) -> Result<&'r str, Unidentified> {
    let mut values = head.headers.get_all(name);
    match (values.next().map(|value| value.to_str()), values.next()) {
        (Some(Ok(value)), None) => Ok(value.trim()),
        _ => Err(refused(format!("A signed request has one {name} header, in ASCII"))),
    }
}

/// The signature itself, whatever stands around it; whether it is one, [`Signature::read`] says.
pub fn sent(headers: &HeaderMap) -> Option<&str> {
    let (_, parts) = headers.get("Authorization")?.to_str().ok()?.trim().split_once(' ')?;
    part(parts, "Signature").ok()
}

/// The one value of a part of `Authorization`.
fn part<'r>(parts: &'r str, name: &str) -> Result<&'r str, Unidentified> {
    let mut values = parts.split(',').filter_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value),
        (Some(_), Some(_)) => Err(refused(format!("Authorization has {name}= twice: send {FORM}"))),
        _ => Err(refused(format!("Authorization has no {name}=: send {FORM}"))),
    }
}

/// Each signed header is one that was sent once, so that what is read later is what was signed.
fn check_names(head: &Head<'_>, names: &str) -> Result<(), Unidentified> {
    let all: Vec<&str> = names.split(';').collect();
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let form = "The SignedHeaders in Authorization must be names in lower case, sorted, each once, with `;` between them";
    ensure!(all.iter().all(|name| is_name(name)) && all.is_sorted_by(|a, b| a < b), refused(form));
    for needed in ["host", DATE] {
        ensure!(all.contains(&needed), refused(format!("The header {needed} must be among the SignedHeaders")));
    }
    // the names are the caller's: repeated only where they are of a form that says nothing else
    match all.into_iter().find(|name| head.headers.get_all(*name).count() != 1) {
        Some(name) => Err(refused(format!("The header {name:.64} is among the SignedHeaders, and must be sent, once"))),
        None => Ok(()),
    }
}

/// Whether it is a date in the SDK's form, about now.
fn check_date(text: &str, now: Time) -> Result<(), Unidentified> {
    let is_digits =
        |range: std::ops::Range<usize>| text.as_bytes().get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    // chrono alone would take signs and blanks
    let has_form = text.len() == 16 && is_digits(0..8) && is_digits(9..15);
    let date = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok().filter(|_| has_form);
    let date = date.ok_or_else(|| refused("X-Sdk-Date must be a time in UTC as YYYYMMDDTHHMMSSZ"))?;
    let is_about_now = (now.before(WINDOW)..=now.after(WINDOW)).contains(&Time::new(date.and_utc()));
    let off = || format!("X-Sdk-Date is more than 15 minutes off: it is {now} UTC here. Set the clock, and sign anew");
    if is_about_now { Ok(()) } else { Err(refused(off())) }
}
