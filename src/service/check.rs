//! Check: every invariant, and every row read as what it should be, in one moment of the database.

use std::fmt::Display;

use serde::de::DeserializeOwned;

use crate::domain::limits::FAULTS;
use crate::service::prelude::*;
use crate::store::invariants::{self, Fault};
use crate::store::table::Table;
use crate::store::{identity, volume_types};

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many sentences were tried.
    pub sentences: usize,
    /// How many fit a state.
    pub volumes: u64,
    pub transfers: u64,
    /// Rows where a sentence does not hold: of each sentence, and of each table that is read for it, the first hundred.
    pub faults: Vec<Broken>,
}

/// A rule that a row breaks.
#[derive(Debug)]
pub struct Broken {
    pub table: &'static str,
    pub rule: &'static str,
    pub fault: Fault,
}

/// What SQL cannot say: a row is a domain value.
const FITS: &str = "every row fits a state";
/// Nor this: a hash that only looks like one would fail its transfer at accept.
const VERIFIABLE: &str = "the hash of a pending transfer's key can be checked";

const SECRETS: &str = "the hash of a password, and of an application credential's secret, can be checked";

/// Looks for rows that break an invariant.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(store: &Store) -> Result<Checked, StoreError> {
    let mut db = store.snapshot().await?;
    batch::prepare(&mut db).await?;
    let mut checked = Checked { sentences: invariants::all().count() + 3, ..Checked::default() };
    for invariant in invariants::all() {
        let faults = invariants::faults(&mut db, invariant).await?;
        let (table, rule) = invariants::rule(invariant);
        checked.faults.extend(faults.into_iter().map(|fault| Broken { table, rule, fault }));
    }
    let (db, all) = (&mut db, &mut checked);
    all.volumes = read(db, all, &volumes::TABLE, |_| None).await?;
    for kind in CopyKind::ALL {
        read(db, all, kind.table(), |_| None).await?;
    }
    read(db, all, &limits::TABLE, |_| None).await?;
    read(db, all, &volume_types::TABLE, |_| None).await?;
    read(db, all, &identity::ENTITIES, |entity| unverifiable(SECRETS, &entity.id, entity.password.as_deref())).await?;
    read(db, all, &identity::GRANTS, |_| None).await?;
    read(db, all, &identity::CREDENTIALS, |it| unverifiable(SECRETS, &it.id, it.secret_hash())).await?;
    read(db, all, &identity::SESSIONS, |_| None).await?;
    let of_key = |transfer: &Transfer| unverifiable(VERIFIABLE, &transfer.offer.id, transfer.pending_hash());
    all.transfers = read(db, all, &transfers::TABLE, of_key).await?;
    Ok(checked)
}

/// Reads a table to its end: names the rows that fit no state, and of the others those that `fault` finds. How many fit.
async fn read<T: DeserializeOwned>(
    db: &mut Db,
    checked: &mut Checked,
    table: &Table<T>,
    fault: impl Fn(&T) -> Option<(&'static str, Fault)>,
) -> Result<u64, StoreError> {
    let mut cursor = batch::Cursor::default();
    let mut fitting = 0;
    let mut named = HashMap::new();
    loop {
        let batch = batch::next(db, table, None, &mut cursor).await?;
        if batch.is_empty() {
            return Ok(fitting);
        }
        for row in batch {
            let found = match row {
                Ok(row) => {
                    fitting += 1;
                    fault(&row)
                }
                Err(StoreError::Inconsistent { column, row, .. }) => {
                    Some((FITS, Fault { id: row, found: format!("its column {column} cannot be read") }))
                }
                Err(error) => return Err(error),
            };
            let Some((rule, fault)) = found else { continue };
            let named = named.entry(rule).or_insert(0);
            *named += 1;
            if *named <= i64::from(FAULTS) {
                checked.faults.push(Broken { table: table.name, rule, fault });
            }
        }
    }
}

/// What is wrong with the hash that a row has, if it has one.
fn unverifiable(sentence: &'static str, id: &dyn Display, phc: Option<&str>) -> Option<(&'static str, Fault)> {
    let fault = || Fault { id: id.to_string(), found: "a hash that cannot be checked".to_owned() };
    phc.filter(|phc| !hash::is_verifiable(phc)).map(|_| (sentence, fault()))
}
