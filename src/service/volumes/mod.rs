//! Volumes as clients drive them: one operation a file, each one function and one transaction. What those share that change a
//! volume is in `change`.

pub mod actions;
pub(super) mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod metadata;
pub(super) mod settle;
pub mod show;
pub mod source;
pub mod summary;
pub mod tags;
pub mod update;
