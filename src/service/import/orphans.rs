//! Volumes that a document calls `awaiting-transfer` although their transfer is neither in it nor stored.
//! An export of Cinder or EVS has such volumes, since transfers are not in it.

use super::{ImportError, Orphans, Outcome, Run};
use crate::document::Place;
use crate::store::batch;

/// A volume that waits for its transfer.
pub(super) struct Claim {
    /// Its record's place in the list.
    pub index: usize,
    pub outcome: Outcome,
    /// Whether its status is `available` meanwhile.
    pub is_available: bool,
}

/// The volumes whose transfer did not come, by their place.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: status: awaiting-transfer given, but the transfer is neither in this document nor in the database; \
     add it, or load such volumes as available with --orphans available", named(.0)
)]
pub struct OrphanVolumes(Vec<Place>);

/// How many are named: enough to see which they are.
const NAMED: usize = 10;

/// How many rows are written at once.
const BATCH: usize = 1000;

fn named(places: &[Place]) -> String {
    let named = places.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match places.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

impl Run<'_> {
    pub(super) async fn orphans(&mut self) -> Result<(), ImportError> {
        if self.options.orphans == Orphans::Refuse && !self.claims.is_empty() {
            let place = |(id, claim): (&_, &Claim)| Place { list: "volumes", index: claim.index, id: Some(*id) };
            let mut places: Vec<_> = self.claims.iter().map(place).collect();
            places.sort_by_key(|place| place.index);
            return Err(OrphanVolumes(places).into());
        }
        let mut freed = Vec::new();
        for (id, claim) in std::mem::take(&mut self.claims) {
            if claim.is_available {
                continue;
            }
            freed.push(id);
            if claim.outcome == Outcome::Unchanged {
                let volumes = self.report.of("volumes");
                volumes.unchanged -= 1;
                volumes.updated += 1;
            }
        }
        for batch in freed.chunks(BATCH) {
            batch::set_available(&mut self.db, batch.iter().copied()).await?;
        }
        Ok(())
    }
}
