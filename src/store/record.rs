//! A record as the engine writes it: a JSON list, in the order of the record's columns.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Deserializer, Value};
use serde_path_to_error::Segment;

use super::prelude::*;

/// The record that a list is.
///
/// # Errors
/// [`StoreError::Inconsistent`] where it fits no state.
pub fn read<T: DeserializeOwned>(table: &Table<T>, list: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(list).map_err(|_| fault(table, list))
}

/// The records that lists are, one behind the other.
///
/// # Errors
/// [`StoreError::Inconsistent`] of the first that fits no state.
pub fn read_all<T: DeserializeOwned>(table: &Table<T>, lists: &[u8], records: &mut Vec<T>) -> Result<(), StoreError> {
    for (number, record) in Deserializer::from_slice(lists).into_iter().enumerate() {
        records.push(record.map_err(|_| fault(table, nth(lists, number)))?);
    }
    Ok(())
}

/// One of lists that lie one behind the other.
fn nth(lists: &[u8], number: usize) -> &[u8] {
    let mut all = Deserializer::from_slice(lists).into_iter::<IgnoredAny>();
    all.by_ref().take(number).for_each(drop);
    let start = all.byte_offset();
    all.next();
    lists.get(start..all.byte_offset()).unwrap_or_default()
}

/// What is wrong with a list, and which row it is.
fn fault<T: DeserializeOwned>(table: &Table<T>, list: &[u8]) -> StoreError {
    let text = String::from_utf8_lossy(list);
    let place = match serde_path_to_error::deserialize::<_, T>(&mut Deserializer::from_slice(list)) {
        Ok(_) => Vec::new(),
        Err(error) => {
            error.path().iter().map(|segment| if let Segment::Seq { index } = segment { *index } else { 0 }).collect()
        }
    };
    let key = table.key.last().copied().unwrap_or_default();
    let values: Value = serde_json::from_str(&text).unwrap_or_default();
    let row = value(table.columns, &values, key).and_then(Value::as_str).unwrap_or("?").to_owned();
    StoreError::Inconsistent { table: table.name, column: Column::at(table.columns, &place), row }
}

/// What stands in a column of a list.
fn value<'v, T>(columns: &'static [Column<T>], list: &'v Value, name: &str) -> Option<&'v Value> {
    columns.iter().enumerate().find_map(|(at, column)| match column {
        Column::One { name: known, .. } => (*known == name).then(|| &list[at]),
        Column::Part(columns) => value(columns, &list[at], name),
    })
}
