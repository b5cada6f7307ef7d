//! Reading: what a request is before anybody asks which resource it is for, and how a handler takes from it what it needs. No
//! resource is known here.

pub mod action;
pub mod api;
pub mod body;
pub mod call;
pub mod fields;
pub mod idempotency;
pub mod list_query;
pub mod payload;
mod prelude;
pub mod python_dict;
pub mod query;
pub mod query_parameter;
pub mod version;
