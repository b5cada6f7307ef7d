//! A quota's record: the limits that were set for a project, or for the default class.

use super::prelude::*;
use crate::domain::quota::{self, Overrides, Quota, Resource};

/// A record of the list `quotas`. A limit that it does not name leaves alone what is stored.
pub struct QuotaRecord {
    pub place: Place,
    pub quota: Quota,
}

impl QuotaRecord {
    /// Reads the record at `index`.
    ///
    /// # Errors
    /// When it does not say whose it is, names no limit, or has another key or value than a limit's.
    pub fn read(index: usize, record: Value) -> Result<Self, Fault> {
        let (place, mut fields) = Place::open("quotas", index, record)?;
        let expected = format!("{}, or null for the default class", ProjectId::RULE);
        let project_id = place.value_in(&fields, "project_id")?;
        let project_id = project_id.ok_or_else(|| place.field_fault("project_id", format!("missing; {expected} expected")))?;
        fields.remove("project_id");
        let mut limits = Overrides::default();
        for (key, value) in &fields {
            let resource = Resource::parse(key).ok_or_else(|| {
                place.fault(format!("unknown field `{}`; project_id and {} expected", shown(key), Resource::WORDS.join(", ")))
            })?;
            let limit = value.as_i64().filter(|limit| quota::LIMIT.contains(limit)).ok_or_else(|| {
                let expected = format!("a whole number from {} (no limit) to {}", quota::LIMIT.start(), quota::LIMIT.end());
                place.field_fault(key, value::wrong(value, &expected))
            })?;
            limits.set(resource, Some(limit));
        }
        ensure!(!limits.is_empty(), place.fault(format!("names no limit; one of {} expected", Resource::WORDS.join(", "))));
        Ok(Self { place, quota: Quota { project_id, limits } })
    }
}

/// The fields of a record: only the limits that were set.
pub(super) fn written(Quota { project_id, limits }: &Quota) -> Fields {
    let set = Resource::ALL.into_iter().filter_map(|resource| Some((resource.as_str(), json!(limits.get(resource)?))));
    [("project_id", json!(project_id))].into_iter().chain(set).map(|(key, value)| (key.to_owned(), value)).collect()
}
