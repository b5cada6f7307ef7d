//! How errors are said: the body of each in each dialect, and what the service's own errors are to a client.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::problem::{Kind, Problem, problem};
use super::success::Answer;
use crate::domain::Dialect;
use crate::domain::limits::ANSWERED;
use crate::domain::quote::shown;
use crate::secrets::HashError;
use crate::service;
use crate::store::StoreError;

/// An error as it is answered in a dialect.
pub fn answer(problem: Problem, dialect: Dialect) -> Answer {
    let mut answer = Answer::json(problem.kind.row().status.as_u16(), &body(&problem, dialect));
    if matches!(problem.kind, Kind::BodyTooLarge | Kind::Quota) && dialect == Dialect::Openstack {
        answer = answer.with_header("Retry-After", "0");
    }
    answer.headers.extend(problem.headers);
    answer
}

/// The body of an error in a dialect.
pub fn body(problem: &Problem, dialect: Dialect) -> Value {
    let row = problem.kind.row();
    let (code, message) = (row.status.as_u16(), problem.message.clone());
    let reasons = Reason::all(problem);
    match (dialect, problem.kind) {
        (Dialect::Keystone, _) => {
            json!({ "error": KeystoneFault { code, message, title: row.status.canonical_reason().unwrap_or_default() } })
        }
        (Dialect::Openstack, Kind::Unauthenticated) => {
            let message = "The request you have made requires authentication.";
            json!({ row.openstack: UnauthorizedFault { code, title: "Unauthorized", message } })
        }
        (Dialect::Openstack, Kind::BodyTooLarge | Kind::Quota) => {
            json!({ row.openstack: OverLimitFault { code, message, retry_after: "0" } })
        }
        (Dialect::Openstack, _) => json!({ row.openstack: OpenstackFault { code, message, reasons } }),
        (Dialect::Evs, _) => {
            let message = [row.evs_text, &message].join(" ").trim_start().to_owned();
            json!({ "error": EvsFault { code: row.evs_code, message, reasons } })
        }
    }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::NotFound(record_kind, id) => Self::not_found(record_kind, &id.to_string()),
            service::Error::NoMetadata(record_kind, id, key) => {
                let advice = "List its metadata to see the keys that it has.";
                problem!(NotFound, "{} {id} has no metadata with key {}. {advice}", record_kind.title(), shown(&key))
            }
            service::Error::Invalid(message) => Self::new(Kind::Refused, message),
            service::Error::OverQuota(message) => Self::new(Kind::Quota, message),
            // Keystone's words
            service::Error::Forbidden(action) if action.name.starts_with("identity:") => {
                problem!(Forbidden, "You are not authorized to perform the requested action: {}.", action.name)
            }
            service::Error::Forbidden(action) => {
                let advice = "Ask an admin to do it, or for the role that may.";
                problem!(Forbidden, "Policy doesn't allow {} to be performed. {advice}", action.spoken())
            }
            service::Error::Unauthorized(message) => Self::new(Kind::Unauthenticated, message),
            service::Error::TooMany(what, seconds) => {
                problem!(TooMany, "{what} Come again in {seconds} seconds.").with_header("Retry-After", seconds.to_string())
            }
            service::Error::NotKnown(what, id) => problem!(NotFound, "Could not find {what}: {}.", shown(&id)),
            service::Error::Missing(message) => Self::new(Kind::NotFound, message),
            service::Error::Conflict(message) => Self::new(Kind::Conflict, message),
            service::Error::MarkerNotFound => Self::new(Kind::Marker, "The marker names no record of yours."),
            service::Error::Refused(reasons) => {
                // all of them: most clients show their user the message alone
                let messages: Vec<&str> = reasons.iter().map(|refusal| refusal.message).collect();
                Self { reasons: reasons.clone(), ..Self::new(Kind::Refused, messages.join(" ")) }
            }
            service::Error::WrongKey(id) => problem!(
                Refused,
                "Invalid auth key: Attempt to transfer {id} with invalid auth key. \
                     Send the auth_key that the answer to create showed; it is shown there only."
            ),
            service::Error::KeyReused(header) => problem!(
                KeyReused,
                "The value of {header} was used for another request before. Send a new one, or the first request unchanged."
            ),
            service::Error::Expired(header) => problem!(
                Expired,
                "The request with this {header} was done more than {} hours ago, and its answer is no longer kept. \
                     Look what became of it; send a new value to have it done again.",
                ANSWERED.as_secs() / 3600
            ),
            service::Error::InProgress(header, error) => {
                tracing::warn!(%error, "gave up waiting for a request of the same name");
                problem!(
                    InProgress,
                    "Another request with the same {header} is still being done; this one changed nothing. \
                         Send it again in a moment, with the same value, for the answer of both."
                )
            }
            service::Error::Abandoned => Self::unavailable("The request was given up before anything was done."),
            service::Error::Hash(HashError::Full) => Self::unavailable("Too many keys or passwords are waiting to be checked."),
            service::Error::Hash(error) => {
                tracing::error!(%error, "hashing failed");
                Self::internal()
            }
            service::Error::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let is_passing = matches!(error, StoreError::Unavailable(_) | StoreError::Contended(_));
        let told = match &error {
            StoreError::Unavailable(_) => {
                "No connection to the database was to be had: it is away or busy. Nothing was changed."
            }
            StoreError::Contended(_) => "Other requests were in the way; nothing was changed.",
            StoreError::Unwritable(_) => {
                "The database takes no writes: its disk is full or failing, or it is read-only. Nothing was changed."
            }
            StoreError::TakenAway(_) => "The database is gone. Nothing was changed in what is there now.",
            StoreError::OutcomeUnknown(_) => {
                "The database went away while it committed, so this may have been done or not; look before you repeat it."
            }
            _ => {
                tracing::error!(%error, "the store failed");
                return Self::internal();
            }
        };
        if is_passing {
            tracing::warn!(%error, "not done for now");
        } else {
            tracing::error!(%error, "not done");
        }
        Self::unavailable(told)
    }
}

