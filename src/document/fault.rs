//! What is wrong with a record: where it stands, which field, what was found and what was expected.

use derive_more::Display;

use crate::domain::Id;

/// Where a record stands in its document.
#[derive(Debug, Clone, PartialEq, Eq, Display)]
#[display("{list}[{index}]{}", id.map(|id| format!(" (id {id})")).unwrap_or_default())]
pub struct Place {
    /// `volumes`, `transfers`, ….
    pub list: &'static str,
    /// Counted from 0, as in the list.
    pub index: usize,
    /// Where the record has one that can be read.
    pub id: Option<Id>,
}

/// A record that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{problem}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Fault {
    pub place: Place,
    pub field: Option<String>,
    pub problem: String,
}

impl Place {
    /// The record as a whole is wrong.
    pub fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault { place: self.clone(), field: None, problem: problem.into() }
    }

    /// One field of it is.
    pub fn field_fault(&self, field: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault { place: self.clone(), field: Some(field.into()), problem: problem.into() }
    }
}
