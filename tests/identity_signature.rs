//! What the SDK signed is taken; the same with anything else in it is not.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use handover::domain::{ProjectId, Time};
use handover::identity::signature::Signature;
use handover::identity::{Head, Unidentified};
use handover::secrets::sealing::hex;
use proptest::prelude::*;
use proptest::sample::Index;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::support::{apply, limited};

const SECRET: &str = "an-example-of-a-secret-key-of-40-letters";
const PROJECT_ID: &str = "0123456789abcdef0123456789abcdef";

/// As it goes over the wire.
#[derive(Debug, Clone)]
struct Sent {
    method: &'static str,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body_hash: [u8; 32],
}

impl Sent {
    /// What huaweicloudsdkcore 3.1.219 sent, with the header fields that each of its requests had at that time.
    fn new(method: &'static str, target: &str, body: &str, signature: &str) -> Self {
        Self::with(method, target, None, body, signature)
    }

    fn with(method: &'static str, target: &str, language: Option<&str>, body: &str, signature: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let extra = if language.is_some() { "x-language;" } else { "" };
        let authorization = format!(
            "SDK-HMAC-SHA256 Access=HANDOVEREXAMPLEKEY01, \
             SignedHeaders=content-type;host;user-agent;{extra}x-project-id;x-sdk-date, Signature={signature}"
        );
        let fixed = [
            ("user-agent", "huaweicloud-usdk-python/3.0"),
            ("accept", "*/*"),
            ("x-sdk-date", "20260102T030405Z"),
            ("content-type", "application/json"),
            ("x-project-id", PROJECT_ID),
            ("host", "127.0.0.1:8776"),
            ("authorization", &authorization),
        ];
        let language = language.map(|language| ("x-language", language));
        Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: fixed.into_iter().chain(language).map(|(name, value)| (name, value.to_owned())).collect(),
            body_hash: Sha256::digest(body).into(),
        }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(given, _)| *given == name).unwrap().1
    }

    /// What is asked of its signature.
    fn asked<T>(&self, now: &str, ask: impl FnOnce(Signature<'_>) -> Result<T, Unidentified>) -> Result<T, Unidentified> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let path_project = ProjectId::parse("of-the-path");
        let (path_project, body_hash) = (path_project.as_ref(), Some(self.body_hash));
        let head =
            Head { method: self.method, path: &self.path, query: &self.query, headers: &headers, path_project, body_hash };
        ask(Signature::read(&head, time(now))?)
    }

    fn verified(&self) -> Result<(), Unidentified> {
        let secret = SECRET.into();
        self.asked("03:04:05", |signature| signature.verify(Some(&secret)))
    }
}

fn time(text: &str) -> Time {
    Time::parse(&format!("2026-01-02T{text}")).unwrap()
}

fn post() -> Sent {
    let signature = "790c3f8de06a4af5a812f218ce9c27c5864ab723a0ea1a5e1e9a4c6ff779cb4e";
    let body = r#"{"transfer": {"volume_id": "0b7a6b2f-4a52-4b21-9d3b-3f9f8e1c2d10", "name": "\u00dcbergabe ~ 1"}}"#;
    Sent::new("POST", "/v2/0123456789abcdef0123456789abcdef/os-volume-transfer", body, signature)
}

