//! What an import did.

/// Records by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Snapshots and backups that a volume's list does not have any more.
    pub removed: u64,
}

/// What an import did, by kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    pub volumes: Tally,
    pub snapshots: Tally,
    pub backups: Tally,
    pub transfers: Tally,
    pub quotas: Tally,
    pub roles: Tally,
    pub projects: Tally,
    pub users: Tally,
}

impl Report {
    /// How many records are new.
    pub(super) const fn created(&self) -> u64 {
        self.volumes.created + self.snapshots.created + self.backups.created + self.transfers.created
    }
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Created,
    Updated,
    Unchanged,
}

impl Outcome {
    /// Of a record that made `new` out of what was stored.
    pub fn of<T: PartialEq>(stored: Option<&T>, new: &T) -> Self {
        match stored {
            None => Self::Created,
            Some(stored) if stored == new => Self::Unchanged,
            Some(_) => Self::Updated,
        }
    }
}

impl Tally {
    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}
