//! `POST …/{id}/action`: the body's one key names the action, and a table says how what it holds is read, and which status a
//! success has.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::body::{Body, fields, kind_of, malformed, object};
use super::call::Call;
use super::content::{Content, Form};
use crate::http::answer::problem::Problem;
use crate::http::answer::visibility::{Versioned, part};

/// An action of a kind of records, and what it comes to.
pub struct Row<A: 'static> {
    pub form: Form,
    read: fn(&Call, Value) -> Result<A, Problem>,
}

/// The fields of an action, and what they come to.
pub trait Action<A>: Versioned + DeserializeOwned {
    const NAME: &'static str;
    const STATUS: u16 = 202;
    /// Whether null is an object without a field.
    const OR_NULL: bool = false;

    /// # Errors
    /// When the fields do not go together.
    fn asks(self, call: &Call) -> Result<A, Problem>;
}

/// An action with fields.
pub const fn row<A, F: Action<A>>() -> Row<A> {
    let form = Form { name: F::NAME, status: F::STATUS, fields: Some(part::<F>()), or_null: F::OR_NULL };
    Row { form, read: read::<A, F> }
}

/// An action that anything may stand under, which says nothing: clients send null, `{}` or the record's id.
pub const fn bare<A>(name: &'static str, read: fn(&Call, Value) -> Result<A, Problem>) -> Row<A> {
    Row { form: Form { name, status: 202, fields: None, or_null: true }, read }
}

fn read<A, F: Action<A>>(call: &Call, value: Value) -> Result<A, Problem> {
    let object = if F::OR_NULL && value.is_null() { Map::new() } else { object(F::NAME, value)? };
    fields::<F>(call, F::NAME, object)?.asks(call)
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

    fn read(call: &mut Call) -> Result<Self, Problem> {
        let (row, value) = named(call.body.take(), T::TABLE)?;
        Ok(Self((row.read)(call, value)?, row.form.status))
    }
}

/// The row of the body's one key, and what stands there.
fn named<A>(body: Value, table: &'static [Row<A>]) -> Result<(&'static Row<A>, Value), Problem> {
    let known = || table.iter().map(|row| row.form.name).collect::<Vec<_>>().join(", ");
    let expected = || format!("Send an object with one key, the action's name: one of {}.", known());
    let Value::Object(body) = body else {
        return Err(malformed(format!("The body is {}. {}", kind_of(&body), expected())));
    };
    let shown = |name: &str| format!("`{}`", name.chars().take(64).collect::<String>().escape_debug());
    let mut entries = body.into_iter();
    match (entries.next(), entries.next()) {
        (None, _) => Err(malformed(format!("The body names no action. {}", expected()))),
        (Some((first, _)), Some((second, _))) => Err(malformed(format!(
            "The body has {} beside {}: too many body keys. {}",
            shown(&second),
            shown(&first),
            expected()
        ))),
        (Some((name, value)), None) => {
            let row = table.iter().find(|row| row.form.name == name);
            let row = row.ok_or_else(|| malformed(format!("There is no such action: {}. {}", shown(&name), expected())))?;
            Ok((row, value))
        }
    }
}