/// Requests as the SDK signed and sent them.
fn vectors() -> Vec<Sent> {
    let below = |path: &str| format!("/v2/{PROJECT_ID}/{path}");
    let v3 = |name: &str| format!("/v3/{PROJECT_ID}/volume-transfers/{name}");
    vec![
        post(),
        Sent::new(
            "GET",
            &below("os-volume-transfer?limit=10&offset=0"),
            "",
            "857c4e7260e339084c13a80f570fb05ef4ec20b812050733dd829d29916c90f9",
        ),
        Sent::new(
            "GET",
            &below("os-volume-transfer/detail"),
            "",
            "3f1b57ef62077f36bc0fd39036bddb258d5ba9ff4a108fd394134bc89b8a2d72",
        ),
        Sent::new(
            "POST",
            &below("os-volume-transfer/5f1c7a0e-0a5e-4a3c-9a44-3d2a7c1b9e01/accept"),
            r#"{"accept": {"auth_key": "9266c59563c84664"}}"#,
            "5e3e3516098a6bd8c48c1e7d9889290a2b9a7c9d1d07dbbcf679076429ee1296",
        ),
        Sent::new(
            "DELETE",
            &below("os-volume-transfer/5f1c7a0e-0a5e-4a3c-9a44-3d2a7c1b9e01"),
            "",
            "806469cba20af824fd90c8ad78f9c064ca58b843ed85225759dc4d8aa5253923",
        ),
        Sent::new(
            "GET",
            &below("cloudvolumes/detail?a=2&a-b=1&name=%E6%97%A5%E6%9C%AC%20~%20a%2Bb%26c%3Dd%2F%C3%A9&sort_key=name"),
            "",
            "c83a34234548bac1e6f2e5cad3e62bbc444216313b0d5e62a59e3a16783b89e0",
        ),
        Sent::new(
            "GET",
            &v3("%D0%B4%D0%B0%D1%80%20~%20a%2Bb%2A%281%29%252F"),
            "",
            "d1e36088415e9d194753ca0250900fe5281a176fe8c0a2f94ece16e89660cf26",
        ),
        Sent::new("GET", &v3("a%2Fb"), "", "9485051956bdd61bf3aad4b561343c039f94b5e20dbc2d4a63673243b45f123d"),
        Sent::new(
            "GET",
            &below("cloudvolumes/detail?empty=&tag=&tag=B&tag=a&tag=b"),
            "",
            "9adadb88c0880b5dd079d5d96719cbe8da9cd0ce659b1d609a2e1db0ab73e0f2",
        ),
        // sorted by what stands there, not by how it is encoded
        Sent::new(
            "GET",
            &below("cloudvolumes/detail?a=1&a.b=1&~=2&%EF%BF%AE=x&%F0%90%80%80=y"),
            "",
            "55640402bd3f7c00a5979789839d9c5c0646305f93ab76198d71b805f8804352",
        ),
        Sent::with(
            "GET",
            &below("cloudvolumes/detail?name=e%2B%20%C3%A9"),
            Some("zh-cn é"),
            "",
            "defc2ceeedacd58f8fbf3f41526d3ece3b0f47eb96c58d888c7f9050d416e783",
        ),
        Sent::new("GET", "/v2", "", "d3488c0851d8f629c2d7bef4315b02208dc28c56317fe90a934b0008ffaedd8d"),
    ]
}

#[apply(limited!)]
#[test]
fn what_the_sdk_signs_is_taken() {
    for sent in vectors() {
        assert_eq!(sent.verified(), Ok(()), "{sent:?}");
        assert_eq!(sent.asked("03:04:05", |signature| Ok(signature.access.to_owned())), Ok("HANDOVEREXAMPLEKEY01".to_owned()));
    }
}

#[apply(limited!)]
#[test]
fn the_same_request_in_other_words_is_taken() {
    let mut sent = vectors().remove(5);
    sent.query = "sort_key=name&&name=%e6%97%a5%E6%9C%AC+%7E%20%61%2bb%26c%3Dd%2f%C3%A9&a-b=1&a=2".to_owned();
    assert_eq!(sent.verified(), Ok(()));
    let mut sent = vectors().remove(8);
    sent.query = "tag=b&tag=a&tag=B&tag&empty".to_owned();
    assert_eq!(sent.verified(), Ok(()));
}

