//! Records on their way from the reader to whoever takes them: in batches, volumes first, then what belongs to them.

use std::collections::HashSet;

use super::prelude::*;
use super::{IdentityRecord, LooseCopy, QuotaRecord, ReadError, TransferRecord, TypeRecord, VERSION, VolumeRecord};
use crate::domain::identity::EntityKind;
use crate::domain::limits::{BATCH, FAULTS};

/// Records of one list, in the document's order. Every volume comes before the first snapshot or backup, these before the first
/// transfer, then quotas and volume types, and identity last of all.
pub enum Batch {
    Volumes(Vec<VolumeRecord>),
    Snapshots(Vec<LooseCopy>),
    Backups(Vec<LooseCopy>),
    Transfers(Vec<TransferRecord>),
    Quotas(Vec<QuotaRecord>),
    VolumeTypes(Vec<TypeRecord>),
    /// Roles, then projects, then users.
    Identity(Vec<IdentityRecord>),
}

/// The keys of a document that hold our lists.
pub const LISTS: [&str; 9] =
    ["volumes", "snapshots", "backups", "transfers", "roles", "projects", "users", "quotas", "volume_types"];

/// The lists that nothing of the others depends on.
const APART: [&str; 5] = ["roles", "projects", "users", "quotas", "volume_types"];

/// The keys that answers have beside them.
const PASSED_OVER: [&str; 7] =
    ["count", "offset", "limit", "volumes_links", "snapshots_links", "backups_links", "transfers_links"];

/// The list that a key of a document holds: answers to one record hold it alone.
pub fn list_of(key: &str) -> &str {
    match key {
        "volume" => "volumes",
        "snapshot" => "snapshots",
        "backup" => "backups",
        "transfer" => "transfers",
        list => list,
    }
}

/// What has been read and is not handed over yet.
pub struct Sink<F> {
    take: F,
    keeps_unknown: bool,
    waiting: Waiting,
    has_transfers_gone: bool,
    seen: Seen,
    faults: Vec<Fault>,
    wrong: Option<ReadError>,
}

/// What waits: for more of its kind, or for the volumes that it belongs to.
#[derive(Default)]
struct Waiting {
    volumes: Vec<VolumeRecord>,
    snapshots: Vec<LooseCopy>,
    backups: Vec<LooseCopy>,
    transfers: Vec<TransferRecord>,
    /// To the end, so that whoever sets a limit by the API waits for an import no longer than it must.
    quotas: Vec<QuotaRecord>,
    volume_types: Vec<TypeRecord>,
    identity: Vec<IdentityRecord>,
}

/// What may stand once.
#[derive(Default)]
struct Seen {
    /// `volumes` among them says that the rest need not wait any more.
    keys: HashSet<String>,
    volumes: HashSet<Id>,
    transfers: HashSet<Id>,
    quotas: HashSet<Option<ProjectId>>,
    volume_types: HashSet<Id>,
    identity_ids: HashSet<(EntityKind, String)>,
    identity_names: HashSet<(EntityKind, String)>,
}

impl<F: FnMut(Batch) -> Result<(), ReadError>> Sink<F> {
    /// `take` is given each batch, and ends the reading by an error.
    pub fn new(take: F) -> Self {
        let (waiting, seen) = (Waiting::default(), Seen::default());
        Self { take, keeps_unknown: false, waiting, has_transfers_gone: false, seen, faults: Vec::new(), wrong: None }
    }

