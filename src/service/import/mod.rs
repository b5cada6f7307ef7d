//! Import: a document becomes part of the database, whole or not at all, in one transaction. A record says how things are:
//! what it does not mention stays as it was, and the same document for the second time changes nothing.

mod copies;
mod identity;
mod keys;
mod look;
mod reading;
mod report;
mod transfers;
mod volumes;

use std::io;

pub use report::{Report, Tally};

use self::keys::Keys;
use self::look::look;
use self::reading::Reading;
use self::report::Outcome;
use self::volumes::Claim;
use crate::document::{Batch, Fault, Place, QuotaRecord, TypeRecord};
pub use crate::document::{Pass, ReadError, Source, Step};
use crate::domain::limits::FAULTS;
use crate::domain::quota::{Overrides, Quota};
use crate::domain::str_enum::str_enum;
use crate::service::prelude::*;
use crate::store::batch::Cursor;
use crate::store::summary::Pair;
use crate::store::{counts, volume_types as stored};

str_enum! {
    /// What becomes of a volume that a document calls `awaiting-transfer` although nothing says which transfer it awaits.
    #[derive(Default)]
    pub enum Orphans {
        /// The document is refused.
        #[default]
        Refuse = "refuse",
        /// The volume is loaded as `available`: its transfer is lost, which its donor can make again.
        Available = "available",
    }
}

/// How a document is loaded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub orphans: Orphans,
    /// Give to other projects what is theirs by the document.
    pub is_moving: bool,
    /// Do everything but keep it.
    pub is_rehearsal: bool,
    /// Load it into a database that has no volumes yet, or not at all.
    pub is_first: bool,
}

/// Why a document was not loaded: nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record is wrong in itself, or cannot be joined with what is stored.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What was to be loaded into a new database finds one that is used.
    #[error("the database has, or had, volumes already")]
    NotEmpty,
    #[error("it holds no volume, so that it would be loaded again at each start; load it with `handover import`")]
    NoVolume,
    /// The transfer at this place has come or gone since its key was hashed.
    #[error("{0}: was changed in the database while the document was read; import it again")]
    Meanwhile(Place),
    #[error("an auth key could not be hashed: {0}")]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no thread could be started that reads: {0}")]
    Thread(io::Error),
    #[error("the document was not read to its end, by a fault of this program")]
    ReaderDied,
}

/// What an import, or a part of one, comes to.
type Result<T, E = ImportError> = std::result::Result<T, E>;

/// How often an import begins anew when a transfer of its document has come or gone between its two readings.
const AGAIN: usize = 3;

/// Loads a document. It is read twice: what takes long is done the first time, when nothing is locked.
///
/// # Errors
/// What is wrong, with nothing changed. [`StoreError::OutcomeUnknown`] when COMMIT's answer was lost: importing
/// the document again settles it.
pub async fn import(service: &Service, source: Source, options: Options) -> Result<Report> {
    let source = Arc::new(Mutex::new(source));
    let mut keys = Keys::default();
    let mut again = AGAIN;
    loop {
        look(service, &source, &mut keys).await?;
        match write(service, &source, &keys, options).await {
            Err(ImportError::Meanwhile(_)) if again > 0 => again -= 1,
            done => return done,
        }
    }
}

/// The second reading: everything in one transaction, and nothing that takes long.
async fn write(service: &Service, source: &Arc<Mutex<Source>>, keys: &Keys, options: Options) -> Result<Report> {
    let mut reading = Reading::begin(source, Pass::Write)?;
    let mut run = Run::begin(service, keys, options).await?;
    while let Some(batch) = reading.batches.recv().await {
        let done = match batch {
            Batch::Volumes(records) => run.volumes(&records).await,
            Batch::Snapshots(records) => run.loose_copies(CopyKind::Snapshot, &records).await,
            Batch::Backups(records) => run.loose_copies(CopyKind::Backup, &records).await,
            Batch::Transfers(records) => run.transfers(&records).await,
            Batch::Quotas(records) => run.quotas(&records).await,
            Batch::VolumeTypes(records) => run.volume_types(&records).await,
            Batch::Identity(records) => run.identity(records).await,
        };
        // of what is not judged record by record the first fault is the last
        done.map_err(|error| run.told(error))?;
    }
    reading.end()?;
    run.orphans().await?;
    run.end().await
}

