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
    let columns = Columns::each(table.columns);
    let values: Value = serde_json::from_str(&text).unwrap_or_default();
    let key = columns.iter().find(|column| table.key.last() == Some(&column.name));
    let key = key.and_then(|key| key.of(&values).as_str());
    let column = columns.iter().find(|column| column.place.starts_with(&place)).map_or("?", |column| column.name);
    StoreError::Inconsistent { table: table.name, column, row: key.unwrap_or("?").to_owned() }
}
