//! `POST …/{id}/action`: the body's one key names the action, and a table says how what it holds is read, and which status a
//! success has.

use serde_json::{Map, Value};

use super::{
    call::Call,
    fields::{Fields, kind_of, malformed},
};
use crate::http::answer::{problem::Problem, shape::Part};

/// An action of a kind of records.
pub struct Row<A> {
    pub name: &'static str,
    /// Of a success.
    pub status: u16,
    pub reads: Reads<A>,
}

/// What stands under an action's name.
pub enum Reads<A> {
    /// An object with these fields and no other.
    Fields(Part, fn(&Call, &mut Fields) -> Result<A, Problem>),
    /// That, or null for an object without a field.
    FieldsOrNull(Part, fn(&Call, &mut Fields) -> Result<A, Problem>),
    /// Anything, which says nothing: clients send null, `{}` or the record's id.
    Nothing(fn() -> A),
}

/// An action of this name, the status of its success, and what stands under its name.
pub const fn row<A>(name: &'static str, status: u16, reads: Reads<A>) -> Row<A> {
    Row { name, status, reads }
}

/// What the document says of an action, which does not depend on what it does.
pub struct Form {
    pub name: &'static str,
    pub status: u16,
    /// The fields under its name; `None` where anything may stand there.
    pub fields: Option<Part>,
    pub or_null: bool,
}

/// The forms that a body may have, an action each.
pub fn forms<A>(table: &[Row<A>]) -> Vec<Form> {
    let form = |row: &Row<A>| {
        let (fields, or_null) = match &row.reads {
            Reads::Fields(part, _) => (Some(*part), false),
            Reads::FieldsOrNull(part, _) => (Some(*part), true),
            Reads::Nothing(_) => (None, true),
        };
        Form { name: row.name, status: row.status, fields, or_null }
    };
    table.iter().map(form).collect()
}

/// The action that the body asks for, and the status of its success.
///
/// # Errors
/// When the body names none of the table, or what stands there is not what the action takes.
pub fn asked<A>(call: &mut Call, table: &'static [Row<A>]) -> Result<(A, u16), Problem> {
    let mut body = call.body.take();
    let row = named(&body, table)?;
    let parse = match row.reads {
        Reads::Nothing(action) => return Ok((action(), row.status)),
        Reads::Fields(_, parse) => parse,
        Reads::FieldsOrNull(_, parse) => {
            if body[row.name].is_null() {
                body[row.name] = Value::Object(Map::new());
            }
            parse
        }
    };
    let mut fields = Fields::of(body, row.name)?;
    let action = parse(call, &mut fields)?;
    fields.end()?;
    Ok((action, row.status))
}

/// The row of the body's one key.
fn named<A>(body: &Value, table: &'static [Row<A>]) -> Result<&'static Row<A>, Problem> {
    let known = || table.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
    let expected = || format!("Send an object with one key, the action's name: one of {}.", known());
    let Value::Object(body) = body else {
        return Err(malformed(format!("The body is {}. {}", kind_of(body), expected())));
    };
    let shown = |name: &String| format!("`{}`", name.chars().take(64).collect::<String>().escape_debug());
    let mut names = body.keys();
    match (names.next(), names.next()) {
        (None, _) => Err(malformed(format!("The body names no action. {}", expected()))),
        (Some(first), Some(second)) => Err(malformed(format!(
            "The body has {} beside {}: too many body keys. {}",
            shown(second),
            shown(first),
            expected()
        ))),
        (Some(name), None) => table
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| malformed(format!("There is no such action: {}. {}", shown(name), expected()))),
    }
}
