//! A request that is answered with an error: what it is, in words; `errors` writes it as each dialect says it.

pub use super::kind::Kind;
use crate::domain::RecordKind;
use crate::domain::quote::shown;
use crate::domain::rules::Refusal;

/// What to do about a record that is not there.
const fn advice(record_kind: RecordKind) -> &'static str {
    match record_kind {
        RecordKind::Volume => "It may be another project's; give the id of a volume of your own.",
        RecordKind::Transfer => {
            "It may be another project's, or have been accepted or deleted; list the transfers that are pending."
        }
        RecordKind::Snapshot => "It may be another project's; give the id of a snapshot of your own.",
        RecordKind::Backup => "It may be another project's; give the id of a backup of your own.",
        RecordKind::VolumeType => "Give the id of one of the types that GET types lists.",
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
    pub headers: Vec<(&'static str, String)>,
}

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
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
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