/// So many new records that what a planner knew of the tables says little.
const MANY: u64 = 10_000;

/// An import under way.
struct Run<'a> {
    service: &'a Service,
    keys: &'a Keys,
    options: Options,
    db: Db,
    now: Time,
    report: Report,
    /// Volumes that the document calls `awaiting-transfer`, until their transfer comes.
    claims: HashMap<Id, Claim>,
    counts: Counts,
    /// Those that are made at the end.
    indexes: Vec<Pair>,
    /// The projects of which something else is to be counted than before.
    recounted: BTreeSet<ProjectId>,
    /// What is wrong with records beside what is stored, or by the rules: then nothing is kept.
    faults: Vec<Fault>,
}

/// What of a record is counted: whose it is, and its size; less than none where it does not count.
type Share<'r> = (&'r ProjectId, i64);

fn of_volume(volume: &Volume) -> Share<'_> {
    (&volume.project_id, if volume.consumes_quota { volume.size } else { -1 })
}

fn of_copy(copy: &VolumeCopy) -> Share<'_> {
    (&copy.project_id, if copy.consumes_quota { copy.size } else { -1 })
}

/// Lists are planned by what the tables hold now. What is stored is stored, whether or not they are.
async fn look_anew(store: &Store) {
    let looking = async { batch::look_anew(&mut store.reader().await?).await };
    if let Err(error) = looking.await {
        tracing::warn!(%error, "the database was not told to look at its tables anew; it will in its own time");
    }
}

impl<'a> Run<'a> {
    async fn begin(service: &'a Service, keys: &'a Keys, options: Options) -> Result<Self> {
        settling::due(service).await?; // a document may offer what the API would
        let mut db = service.store.transaction().await?;
        batch::prepare(&mut db).await?;
        batch::take_turn(&mut db).await?;
        let now = service.clock.now();
        ensure!(!options.is_first || !is_used(&mut db).await?, ImportError::NotEmpty);
        let (report, claims, counts, indexes, recounted, faults) = Default::default();
        Ok(Self { service, keys, options, db, now, report, claims, counts, indexes, recounted, faults })
    }

    /// What was judged; `None` where a record is wrong, to go on with the others: all that is wrong is told at once.
    fn note<T>(&mut self, judged: Result<T, impl Into<ImportError>>) -> Result<Option<T>> {
        match judged.map_err(Into::into) {
            Ok(judged) => return Ok(Some(judged)),
            Err(ImportError::Fault(fault)) if self.faults.contains(&fault) => {}
            Err(ImportError::Fault(fault)) => self.faults.push(fault),
            Err(error) => return Err(error),
        }
        ensure!(self.faults.len() < usize::from(FAULTS), ReadError::Faults(std::mem::take(&mut self.faults)).into());
        Ok(None)
    }

    /// A fault with those before it; any other error by itself.
    fn told(&mut self, error: ImportError) -> ImportError {
        match error {
            ImportError::Fault(fault) => ReadError::Faults(self.faults.drain(..).chain([fault]).collect()).into(),
            error => error,
        }
    }

    /// Whether a volume of the document was refused: what hangs on it is judged when it is right.
    fn is_faulty(&self, volume: Id) -> bool {
        self.faults.iter().any(|Fault { place, .. }| place.list == "volumes" && place.id == Some(volume))
    }

    /// Notes that a record has become another, whose it was and whose it is.
    fn recount(&mut self, before: Option<Share<'_>>, after: Option<Share<'_>>) {
        if before != after {
            let projects = [before, after].into_iter().flatten().map(|(project, _)| project.clone());
            self.recounted.extend(projects);
        }
    }

