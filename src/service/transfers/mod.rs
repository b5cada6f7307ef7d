//! Transfers: one operation a file. What accept and delete share is in `ending`.

mod accept;
mod create;
mod delete;
pub(super) mod ending;
mod list;
mod show;

pub use accept::Accept;
pub use create::Create;
pub use delete::Delete;
pub use list::List;
pub use show::Show;
