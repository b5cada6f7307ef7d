//! An answer, and what is true of every one of them.

use reqwest::header::HeaderMap;

use super::{Answered, OpenApiContract, Value};

/// The three headers that carry the request's id.
pub const REQUEST_IDS: [&str; 3] = ["x-request-id", "x-openstack-request-id", "x-compute-request-id"];

/// The paths whose answers are no JSON: Prometheus and browsers read them.
const NO_JSON: [&str; 2] = ["/metrics", "/docs/"];

/// EVS's own text of each code that has one: a message begins with it. EVS.5400 has several, and none in Cinder's words.
const EVS_TEXTS: &[(&str, &[&str])] = &[
    ("EVS.0001", &["invalid tenant id!"]),
    ("EVS.1002", &["invalid volume id!"]),
    ("EVS.1023", &["invalid filter limit!"]),
    ("EVS.2142", &["invalid filter limit, can not greater than 1000."]),
    ("EVS.1024", &["invalid filter marker!"]),
    ("EVS.1039", &["invalid sort_key!"]),
    ("EVS.1040", &["invalid sort_dir!"]),
    ("EVS.5400", &["Malformed request body.", "Malformed request url.", "offset param must be an integer."]),
    ("EVS.5401", &["Authentication required."]),
    ("EVS.5403", &["Policy check failed."]),
    ("EVS.5404", &["Resource could not be found."]),
    ("EVS.5413", &["Insufficient volume quota."]),
    ("EVS.5500", &["Internal server error."]),
    ("EVS.5503", &["Service unavailable."]),
];

/// What a message of EVS.5400 begins with where Cinder has words for it.
const CINDERS_WORDS: [&str; 8] = [
    "Invalid volume: ", "Invalid auth key: ", "Invalid input received: ", "Invalid snapshot: ", "Invalid backup: ",
    "Availability zone ", "Invalid attaching mode ", "Cannot reset-state ",
];

/// What OpenStack calls a status.
pub fn openstack_name(status: u16) -> &'static str {
    match status {
        400 => "badRequest",
        401 => "error",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        406 | 500 => "computeFault",
        409 => "conflictingRequest",
        413 | 429 => "overLimit",
        415 => "badMediaType",
        503 => "serviceUnavailable",
        _ => panic!("{status} is no error of ours"),
    }
}

/// How an error is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Evs,
    Openstack,
}

impl Dialect {
    /// That of a path where no setting says otherwise.
    pub fn of(path: &str) -> Self {
        let is_v2 = path == "/v2" || path.starts_with("/v2/") || path.starts_with("/v2?");
        if is_v2 { Self::Evs } else { Self::Openstack }
    }
}

#[derive(Clone)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    path: String,
}

