//! What most of reading is written in: what it is refused with, what it makes, and JSON. Nothing of reading itself is here: that
//! would be a circle.

pub use serde_json::{Map, Value};

pub use crate::domain::quote::{quoted, shown};
pub use crate::domain::{Id, ProjectId, Time};
pub(super) use crate::http::answer::problem::problem;
pub use crate::http::answer::problem::{Kind, Problem, Result};
