//! `POST …/{id}/action`: the body's one key names the action, and a table says how what it holds is read, and which status a
//! success has.

use serde::de::DeserializeOwned;

use super::body::{Body, Content, Form, fields, kind_of, malformed, object};
use super::call::Call;
use super::prelude::*;
use crate::http::answer::visibility::Versioned;

/// An action of a kind of records, and what it comes to.
pub struct Row<A: 'static> {
    pub form: Form,
    pub read: fn(&Call, Value) -> Result<A>,
}

/// An action with fields, and what they come to. Its success is 202 and its fields an object, unless it says otherwise.
macro_rules! row {
    ($name:literal $fields:ident => $asks:expr) => { row!($name $fields, 202, false => $asks) };
    ($name:literal $fields:ident answers $status:literal => $asks:expr) => { row!($name $fields, $status, false => $asks) };
    ($name:literal $fields:ident or null => $asks:expr) => { row!($name $fields, 202, true => $asks) };
    ($name:literal $fields:ident, $status:literal, $or_null:literal => $asks:expr) => {
        $crate::http::request::action::Row {
            form: $crate::http::request::body::Form {
                name: $name,
                status: $status,
                fields: Some(part::<$fields>()),
                or_null: $or_null,
            },
            read: |call, value| {
                let asks: fn($fields, &Call) -> Result<_> = $asks;
                asks($crate::http::request::action::sent(call, $name, $or_null, value)?, call)
            },
        }
    };
}

pub(crate) use row;

/// An action that anything may stand under, which says nothing: clients send null, `{}` or the record's id.
pub const fn bare<A>(name: &'static str, status: u16, read: fn(&Call, Value) -> Result<A>) -> Row<A> {
    Row { form: Form { name, status, fields: None, or_null: true }, read }
}

/// The fields of an action, as they were sent; `or_null`: null is an object without a field.
///
/// # Errors
/// What is wrong with them.
pub fn sent<F: Versioned + DeserializeOwned>(call: &Call, name: &str, or_null: bool, value: Value) -> Result<F> {
    fields(call, name, if or_null && value.is_null() { Map::new() } else { object(name, value)? })
}

/// The actions of a kind of records.
pub trait Actions: 'static {
    /// What they come to.
    type Asked: 'static;
    /// In the order of their names.
    const TABLE: &'static [Row<Self::Asked>];
}

/// What the one key of a body asks for, and the status of its success.
pub struct Acted<T: Actions>(pub T::Asked, pub u16);

impl<T: Actions> Body for Acted<T> {
    const CONTENT: Content = Content::Action(|| T::TABLE.iter().map(|row| row.form).collect());

    fn read(call: &mut Call) -> Result<Self> {
        let (row, value) = named(call.body.take(), T::TABLE)?;
        Ok(Self((row.read)(call, value)?, row.form.status))
    }
}

/// The row of the body's one key, and what stands there.
fn named<A>(body: Value, table: &'static [Row<A>]) -> Result<(&'static Row<A>, Value)> {
    let known = || table.iter().map(|row| row.form.name).collect::<Vec<_>>().join(", ");
    let expected = || format!("Send an object with one key, the action's name: one of {}.", known());
    let Value::Object(body) = body else {
        return Err(malformed(format!("The body is {}. {}", kind_of(&body), expected())));
    };
    let mut entries = body.into_iter();
    match (entries.next(), entries.next()) {
        (None, _) => Err(malformed(format!("The body names no action. {}", expected()))),
        (Some((first, _)), Some((second, _))) => {
            let both = format!("{} beside {}", quoted(&second), quoted(&first));
            Err(malformed(format!("The body has {both}: too many body keys. {}", expected())))
        }
        (Some((name, value)), None) => {
            let row = table.iter().find(|row| row.form.name == name);
            let row = row.ok_or_else(|| malformed(format!("There is no such action: {}. {}", quoted(&name), expected())))?;
            Ok((row, value))
        }
    }
}
