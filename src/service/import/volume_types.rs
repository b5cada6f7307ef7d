//! The volume types of a document; volumes that are of a type which it renames are called after it.

use super::{ImportError, Outcome, Run, by_id};
use crate::document::TypeRecord;
use crate::service::prelude::*;
use crate::store::volume_types as stored;

impl Run<'_> {
    pub(super) async fn volume_types(&mut self, records: &[TypeRecord]) -> Result<(), ImportError> {
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
}
