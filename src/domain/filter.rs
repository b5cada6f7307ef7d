//! What a list can be narrowed to: a filter by its name, and the value that it compares with, as its type.

use serde_json::{Map, Value};

use super::str_enum::str_enum;
use super::{Id, Time};

/// A filter that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// As the list calls it.
    pub name: &'static str,
    pub value: FilterValue,
}

/// What a filter compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterValue {
    Text(String),
    Id(Id),
    Ids(Vec<Id>),
    Number(i64),
    Boolean(bool),
    Times(Vec<(Comparison, Time)>),
    /// Texts under keys.
    Texts(Map<String, Value>),
}

/// How two times are compared. Source: Cinder's `api/common.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Later,
    NotEarlier,
    Earlier,
    NotLater,
    Same,
    Another,
}

str_enum!(Comparison { Later = "gt", NotEarlier = "gte", Earlier = "lt", NotLater = "lte", Same = "eq", Another = "neq" });

impl From<String> for FilterValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for FilterValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Id> for FilterValue {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl From<Vec<Id>> for FilterValue {
    fn from(ids: Vec<Id>) -> Self {
        Self::Ids(ids)
    }
}

impl From<i64> for FilterValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for FilterValue {
    fn from(is_true: bool) -> Self {
        Self::Boolean(is_true)
    }
}

impl From<Vec<(Comparison, Time)>> for FilterValue {
    fn from(times: Vec<(Comparison, Time)>) -> Self {
        Self::Times(times)
    }
}

impl From<Map<String, Value>> for FilterValue {
    fn from(texts: Map<String, Value>) -> Self {
        Self::Texts(texts)
    }
}
