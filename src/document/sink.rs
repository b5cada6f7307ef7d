//! Records on their way from the reader to whoever takes them: in batches, volumes first, then what belongs to them.

use std::collections::HashSet;

use serde::de::Error;
use serde_json::Value;

use super::{IdentityRecord, LooseCopy, MARKER, QuotaRecord, ReadError, TransferRecord, VERSION, VolumeRecord};
use crate::domain::identity::EntityKind;
use crate::domain::{Id, ProjectId};

/// How many records are handed over at once.
const BATCH: usize = 500;

/// Records of one list, in the document's order. Every volume comes before the first snapshot or backup, these before the first
/// transfer, then quotas, and identity last of all.
#[derive(Debug)]
pub enum Batch {
    Volumes(Vec<VolumeRecord>),
    Snapshots(Vec<LooseCopy>),
    Backups(Vec<LooseCopy>),
    Transfers(Vec<TransferRecord>),
    Quotas(Vec<QuotaRecord>),
    /// Roles, then projects, then users.
    Identity(Vec<IdentityRecord>),
}

/// The keys of a document that hold our lists.
const LISTS: [&str; 8] = ["volumes", "snapshots", "backups", "transfers", "roles", "projects", "users", "quotas"];

/// The lists that nothing of the others depends on.
const APART: [&str; 4] = ["roles", "projects", "users", "quotas"];

/// The keys that answers have beside them.
const PASSED_OVER: [&str; 4] = ["count", "volumes_links", "snapshots_links", "backups_links"];

/// What has been read and is not handed over yet.
pub struct Sink<F> {
    take: F,
    keeps_unknown: bool,
    volumes: Vec<VolumeRecord>,
    snapshots: Vec<LooseCopy>,
    backups: Vec<LooseCopy>,
    /// As the two before: those that came before the volumes wait for them.
    transfers: Vec<TransferRecord>,
    has_transfers_gone: bool,
    /// To the end, so that whoever sets a limit by the API waits for an import no longer than it must.
    quotas: Vec<QuotaRecord>,
    identity: Vec<IdentityRecord>,
    identity_ids: HashSet<(EntityKind, String)>,
    identity_names: HashSet<(EntityKind, String)>,
    /// A key may stand once; `volumes` among them says that the rest need not wait any more.
    keys: HashSet<String>,
    volume_ids: HashSet<Id>,
    transfer_ids: HashSet<Id>,
    quota_projects: HashSet<Option<ProjectId>>,
    wrong: Option<ReadError>,
}

impl<F: FnMut(Batch) -> Result<(), ReadError>> Sink<F> {
    /// `take` is given each batch, and ends the reading by an error.
    pub fn new(take: F) -> Self {
        Self {
            take,
            keeps_unknown: false,
            volumes: Vec::new(),
            snapshots: Vec::new(),
            backups: Vec::new(),
            transfers: Vec::new(),
            has_transfers_gone: false,
            quotas: Vec::new(),
            identity: Vec::new(),
            identity_ids: HashSet::new(),
            identity_names: HashSet::new(),
            keys: HashSet::new(),
            volume_ids: HashSet::new(),
            transfer_ids: HashSet::new(),
            quota_projects: HashSet::new(),
            wrong: None,
        }
    }

    /// Notes a key of the document.
    pub fn key(&mut self, key: &str) -> Result<(), ReadError> {
        let is_ours = LISTS.contains(&key) || PASSED_OVER.contains(&key) || key == MARKER;
        let problem = if !is_ours {
            format!("has the unknown key `{key}`; {} expected", LISTS.join(", "))
        } else if !self.keys.insert(key.to_owned()) {
            format!("has the key `{key}` twice")
        } else if self.has_transfers_gone && LISTS.contains(&key) && !APART.contains(&key) {
            // so many that they could not wait, and the rules were asked without what comes now
            format!("has `{key}` behind its transfers; put the transfers last")
        } else {
            return Ok(());
        };
        Err(ReadError::Document(problem))
    }

    /// Notes that the document is an export, of this `version` of the form; a newer one is refused.
    pub fn marker(&mut self, version: &Value) -> Result<(), ReadError> {
        match version.as_u64() {
            Some(1..=VERSION) => {
                self.keeps_unknown = true;
                Ok(())
            }
            Some(newer) if newer > VERSION => Err(ReadError::Document(format!(
                "is of version {newer} of the form, but this binary reads only up to {VERSION}; use the handover that wrote it"
            ))),
            _ => Err(ReadError::Document(format!("{MARKER}: {version} given, the version of the form expected: {VERSION}"))),
        }
    }