// What the body of an error looks like in each dialect: the one object in it. Its name, and all that it says, is the table's
// in `problem`.

/// EVS's error.
#[derive(Serialize, ToSchema)]
pub struct EvsFault {
    /// EVS's own code, such as EVS.5404.
    pub code: &'static str,
    /// EVS's or Cinder's words first; then what was wrong, what was expected, what to do.
    pub message: String,
    /// Each rule that said no, where rules did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// OpenStack's error.
#[derive(Serialize, ToSchema)]
pub struct OpenstackFault {
    /// The status of the answer.
    pub code: u16,
    /// Cinder's words first; then what was wrong, what was expected, what to do.
    pub message: String,
    /// Each rule that said no, where rules did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// OpenStack's error where a limit is passed.
#[derive(Serialize, ToSchema)]
pub struct OverLimitFault {
    /// The status of the answer.
    pub code: u16,
    pub message: String,
    /// Seconds, as the header says them.
    #[serde(rename = "retryAfter")]
    pub retry_after: &'static str,
}

/// The error of Keystone's middleware: this one for every cause.
#[derive(Serialize, ToSchema)]
pub struct UnauthorizedFault {
    /// The status of the answer.
    pub code: u16,
    pub title: &'static str,
    pub message: &'static str,
}

/// Keystone's error.
#[derive(Serialize, ToSchema)]
pub struct KeystoneFault {
    /// The status of the answer.
    pub code: u16,
    /// Keystone's words.
    pub message: String,
    /// The status in words.
    pub title: &'static str,
}

/// A rule that said no.
#[derive(Serialize, ToSchema)]
pub struct Reason {
    /// The rule's own word, such as has_snapshots.
    pub code: &'static str,
    pub message: &'static str,
}

impl Reason {
    /// Each rule that said no.
    pub fn all(problem: &Problem) -> Vec<Self> {
        problem.reasons.iter().map(|rule| Self { code: rule.code, message: rule.message }).collect()
    }
}
