//! Volumes as clients drive them: one operation a file, or a few that are alike. What those share that
//! change a volume is in `change`.

pub mod actions;
pub(super) mod change;
mod create;
mod delete;
pub mod explain;
pub mod settling;
pub(super) mod show;
mod source;
mod update;

pub use change::ChangeVolume;
pub use create::Create;
pub use delete::{Delete, Manner};
pub use show::{Metadata, Total, image_metadata, list, show, summary, tags_of_project, tags_of_volume};
pub use source::Source;
