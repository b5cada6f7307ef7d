//! What the body of an error looks like in each dialect: the one object in it. Its name, and all that it says, is the table's
//! in `kind`.

use serde::Serialize;
use utoipa::ToSchema;

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
