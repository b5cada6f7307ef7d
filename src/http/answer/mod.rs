//! Writing: what an answer or a refusal is before it is sent, and which keys of it a call sees. No resource is known here, and no
//! connection.

pub mod errors;
pub mod file;
pub mod links;
pub mod listing;
pub mod problem;
pub mod success;
pub mod types;
pub mod visibility;
