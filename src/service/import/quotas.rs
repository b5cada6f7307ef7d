//! The quotas of a document: the limits that it names are set, and others stay as they are.

use std::collections::HashMap;

use super::{ImportError, Outcome, Run};
use crate::document::QuotaRecord;
use crate::domain::quota::{Overrides, Quota};
use crate::service::prelude::*;

impl Run<'_> {
    pub(super) async fn quotas(&mut self, records: &[QuotaRecord]) -> Result<(), ImportError> {
        let projects = records.iter().map(|record| record.quota.project_id.as_ref());
        let stored = limits::of(&mut self.db, projects).await?;
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
}
