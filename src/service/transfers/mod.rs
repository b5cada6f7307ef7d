//! Transfers: one operation a file, each one function and one transaction. What accept and delete share is in `ending`.

pub mod accept;
pub mod create;
pub mod delete;
pub(super) mod ending;
pub mod list;
pub mod show;