    /// Notes a key of the document.
    pub fn key(&mut self, key: &str) -> Result<(), ReadError> {
        let key = list_of(key);
        let is_ours = LISTS.contains(&key) || PASSED_OVER.contains(&key) || key == MARKER;
        let problem = if !is_ours {
            format!("has the unknown key `{}`; {} expected", shown(key), LISTS.join(", "))
        } else if !self.seen.keys.insert(key.to_owned()) {
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

    /// Takes the record at `index` of one of the lists.
    pub fn record(&mut self, list: &str, index: usize, mut record: Value) -> Result<(), ReadError> {
        let waiting = &mut self.waiting;
        match list {
            "volumes" => {
                let record = VolumeRecord::read(index, record, self.keeps_unknown)?;
                once(&record.place, self.seen.volumes.insert(record.id))?;
                waiting.volumes.push(record);
            }
            "snapshots" => waiting.snapshots.push(LooseCopy::read("snapshots", index, record)?),
            // CBR has a server's too, of which those of its volumes are children
            "backups" if record.get("resource_type").is_some_and(|of| of != "OS::Cinder::Volume") => {
                let Value::Array(children) = record["children"].take() else { return Ok(()) };
                return children.into_iter().try_for_each(|child| self.record(list, index, child));
            }
            "backups" => waiting.backups.push(LooseCopy::read("backups", index, record)?),
            "transfers" => {
                let record = TransferRecord::read(index, record)?;
                once(&record.place, self.seen.transfers.insert(record.id))?;
                waiting.transfers.push(record);
            }
            "quotas" => {
                let record = QuotaRecord::read(index, record)?;
                let twice = || record.place.field_fault("project_id", "stands twice in this document");
                ensure!(self.seen.quotas.insert(record.quota.project_id.clone()), twice().into());
                waiting.quotas.push(record);
            }
            "volume_types" => {
                let record = TypeRecord::read(index, record)?;
                once(&record.place, self.seen.volume_types.insert(record.id))?;
                waiting.volume_types.push(record);
            }
            _ => {
                let kind = EntityKind::ALL.into_iter().find(|kind| IdentityRecord::list(*kind) == list);
                let record = IdentityRecord::read(kind.expect("the other lists are identity's"), index, record)?;
                let is_new = self.seen.identity_ids.insert((record.kind, record.id()))
                    & self.seen.identity_names.insert((record.kind, record.fields.name.clone()));
                once(&record.place, is_new)?;
                waiting.identity.push(record);
            }
        }
        // what belongs to volumes waits for them; what nothing depends on waits to the end
        let has_volumes = self.seen.keys.contains("volumes");
        match list {
            "volumes" if waiting.volumes.len() >= BATCH => self.hand_over(Batch::Volumes, |waiting| &mut waiting.volumes),
            "snapshots" if has_volumes && waiting.snapshots.len() >= BATCH => self.hand_over_copies(),
            "backups" if has_volumes && waiting.backups.len() >= BATCH => self.hand_over_copies(),
            "transfers" if has_volumes && waiting.transfers.len() >= BATCH => self.hand_over_transfers(),
            _ => Ok(()),
        }
    }

    /// Hands over what still waits, once the parser has come to its end; refuses a document with none of the lists.
    pub fn finish(mut self, read: Result<(), ReadError>) -> Result<(), ReadError> {
        self.wrong.take().map_or(read, Err)?; // the parser ends by an error of its own where something was wrong
        let has_any = LISTS.iter().any(|list| self.seen.keys.contains(*list));
        ensure!(has_any, ReadError::Document(format!("has none of {}", LISTS.join(", "))));
        self.hand_over_transfers()?;
        self.hand_over(Batch::Quotas, |waiting| &mut waiting.quotas)?;
        self.hand_over(Batch::VolumeTypes, |waiting| &mut waiting.volume_types)?;
        self.waiting.identity.sort_by_key(|record| std::cmp::Reverse(record.kind));
        self.hand_over(Batch::Identity, |waiting| &mut waiting.identity)?;
        if self.faults.is_empty() { Ok(()) } else { Err(ReadError::Faults(self.faults)) }
    }

    /// Takes a piece in; notes what is wrong with it, and gives the parser an error of its own kind, so that it stops: not for a
    /// wrong record, since what comes behind it is looked at too.
    pub fn take_in<E: Error>(&mut self, piece: impl FnOnce(&mut Self) -> Result<(), ReadError>) -> Result<(), E> {
        let wrong = match piece(self) {
            Ok(()) => return Ok(()),
            Err(ReadError::Fault(fault)) => {
                self.faults.push(fault);
                if self.faults.len() < usize::from(FAULTS) {
                    return Ok(());
                }
                ReadError::Faults(std::mem::take(&mut self.faults))
            }
            Err(wrong) => wrong,
        };
        let error = E::custom(&wrong);
        self.wrong = Some(wrong);
        Err(error)
    }

    /// Behind every volume.
    fn hand_over_copies(&mut self) -> Result<(), ReadError> {
        self.hand_over(Batch::Volumes, |waiting| &mut waiting.volumes)?;
        self.hand_over(Batch::Snapshots, |waiting| &mut waiting.snapshots)?;
        self.hand_over(Batch::Backups, |waiting| &mut waiting.backups)
    }

    /// Behind everything else.
    fn hand_over_transfers(&mut self) -> Result<(), ReadError> {
        self.hand_over_copies()?;
        self.has_transfers_gone = true;
        self.hand_over(Batch::Transfers, |waiting| &mut waiting.transfers)
    }

    /// Those that wait in one of the lists.
    fn hand_over<T>(&mut self, batch: fn(Vec<T>) -> Batch, list: fn(&mut Waiting) -> &mut Vec<T>) -> Result<(), ReadError> {
        let mut records = std::mem::take(list(&mut self.waiting)).into_iter().peekable();
        while records.peek().is_some() {
            (self.take)(batch(records.by_ref().take(BATCH).collect()))?;
        }
        Ok(())
    }
}

/// Of what a document may have once.
fn once(place: &Place, is_new: bool) -> Result<(), Fault> {
    if is_new { Ok(()) } else { Err(place.fault("stands twice in this document")) }
}