#[apply(limited!)]
#[test]
fn what_is_not_in_due_form_is_refused_with_what_is_wrong() {
    type Spoil = fn(&mut Sent);
    let authorization: &[(&str, &str, &str)] = &[
        ("SDK-HMAC-SHA256", "SDK-HMAC-SM3", "no other algorithm"),
        ("SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256", "no other algorithm"),
        ("Access=HANDOVEREXAMPLEKEY01, ", "", "no Access="),
        ("Access=HANDOVEREXAMPLEKEY01", "Access=", "no Access="),
        ("Access=", "Access=A, Access=", "Access= twice"),
        ("Access=", "Region=x, Access=", "other parts"),
        ("Signature=7", "Signature=G", "64 hexadecimal digits"),
        ("Signature=790c", "Signature=790C", "lower case"),
        ("Signature=7", "Signature=77", "64 hexadecimal digits"),
        (";host", "", "host must be among"),
        (";x-sdk-date", "", "x-sdk-date must be among"),
        ("content-type;host", "host;content-type", "sorted"),
        ("content-type;host", "content-type;host;host", "each once"),
        ("content-type", "Content-Type", "lower case"),
        ("content-type", "", "sorted"),
        ("host", "host;if-match", "if-match is among"),
    ];
    for (from, to, message) in authorization {
        let mut sent = post();
        let header = sent.header("authorization");
        *header = header.replacen(from, to, 1);
        refused_with(&sent, message);
    }
    let others: &[(&str, Spoil)] = &[
        ("one authorization header", |sent| sent.headers.push(("authorization", "SDK-HMAC-SHA256 Access=x".to_owned()))),
        ("content-type is among", |sent| sent.headers.push(("content-type", "text/plain".to_owned()))),
        ("host is among", |sent| sent.headers.retain(|(name, _)| *name != "host")),
        ("temporary", |sent| sent.headers.push(("x-security-token", "t".to_owned()))),
        ("UNSIGNED-PAYLOAD", |sent| sent.headers.push(("x-sdk-content-sha256", "UNSIGNED-PAYLOAD".to_owned()))),
        ("must be the SHA-256", |sent| sent.headers.push(("x-sdk-content-sha256", hex([0; 32])))),
        ("YYYYMMDDTHHMMSSZ", |sent| *sent.header("x-sdk-date") = "2026-01-02T03:04:05Z".to_owned()),
        ("YYYYMMDDTHHMMSSZ", |sent| *sent.header("x-sdk-date") = "20261302T030405Z".to_owned()),
        ("YYYYMMDDTHHMMSSZ", |sent| *sent.header("x-sdk-date") = "+2260102T030405Z".to_owned()),
    ];
    for (message, spoil) in others {
        let mut sent = post();
        spoil(&mut sent);
        refused_with(&sent, message);
    }
}

#[track_caller]
fn refused_with(sent: &Sent, expected: &str) {
    let Err(Unidentified::Refused(message)) = sent.verified() else { panic!("{expected}: {sent:?}") };
    assert!(message.contains(expected), "{message}");
    assert!(!message.contains("790c3f8d") && !message.contains(SECRET), "{message}");
}

#[apply(limited!)]
#[test]
fn the_hash_of_the_body_may_be_sent_and_an_empty_body_has_that_of_nothing() {
    for mut sent in [post(), vectors().remove(1)] {
        let hash = hex(sent.body_hash);
        sent.headers.push(("x-sdk-content-sha256", hash));
        assert_eq!(sent.verified(), Ok(()));
    }
}

#[apply(limited!)]
#[test]
fn a_date_is_taken_for_15_minutes_to_either_side() {
    let read = |now| post().asked(now, |_| Ok(()));
    for now in ["02:49:05", "03:19:05"] {
        assert_eq!(read(now), Ok(()), "{now}");
    }
    for now in ["02:49:04", "03:19:05.000001"] {
        assert!(matches!(read(now), Err(Unidentified::Refused(message)) if message.contains("15 minutes")), "{now}");
    }
}

#[apply(limited!)]
#[test]
fn an_unknown_key_and_a_wrong_signature_are_told_in_the_same_words() {
    let told = |secret: Option<&str>| {
        let secret = secret.map(SecretString::from);
        post().asked("03:04:05", |signature| signature.verify(secret.as_ref()))
    };
    assert!(matches!(told(None), Err(Unidentified::Refused(_))));
    assert_eq!(told(None), told(Some("another")));
    assert_eq!(told(Some(SECRET)), Ok(()));
}

