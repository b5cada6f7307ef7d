//! A request that is answered with an error: what it is, in words; `errors` writes it as each dialect says it.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use crate::domain::RecordKind;
use crate::domain::quote::shown;
use crate::domain::rules::Refusal;

/// What to do about a record that is not there.
fn advice(record_kind: RecordKind) -> String {
    let theirs = "It may be another project's";
    match record_kind {
        RecordKind::Transfer => format!("{theirs}, or have been accepted or deleted; list the transfers that are pending."),
        RecordKind::VolumeType => "Give the id of one of the types that GET types lists.".to_owned(),
        _ => format!("{theirs}; give the id of a {} of your own.", record_kind.as_str()),
    }
}

/// An error answer in the making.
#[derive(Debug, Clone)]
pub struct Problem {
    pub kind: Kind,
    /// Cinder's words first where it has them; then what was wrong, what was expected, what to do.
    pub message: String,
    /// Each rule that said no.
    pub reasons: Vec<Refusal>,
    /// Headers that belong to the error: `Allow`, `Retry-After`.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
}

/// What an operation, or a part of one, comes to.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A [`Problem`] of this kind, in words as `format!` takes them.
macro_rules! problem {
    ($kind:ident, $($words:tt)+) => {
        $crate::http::answer::problem::Problem::new($crate::http::answer::problem::Kind::$kind, format!($($words)+))
    };
}

pub(crate) use problem;

impl Problem {
    /// An error of this kind, in these words, with neither reasons nor headers.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), reasons: Vec::new(), headers: Vec::new() }
    }

    /// The same with a header of its own.
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// No such record, or none for this caller: the same words for both, the id as it was sent.
    pub fn not_found(record_kind: RecordKind, id: &str) -> Self {
        problem!(NotFound, "{} {} could not be found. {}", record_kind.title(), shown(id), advice(record_kind))
    }

    /// The service cannot do it now; nothing was done.
    pub fn unavailable(why: &str) -> Self {
        problem!(Unavailable, "{why} Try again in a second.").with_header("Retry-After", "1")
    }

    /// A fault of ours. What it was stands in the log under the request's id, never in the answer.
    pub fn internal() -> Self {
        Self::new(
            Kind::Internal,
            "The service failed, and the fault is in its log under this answer's request id. \
             Report the id to whoever runs the service.",
        )
    }
}

// The table of errors: status, code and leading words of each kind in the dialects. Nothing else knows them.
// Source: the founding page's error-code annex (EVS); Cinder's fault names.

/// How a kind is answered.
pub struct Row {
    pub status: StatusCode,
    pub evs_code: &'static str,
    /// What the message begins with in EVS's dialect; empty where Cinder's words lead in both.
    pub evs_text: &'static str,
    /// The name of the one object in the body in OpenStack's dialect.
    pub openstack: &'static str,
    /// When a request ends so.
    pub when: &'static str,
}

const BODY: &str = "Malformed request body.";
const URL: &str = "Malformed request url.";

/// A row a kind; a request ends so when what the last column says is so.
macro_rules! kinds {
    ($($kind:ident $status:ident $evs_code:literal $evs_text:expr, $openstack:literal, $when:literal;)+) => {
        /// What went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $when] $kind,)+
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// How it is answered.
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$kind => Row {
                        status: StatusCode::$status, evs_code: $evs_code, evs_text: $evs_text, openstack: $openstack, when: $when,
                    },)+
                }
            }
        }
    };
}