    /// What is stored stays its project's: an old document must not give back to its donor what was accepted since.
    fn refuse_move(&self, stored: Option<Share<'_>>, now: Share<'_>, fault: impl FnOnce(String) -> Fault) -> Result<(), Fault> {
        let (project, _) = now;
        let Some((owner, _)) = stored.filter(|(owner, _)| *owner != project && !self.options.is_moving) else { return Ok(()) };
        let expected = format!("in the database it is of {owner}; give the project it has, or move it there with --move");
        Err(fault(format!("{project} given, but {expected}")))
    }

    /// The quotas of a document: the limits that it names are set, and others stay as they are.
    async fn quotas(&mut self, records: &[QuotaRecord]) -> Result<()> {
        let stored = limits::of(&mut self.db, records.iter().map(|record| record.quota.project_id.as_ref())).await?;
        let stored: HashMap<Option<ProjectId>, Overrides> =
            stored.into_iter().map(|Quota { project_id, limits }| (project_id, limits)).collect();
        let mut changed = Vec::new();
        for QuotaRecord { quota, .. } in records {
            let stored = stored.get(&quota.project_id);
            let laid_over = quota.limits.over(stored.unwrap_or(&Overrides::default()));
            if self.report.of("quotas").note(stored, &laid_over) != Outcome::Unchanged {
                changed.push(quota.clone());
            }
        }
        Ok(limits::TABLE.merge(&mut self.db, &changed).await?)
    }

    /// The volume types of a document; volumes that are of a type which it renames are called after it.
    async fn volume_types(&mut self, records: &[TypeRecord]) -> Result<()> {
        let stored = by_id(stored::TABLE.of(&mut self.db, "id", records.iter().map(|record| record.id)).await?);
        // those that are there first: what they were called may be another's name by then
        let (old, new): (Vec<_>, Vec<_>) = records.iter().partition(|record| stored.contains_key(&record.id));
        for record in old.into_iter().chain(new) {
            let there = stored::locked(&mut self.db, record.id).await?;
            let the = record.over(there.as_ref(), self.now)?;
            if self.report.of("volume_types").note(there.as_ref(), &the) == Outcome::Unchanged {
                continue;
            }
            let name = there.map_or_else(|| the.name.clone(), |there| there.name);
            stored::save(&mut self.db, &the, &name).await.map_err(|error| match error {
                StoreError::Duplicate { .. } => {
                    let problem = format!("{} given, but in the database another type is called so", shown(&the.name));
                    record.place.field_fault("name", problem).into()
                }
                error => ImportError::from(error),
            })?;
        }
        Ok(())
    }

    async fn end(mut self) -> Result<Report> {
        ensure!(self.faults.is_empty(), ReadError::Faults(self.faults).into());
        ensure!(!self.options.is_first || self.report.of("volumes").created > 0, ImportError::NoVolume);
        // an operator's act: no quota refuses it
        usage::recount(&mut self.db, &self.recounted).await?;
        if self.counts != Counts::default() {
            // one slot is as good as another: only the sum of them means anything
            counts::add(&mut self.db, random::id(&*self.service.random), self.counts);
            self.db.flush().await?;
        }
        if !self.options.is_rehearsal {
            batch::make_indexes(&mut self.db, self.indexes).await?;
            self.db.commit().await.map_err(|error| match error {
                error @ StoreError::Contended(_) => error,
                error => StoreError::OutcomeUnknown(error.to_string()),
            })?;
            if self.report.created() >= MANY {
                look_anew(&self.service.store).await;
            }
        }
        Ok(self.report)
    }
}

/// Whether the database has a volume, or a transfer of one that it had.
pub async fn is_used(db: &mut Db) -> Result<bool, StoreError> {
    let volumes = batch::next(db, &crate::store::volumes::TABLE, None, &mut Cursor::default()).await?;
    Ok(!volumes.is_empty() || !batch::next(db, &crate::store::transfers::TABLE, None, &mut Cursor::default()).await?.is_empty())
}

/// Rows that were read, by their ids.
fn by_id<T: Listed>(rows: Vec<T>) -> HashMap<Id, T> {
    rows.into_iter().map(|row| (row.id(), row)).collect()
}

fn no_volume(place: &Place, id: Id) -> Fault {
    place.field_fault("volume_id", format!("volume {id} is neither in this document nor in the database"))
}
