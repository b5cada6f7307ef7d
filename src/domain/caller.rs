//! Who is calling: what every way of identification comes down to.

use super::ProjectId;

/// A caller whose identity is settled. Made by `identity`, trusted afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user: String,
    pub project: ProjectId,
    /// Sees and ends the transfers of every project.
    pub is_admin: bool,
}

impl Caller {
    /// Whether a record of `owner`'s exists for this caller; to everyone else it does not.
    pub fn may_see(&self, owner: &ProjectId) -> bool {
        self.is_admin || self.project == *owner
    }
}