kinds! {
    Body BAD_REQUEST "EVS.5400" BODY, "badRequest",
        "the body, or a field of it, is malformed, missing or unknown";
    BodyTooLarge PAYLOAD_TOO_LARGE "EVS.5400" BODY, "overLimit",
        "the body has more than 112 KiB";
    MediaType UNSUPPORTED_MEDIA_TYPE "EVS.5400" BODY, "badMediaType",
        "the body is neither `application/json` nor `application/vnd.openstack.volume+json`";
    Url BAD_REQUEST "EVS.5400" URL, "badRequest",
        "the query, or the header of the microversion, is malformed";
    NoHttp BAD_REQUEST "EVS.5400" URL, "badRequest",
        "what came is no request of HTTP/1.1";
    Late REQUEST_TIMEOUT "EVS.5400" URL, "computeFault",
        "the head of the request did not arrive in time";
    TargetTooLong URI_TOO_LONG "EVS.5400" URL, "computeFault",
        "the URL is longer than it may be";
    HeadTooLarge REQUEST_HEADER_FIELDS_TOO_LARGE "EVS.5400" URL, "computeFault",
        "the head of the request is larger than it may be";
    Method METHOD_NOT_ALLOWED "EVS.5400" URL, "badMethod",
        "the path has no such method";
    ProjectMalformed BAD_REQUEST "EVS.0001" "invalid tenant id!", "badRequest",
        "the project in the path is none that any project could have";
    ProjectNotTheCallers BAD_REQUEST "EVS.5400" "", "badRequest",
        "the project in the path is not the caller's";
    VolumeId BAD_REQUEST "EVS.1002" "invalid volume id!", "badRequest",
        "`volume_id` is no UUID";
    Limit BAD_REQUEST "EVS.1023" "invalid filter limit!", "badRequest",
        "`limit` is no number, or too small";
    LimitTooLarge BAD_REQUEST "EVS.2142" "invalid filter limit, can not greater than 1000.", "badRequest",
        "`limit` is over 1000";
    Offset BAD_REQUEST "EVS.5400" "offset param must be an integer.", "badRequest",
        "`offset` is no number, or too large";
    Marker BAD_REQUEST "EVS.1024" "invalid filter marker!", "badRequest",
        "`marker` names no record of the caller's";
    SortKey BAD_REQUEST "EVS.1039" "invalid sort_key!", "badRequest",
        "unknown sort key";
    SortDir BAD_REQUEST "EVS.1040" "invalid sort_dir!", "badRequest",
        "unknown sort direction";
    Version NOT_ACCEPTABLE "EVS.5400" URL, "computeFault",
        "the microversion is not served";
    ClientToken BAD_REQUEST "EVS.2218" "", "badRequest",
        "`X-Client-Token` is no UUID, or there twice";
    KeyReused BAD_REQUEST "EVS.2219" "", "badRequest",
        "the request's name was given to another request";
    Expired BAD_REQUEST "EVS.2220" "", "badRequest",
        "the request was done so long ago that its answer is no longer kept";
    InProgress BAD_REQUEST "EVS.2221" "", "badRequest",
        "the same request is still being done";
    Refused BAD_REQUEST "EVS.5400" "", "badRequest",
        "a rule or the record's state refuses it; where rules do, `reasons` has each of them";
    Quota PAYLOAD_TOO_LARGE "EVS.5413" "Insufficient volume quota.", "overLimit",
        "more than the project's quota allows";
    Unauthenticated UNAUTHORIZED "EVS.5401" "Authentication required.", "error",
        "the credentials do not say who is calling";
    Forbidden FORBIDDEN "EVS.5403" "Policy check failed.", "forbidden",
        "the caller's roles do not allow it";
    NotFound NOT_FOUND "EVS.5404" "Resource could not be found.", "itemNotFound",
        "no such record or path, or none for this caller";
    Conflict CONFLICT "EVS.5400" "", "conflictingRequest",
        "there is such a thing already";
    TooMany TOO_MANY_REQUESTS "APIGW.0308" "The throttling threshold has been reached.", "overLimit",
        "too many sign-ins of this user have failed from this address, or the project has sent too many wrong keys";
    Internal INTERNAL_SERVER_ERROR "EVS.5500" "Internal server error.", "computeFault",
        "a fault of the service: its log has the cause under the request's id";
    Unavailable SERVICE_UNAVAILABLE "EVS.5503" "Service unavailable.", "serviceUnavailable",
        "the database, the hashing threads or Keystone are not available now";
}
