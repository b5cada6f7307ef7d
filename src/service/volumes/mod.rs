//! Volumes as clients drive them: one operation a file. What those share that change a volume is in `change`.

pub mod actions;
pub(super) mod change;
mod create;
mod delete;
mod list;
pub mod metadata;
pub(super) mod provisioning;
pub(super) mod show;
mod source;
mod summary;
pub mod tags;
mod update;

pub use change::ChangeVolume;
pub use create::Create;
pub use delete::{Delete, Manner};
pub use list::List;
pub use show::Show;
pub use source::Source;
pub use summary::{Metadata, Summary, Total};
pub use update::Update;
