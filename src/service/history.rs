//! History: the acts of a database, as an operator asks for them.

use crate::domain::Act;
use crate::service::prelude::*;
use crate::store::acts;

/// Which acts.
#[derive(Debug, Clone)]
pub struct Asked {
    /// From then on.
    pub since: Time,
    /// Of this project's callers alone.
    pub project: Option<ProjectId>,
    /// On this transfer alone, from its create to its end.
    pub transfer: Option<Id>,
}

/// Hands each act to `take`, oldest first, a batch in memory at a time.
///
/// # Errors
/// When the database cannot be read, and what `take` says no with.
pub async fn history<E: From<StoreError>>(
    store: &Store,
    asked: &Asked,
    mut take: impl FnMut(&Act) -> Result<(), E>,
) -> Result<(), E> {
    let fits = |act: &&Act| act.at >= asked.since && asked.project.as_ref().is_none_or(|project| act.project_id == *project);
    let mut db = store.snapshot().await?;
    if let Some(transfer) = asked.transfer {
        return acts::of_transfer(&mut db, transfer).await?.iter().filter(fits).try_for_each(take);
    }
    let mut last = (asked.since, Id::NIL);
    loop {
        let batch = acts::behind(&mut db, last).await?;
        let Some(newest) = batch.last() else { return Ok(()) };
        last = (newest.at, newest.request_id);
        batch.iter().filter(fits).try_for_each(&mut take)?;
    }
}
