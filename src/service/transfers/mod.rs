//! Transfers: one operation a file, or a few that are alike. What accept and delete share is in `ending`.

mod accept;
mod create;
mod delete;
pub(super) mod ending;
mod show;

pub use accept::Accept;
pub use create::Create;
pub use delete::Delete;
pub use show::{list, show};