#[apply(limited!)]
#[test]
fn the_project_is_the_headers_where_it_is_signed_else_the_paths() {
    let project = |sent: &Sent| {
        sent.asked("03:04:05", |signature| signature.project()).map(|project| project.unwrap().as_str().to_owned())
    };
    let mut sent = post();
    assert_eq!(project(&sent), Ok(PROJECT_ID.to_owned()));
    for bad in ["", "a b"] {
        sent.header("x-project-id").clear();
        sent.header("x-project-id").push_str(bad);
        assert!(matches!(project(&sent), Err(Unidentified::Refused(message)) if message.contains("X-Project-Id must be")));
    }
    sent.headers.push(("x-project-id", PROJECT_ID.to_owned()));
    assert!(project(&sent).is_err(), "two of them");
    let header = sent.header("authorization");
    *header = header.replace("x-project-id;", "");
    assert!(matches!(project(&sent), Err(Unidentified::Refused(message)) if message.contains("not among the signed")));
    sent.headers.retain(|(name, _)| *name != "x-project-id");
    assert_eq!(project(&sent), Ok("of-the-path".to_owned()));
}

/// A byte of a text becomes another; `None` where that may say the same: in an escape, or where a separator comes or goes.
fn spoil(text: &mut String, at: Index, to: u8) -> Option<()> {
    let at = (!text.is_empty()).then(|| at.index(text.len()))?;
    let mut bytes = text.clone().into_bytes();
    let is_escape = bytes[at.saturating_sub(2)..=at].contains(&b'%');
    let says_the_same = is_escape && bytes[at].eq_ignore_ascii_case(&to) || b"&=".contains(&bytes[at]) && b"&=".contains(&to);
    let from = std::mem::replace(&mut bytes[at], to);
    *text = String::from_utf8(bytes).ok().filter(|_| from != to && !says_the_same)?;
    Some(())
}

#[apply(limited!)]
#[test]
fn any_byte_that_is_spoilt_is_noticed() {
    proptest!(|(which: Index, part in 0..8, at: Index, to in 0x21u8..0x7f)| {
        let vectors = vectors();
        let mut sent = vectors[which.index(vectors.len())].clone();
        let done = match part {
            0 => {
                let methods = ["GET", "POST", "DELETE", "PUT", "get"];
                sent.method = methods.into_iter().find(|method| *method != sent.method && at.index(2) == 0).unwrap_or("PATCH");
                Some(())
            }
            1 => spoil(&mut sent.path, at, to),
            2 => spoil(&mut sent.query, at, to),
            3 => spoil(sent.header(["host", "user-agent", "content-type"][usize::from(to) % 3]), at, to),
            4 => spoil(sent.header("x-project-id"), at, to),
            5 => spoil(sent.header("x-sdk-date"), at, to),
            6 => {
                sent.body_hash[at.index(32)] ^= to;
                Some(())
            }
            _ => {
                let header = sent.header("authorization");
                let mut signature = header.split_off(header.len() - 64);
                let done = spoil(&mut signature, at, to);
                header.push_str(&signature);
                done
            }
        };
        prop_assume!(done.is_some());
        prop_assert!(matches!(sent.verified(), Err(Unidentified::Refused(_))), "{:?}", sent);
    });
}

#[apply(limited!)]
#[test]
fn no_header_makes_the_reader_panic() {
    proptest!(|(text in "[ -~]{0,200}", date in "[0-9TZ+:. -]{0,20}")| {
        for authorization in [text.clone(), format!("SDK-HMAC-SHA256 {text}")] {
            let mut sent = post();
            *sent.header("authorization") = authorization;
            sent.header("x-sdk-date").clone_from(&date);
            prop_assert!(sent.verified().is_err());
        }
    });
}