impl Answer {
    /// Checks what is true of every answer, so that every test checks it; `sent` is the JSON that was, where it is known.
    #[track_caller]
    pub fn new(
        contract: &'static OpenApiContract,
        (method, path, sent): (&str, &str, Option<&Value>),
        (status, headers, body): (u16, HeaderMap, Vec<u8>),
    ) -> Self {
        let answer = Self { asked: format!("{method} {path}"), status, headers, body, path: path.to_owned() };
        let ids = REQUEST_IDS.map(|name| answer.header(name).unwrap_or_else(|| panic!("no {name}: {answer}")));
        assert!(ids.iter().all(|id| *id == ids[0]), "three request ids: {answer}");
        let uuid = ids[0].strip_prefix("req-").and_then(|id| uuid::Uuid::parse_str(id).ok());
        assert_eq!(uuid.map(|id| format!("req-{id}")).as_deref(), Some(ids[0]), "a request id is req-<uuid>: {answer}");
        let json = serde_json::from_slice::<Value>(&answer.body).ok();
        if !answer.body.is_empty() && (status >= 400 || !NO_JSON.iter().any(|other| path.starts_with(other))) {
            let kind = answer.header("content-type").unwrap_or_default();
            assert!(kind.split(';').next() == Some("application/json"), "every body is application/json: {answer}");
            assert!(json.is_some(), "every body is JSON: {answer}");
        }
        let answered = Answered { method, path, status, headers: &answer.headers, body: json.as_ref() };
        let agrees = contract.check(&answered);
        agrees.unwrap_or_else(|why| panic!("the OpenAPI document says otherwise: {why}: {answer}"));
        if let Some(sent) = sent.filter(|_| status < 300) {
            let agrees = contract.check_sent(&answered, sent);
            agrees.unwrap_or_else(|why| panic!("taken, but not by the OpenAPI document: {why}: {sent}: {answer}"));
        }
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().expect("a header is text"));
        assert!(values.next().is_none(), "{name} stands twice: {:?}", self.headers);
        value
    }

    pub fn request_id(&self) -> &str {
        self.header(REQUEST_IDS[0]).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body is UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The one object, which stands under `name`.
    #[track_caller]
    pub fn one(&self, name: &str) -> Value {
        let body = self.json();
        assert_eq!(keys(&body), [name], "{self}");
        body[name].clone()
    }

    /// The rows under `name`.
    #[track_caller]
    pub fn rows(&self, name: &str) -> Vec<Value> {
        self.json()[name].as_array().unwrap_or_else(|| panic!("no rows: {self}")).clone()
    }

    /// The one object under `transfer`.
    #[track_caller]
    pub fn transfer(&self) -> Value {
        self.one("transfer")
    }

    /// The rows under `transfers`.
    #[track_caller]
    pub fn transfers(&self) -> Vec<Value> {
        self.rows("transfers")
    }

    /// The ids of the rows under `transfers`.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        self.transfers().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// An error in its path's dialect; its message, without EVS's own text in front where the code has one.
    #[track_caller]
    pub fn fails(&self, status: u16, evs_code: &str) -> String {
        self.fails_in(Dialect::of(&self.path), status, evs_code)
    }

    /// An error in this dialect; its message, without EVS's own text in front where the code has one.
    #[track_caller]
    pub fn fails_in(&self, dialect: Dialect, status: u16, evs_code: &str) -> String {
        assert_eq!(self.status, status, "{self}");
        let body = self.json();
        let outer = if dialect == Dialect::Evs { "error" } else { openstack_name(status) };
        assert_eq!(keys(&body), [outer], "{self}");
        let error = &body[outer];
        let message = error["message"].as_str().unwrap_or_else(|| panic!("no message: {self}"));
        let mut said = message;
        let mut expected = vec!["code", "message"];
        match dialect {
            Dialect::Evs => {
                assert_eq!(error["code"], evs_code, "{self}");
                let texts = EVS_TEXTS.iter().find(|(code, _)| *code == evs_code).map_or(&[][..], |(_, texts)| texts);
                let text = texts.iter().find(|text| message.starts_with(**text)).copied();
                let is_cinders = evs_code == "EVS.5400" && CINDERS_WORDS.iter().any(|words| message.starts_with(words));
                assert!(texts.is_empty() || text.is_some() || is_cinders, "{evs_code} has no such text: {self}");
                said = message[text.unwrap_or_default().len()..].trim_start();
            }
            Dialect::Openstack => {
                assert_eq!(error["code"], status, "{self}");
                if status == 413 {
                    expected.push("retryAfter");
                    assert_eq!(error["retryAfter"], "0", "{self}");
                    assert_eq!(self.header("retry-after"), Some("0"), "{self}");
                }
                if status == 401 {
                    expected.push("title");
                }
            }
        }
        if error.get("reasons").is_some() {
            expected.push("reasons");
        }
        let mut found = keys(error);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{self}");
        if status == 405 {
            assert!(self.header("allow").is_some(), "{self}");
        }
        if status == 401 {
            assert!(self.header("www-authenticate").is_some(), "{self}");
        }
        said.to_owned()
    }

    /// An error's message, whole.
    #[track_caller]
    pub fn message(&self) -> String {
        let body = self.json();
        let error = body.as_object().and_then(|body| body.values().next()).unwrap_or_else(|| panic!("no error: {self}"));
        error["message"].as_str().unwrap_or_else(|| panic!("no message: {self}")).to_owned()
    }

    /// The codes of the rules that refused, in the order of the answer.
    #[track_caller]
    pub fn reasons(&self) -> Vec<String> {
        let body = self.json();
        let error = body.as_object().and_then(|body| body.values().next()).unwrap_or_else(|| panic!("no error: {self}"));
        let reasons = error["reasons"].as_array().unwrap_or_else(|| panic!("no reasons: {self}"));
        let code = |reason: &Value| {
            assert_eq!(keys(reason), ["code", "message"], "{self}");
            assert!(reason["message"].as_str().is_some_and(|message| !message.is_empty()), "{self}");
            reason["code"].as_str().unwrap().to_owned()
        };
        reasons.iter().map(code).collect()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{} is answered {} {:.2000} with {:?}", self.asked, self.status, body, self.headers)
    }
}

/// The keys of an object, as they stand.
#[track_caller]
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("no object: {object}")).keys().map(String::as_str).collect()
}
