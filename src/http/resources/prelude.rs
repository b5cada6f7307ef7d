//! What almost every resource is written in: operations, calls and problems, and what bodies and views are derived by.

pub use serde::{Deserialize, Serialize};
pub use utoipa::ToSchema;

pub use crate::http::answer::listing::{Count, Listing, listing};
pub use crate::http::answer::problem::{Kind, Problem};
pub use crate::http::answer::success::Answer;
pub(super) use crate::http::answer::view::view;
pub use crate::http::answer::visibility::{FieldRule, Versioned, part};
pub(super) use crate::http::operation::operations;
pub use crate::http::operation::{About, Operation, Subject};
pub use crate::http::request::body::{Under, malformed};
pub use crate::http::request::call::Call;
pub use crate::http::request::content::Content::{Either, Nothing, Object, One, Other, Page as Paged, Rows, Whole};