    /// Takes the volume at `index` of its list.
    pub fn volume(&mut self, index: usize, record: Value) -> Result<(), ReadError> {
        let record = VolumeRecord::read(index, record, self.keeps_unknown)?;
        if !self.volume_ids.insert(record.id) {
            return Err(record.place.fault("stands twice in this document").into());
        }
        self.volumes.push(record);
        if self.volumes.len() < BATCH { Ok(()) } else { self.hand_over_volumes() }
    }

    /// Takes the snapshot at `index` of its list.
    pub fn snapshot(&mut self, index: usize, record: Value) -> Result<(), ReadError> {
        self.snapshots.push(LooseCopy::read("snapshots", index, record)?);
        if self.must_wait(self.snapshots.len()) { Ok(()) } else { self.hand_over_copies() }
    }

    /// Takes the backup at `index` of its list.
    pub fn backup(&mut self, index: usize, record: Value) -> Result<(), ReadError> {
        self.backups.push(LooseCopy::read("backups", index, record)?);
        if self.must_wait(self.backups.len()) { Ok(()) } else { self.hand_over_copies() }
    }

    /// Takes the transfer at `index` of its list.
    pub fn transfer(&mut self, index: usize, record: Value) -> Result<(), ReadError> {
        let record = TransferRecord::read(index, record)?;
        if !self.transfer_ids.insert(record.id) {
            return Err(record.place.fault("stands twice in this document").into());
        }
        self.transfers.push(record);
        if self.must_wait(self.transfers.len()) { Ok(()) } else { self.hand_over_transfers() }
    }

    /// Takes the limits at `index` of their list.
    pub fn quota(&mut self, index: usize, record: Value) -> Result<(), ReadError> {
        let record = QuotaRecord::read(index, record)?;
        if !self.quota_projects.insert(record.quota.project_id.clone()) {
            return Err(record.place.field_fault("project_id", "stands twice in this document").into());
        }
        self.quotas.push(record);
        Ok(())
    }

    /// Takes the role, project or user at `index` of its list.
    pub fn identity(&mut self, kind: EntityKind, index: usize, record: Value) -> Result<(), ReadError> {
        let record = IdentityRecord::read(kind, index, record)?;
        let is_new =
            self.identity_ids.insert((kind, record.id())) & self.identity_names.insert((kind, record.fields.name.clone()));
        if !is_new {
            return Err(record.place.fault("stands twice in this document").into());
        }
        self.identity.push(record);
        Ok(())
    }

    /// Hands over what still waits; refuses a document with none of the lists.
    pub fn finish(mut self) -> Result<(), ReadError> {
        if !LISTS.iter().any(|list| self.keys.contains(*list)) {
            return Err(ReadError::Document(format!("has none of {}", LISTS.join(", "))));
        }
        self.hand_over_transfers()?;
        let quotas = std::mem::take(&mut self.quotas);
        self.hand_over(quotas, Batch::Quotas)?;
        let mut identity = std::mem::take(&mut self.identity);
        identity.sort_by_key(|record| std::cmp::Reverse(record.kind));
        self.hand_over(identity, Batch::Identity)
    }

    /// Notes what is wrong, and gives the parser an error of its own kind, so that it stops.
    pub fn stop<E: Error>(&mut self, done: Result<(), ReadError>) -> Result<(), E> {
        done.map_err(|wrong| {
            let error = E::custom(&wrong);
            self.wrong = Some(wrong);
            error
        })
    }

    /// What was wrong, if it was not the parser that found it.
    pub fn wrong(&mut self) -> Option<ReadError> {
        self.wrong.take()
    }

    /// Whether records that belong to volumes wait on: for more of them, or for the volumes.
    fn must_wait(&self, waiting: usize) -> bool {
        waiting < BATCH || !self.keys.contains("volumes")
    }

    fn hand_over_volumes(&mut self) -> Result<(), ReadError> {
        let records = std::mem::take(&mut self.volumes);
        self.hand_over(records, Batch::Volumes)
    }

    /// Behind every volume.
    fn hand_over_copies(&mut self) -> Result<(), ReadError> {
        self.hand_over_volumes()?;
        let (snapshots, backups) = (std::mem::take(&mut self.snapshots), std::mem::take(&mut self.backups));
        self.hand_over(snapshots, Batch::Snapshots)?;
        self.hand_over(backups, Batch::Backups)
    }

    /// Behind everything else.
    fn hand_over_transfers(&mut self) -> Result<(), ReadError> {
        self.hand_over_copies()?;
        self.has_transfers_gone = true;
        let records = std::mem::take(&mut self.transfers);
        self.hand_over(records, Batch::Transfers)
    }

    fn hand_over<T>(&mut self, records: Vec<T>, batch: fn(Vec<T>) -> Batch) -> Result<(), ReadError> {
        let mut records = records.into_iter();
        loop {
            let next: Vec<_> = records.by_ref().take(BATCH).collect();
            if next.is_empty() {
                return Ok(());
            }
            (self.take)(batch(next))?;
        }
    }
}
