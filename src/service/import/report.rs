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

/// The kinds of records, by the lists of a document. Few documents have more than the first four.
const KINDS: [&str; 9] =
    ["volumes", "snapshots", "backups", "transfers", "quotas", "volume_types", "roles", "projects", "users"];

/// What an import did, by kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report([Tally; KINDS.len()]);

impl Report {
    /// The four kinds that belong to volumes, and of the others those that the document has.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, Tally)> {
        let all = KINDS.into_iter().zip(self.0).enumerate();
        all.filter(|(at, (_, tally))| *at < 4 || *tally != Tally::default()).map(|(_, kind)| kind)
    }

    /// The records of a list.
    pub(super) fn of(&mut self, list: &str) -> &mut Tally {
        &mut self.0[KINDS.iter().position(|kind| *kind == list).expect("every list of a document is a kind")]
    }

    /// How many records that belong to volumes are new.
    pub(super) fn created(&self) -> u64 {
        self.0[..4].iter().map(|tally| tally.created).sum()
    }
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Created,
    Updated,
    Unchanged,
}

impl Tally {
    /// Counts what has become of a record that made `new` out of what was stored.
    pub(super) fn note<T: PartialEq>(&mut self, stored: Option<&T>, new: &T) -> Outcome {
        let outcome = match stored {
            None => Outcome::Created,
            Some(stored) if stored == new => Outcome::Unchanged,
            Some(_) => Outcome::Updated,
        };
        self.count(outcome);
        outcome
    }

    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}
