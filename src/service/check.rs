//! Check: every invariant, and every row read as what it should be, in one moment of the database.

use crate::{
    domain::{Id, Transfer},
    secrets::hash,
    store::{
        Db, Store, StoreError, bulk,
        copies::Kind,
        dump::{self, Cursor},
        invariants::{self, Fault, INVARIANTS},
        limits,
    },
};

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many sentences were tried.
    pub sentences: usize,
    pub volumes: u64,
    pub transfers: u64,
    /// Rows where a sentence does not hold; of each sentence the first hundred.
    pub faults: Vec<(&'static str, Fault)>,
}

/// What SQL cannot say: a row is a domain value.
const FITS: &str = "every row fits a state";
/// How many such rows are named of a table.
const ENOUGH: usize = 100;
/// Nor this: a hash that only looks like one would fail its transfer at accept.
const VERIFIABLE: &str = "the hash of a pending transfer's key can be checked";

/// Looks for rows that break an invariant.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(store: &Store) -> Result<Checked, StoreError> {
    let mut db = store.snapshot().await?;
    bulk::prepare(&mut db).await?;
    let mut checked = Checked { sentences: INVARIANTS.len() + 2, ..Checked::default() };
    for invariant in INVARIANTS {
        let faults = invariants::faults(&mut db, invariant).await?;
        checked.faults.extend(faults.into_iter().map(|fault| (invariant.sentence, fault)));
    }
    volumes(&mut db, &mut checked).await?;
    for kind in Kind::ALL {
        copies(&mut db, kind, &mut checked).await?;
    }
    quotas(&mut db, &mut checked).await?;
    transfers(&mut db, &mut checked).await?;
    Ok(checked)
}

async fn volumes(db: &mut Db, checked: &mut Checked) -> Result<(), StoreError> {
    let mut cursor = Cursor::START;
    loop {
        let batch = dump::volumes(db, &mut cursor).await;
        match checked.fitting(batch)? {
            Ok(volumes) if volumes.is_empty() => return Ok(()),
            Ok(volumes) => checked.volumes += volumes.len() as u64,
            Err(next) => cursor = next,
        }
    }
}

async fn copies(db: &mut Db, kind: Kind, checked: &mut Checked) -> Result<(), StoreError> {
    let mut cursor = Cursor::START;
    loop {
        let batch = dump::copies(db, kind, &mut cursor).await;
        match checked.fitting(batch)? {
            Ok(copies) if copies.is_empty() => return Ok(()),
            Ok(_) => {}
            Err(next) => cursor = next,
        }
    }
}

async fn quotas(db: &mut Db, checked: &mut Checked) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let batch = limits::behind(db, last.as_ref()).await;
        // behind a row without a project nothing can be found
        let Ok(quotas) = checked.fitting(batch)? else { return Ok(()) };
        last = quotas.into_iter().next_back();
        if last.is_none() {
            return Ok(());
        }
    }
}

async fn transfers(db: &mut Db, checked: &mut Checked) -> Result<(), StoreError> {
    let mut cursor = Cursor::START;
    loop {
        let batch = dump::transfers(db, &mut cursor).await;
        let batch = match checked.fitting(batch)? {
            Ok(batch) => batch,
            Err(next) => {
                cursor = next;
                continue;
            }
        };
        if batch.is_empty() {
            return Ok(());
        }
        checked.transfers += batch.len() as u64;
        let is_unverifiable = |transfer: &&Transfer| transfer.pending_hash().is_some_and(|phc| !hash::is_verifiable(phc));
        for transfer in batch.iter().filter(is_unverifiable) {
            let fault = Fault { id: transfer.offer.id.to_string(), found: "a hash that cannot be checked".to_owned() };
            checked.faults.push((VERIFIABLE, fault));
        }
    }
}

impl Checked {
    /// The rows; or, when one of them fits no state and is noted, from where on to read.
    fn fitting<T>(&mut self, read: Result<Vec<T>, StoreError>) -> Result<Result<Vec<T>, Cursor>, StoreError> {
        match read {
            Ok(rows) => Ok(Ok(rows)),
            Err(StoreError::Inconsistent { table, column, row }) => {
                let is_enough = self.faults.iter().filter(|(sentence, _)| *sentence == FITS).count() >= ENOUGH;
                let next = Id::parse(&row).filter(|_| !is_enough).map_or(Cursor::END, Cursor::behind);
                self.faults.push((FITS, Fault { id: row, found: format!("column {column} of {table}") }));
                Ok(Err(next))
            }
            Err(error) => Err(error),
        }
    }
}
