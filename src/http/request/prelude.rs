//! What most of reading is written in: the call, what it is refused with, and JSON.

pub use serde_json::{Map, Value};

pub use super::api::Api;
pub use super::body::{kind_of, malformed};
pub use super::call::Call;
pub use super::content::Content;
pub use super::query::quoted;
pub use crate::domain::{Id, ProjectId, Time};
pub(super) use crate::http::answer::problem::problem;
pub use crate::http::answer::problem::{Kind, Problem};
