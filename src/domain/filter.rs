//! What a list can be narrowed to: a filter by its name, and the value that it compares with, as its type.

use derive_more::From;
use serde_json::{Map, Value};

use super::{Id, Time};

/// A filter that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// As the list calls it.
    pub name: &'static str,
    pub value: FilterValue,
}

/// What a filter compares with.
#[derive(Debug, Clone, PartialEq, From)]
pub enum FilterValue {
    Text(String),
    /// A text that is somewhere in another.
    #[from(skip)]
    Part(String),
    Id(Id),
    Ids(Vec<Id>),
    Number(i64),
    Boolean(bool),
    Times(Vec<(Comparison, Time)>),
    /// Texts under keys.
    Texts(Map<String, Value>),
}

str_enum! {
    /// How two times are compared. Source: Cinder's `api/common.py`.
    pub enum Comparison {
        Later = "gt",
        NotEarlier = "gte",
        Earlier = "lt",
        NotLater = "lte",
        Same = "eq",
        Another = "neq",
    }
}
