//! An act: one thing that a caller did or was refused. Its row is the history of what it was done to, the audit trail, and the
//! only witness of a COMMIT whose answer was lost.

use super::prelude::*;
use super::transfer::Stamp;

str_enum! {
    /// A kind of record, as it is called within a sentence. Source of the names: Cinder's exceptions.
    pub enum RecordKind {
        Volume = "volume",
        Transfer = "transfer",
        Snapshot = "snapshot",
        Backup = "backup",
        VolumeType = "volume type",
    }
}

impl RecordKind {
    /// As a message begins with it.
    pub fn title(self) -> String {
        let (first, rest) = self.as_str().split_at(1);
        first.to_uppercase() + rest
    }
}

/// What an act was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Such as `volume`, `transfer` or `quota set`.
    pub kind: &'static str,
    /// What it is called; `None` for what was to be made, and was not.
    pub record: Option<String>,
    /// The volume that it is, or belongs to.
    pub volume_id: Option<Id>,
    /// The transfer that was made or ended.
    pub transfer_id: Option<Id>,
}

/// What the targets are numbered within that are no volume's. Drawn once.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0e_9a83_7c1d_4b62_9d41_0a6b_e2f7_5c3d);

impl Target {
    /// A record by its id; whose volume, the caller of this says.
    pub fn record(record_kind: RecordKind, id: Id) -> Self {
        let volume_id = (record_kind == RecordKind::Volume).then_some(id);
        let transfer_id = (record_kind == RecordKind::Transfer).then_some(id);
        Self { kind: record_kind.as_str(), record: Some(id.to_string()), volume_id, transfer_id }
    }

    /// What has a name of its own.
    pub fn named(kind: &'static str, name: &str) -> Self {
        Self { kind, record: Some(name.to_owned()), volume_id: None, transfer_id: None }
    }

    /// A record that is to be made.
    pub fn new(record_kind: RecordKind) -> Self {
        Self { kind: record_kind.as_str(), record: None, volume_id: None, transfer_id: None }
    }

    /// What its acts are kept under: the volume, else a UUID of what it is.
    pub fn key(&self, project: &ProjectId) -> Id {
        self.volume_id.unwrap_or_else(|| numbered(self.kind, self.record.as_deref().unwrap_or(project.as_str())))
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The refusal's code, and the code of each rule that said no.
    Refused {
        code: String,
        reasons: Vec<String>,
    },
}

impl Outcome {
    /// The stored word of what was not refused.
    pub const DONE: &'static str = "done";

    /// What is stored and printed of it: a word, and the codes of the rules that said no.
    pub fn words(&self) -> (&str, &[String]) {
        match self {
            Self::Done => (Self::DONE, &[]),
            Self::Refused { code, reasons } => (code, reasons),
        }
    }
}

/// One thing that a caller did or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub at: Time,
    /// The request's id without `req-`.
    pub request_id: Id,
    /// What was asked for, as the policy calls it: `evs:transfers:create`.
    pub action: String,
    /// See [`Target::key`].
    pub target: Id,
    /// See [`Target::kind`].
    pub kind: String,
    pub record: Option<String>,
    pub transfer_id: Option<Id>,
    pub outcome: Outcome,
    pub project_id: ProjectId,
    pub user_id: String,
    /// Where the caller was, as far as it is known.
    pub address: Option<String>,
}

impl Act {
    /// What became of what was asked for, of a target, by someone at a time in a request.
    pub fn of(by: Stamp, action: &str, target: Target, outcome: Outcome) -> Self {
        let Stamp { at, project_id, user_id, request_id } = by;
        let (key, kind) = (target.key(&project_id), target.kind.to_owned());
        let Target { record, transfer_id, .. } = target;
        let action = action.to_owned();
        Self { at, request_id, action, target: key, kind, record, transfer_id, outcome, project_id, user_id, address: None }
    }

    /// The volume that it was done to; `None` where none is known.
    pub fn volume_id(&self) -> Option<Id> {
        (self.target != numbered(&self.kind, self.record.as_deref().unwrap_or(self.project_id.as_str()))).then_some(self.target)
    }
}

/// What acts on a transfer are kept under that was not there.
pub fn unknown_transfer(id: Id) -> Id {
    numbered(RecordKind::Transfer.as_str(), &id.to_string())
}

/// A UUID (version 5) of what is no volume's, so that it is the same each time.
fn numbered(kind: &str, name: &str) -> Id {
    Id::new(Uuid::new_v5(&NAMESPACE, [kind, name].join("\0").as_bytes()))
}
