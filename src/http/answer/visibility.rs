//! Which keys an answer or a body has. A view or a body is a struct with every key, and one table says which of them this
//! microversion, resource or caller does not see: answers leave them out, the parser refuses them, the OpenAPI document says
//! so. Real clients refuse any other key.

use std::borrow::Cow;
use std::io::{self, Write};

use memchr::{memchr, memchr_iter};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::domain::transfer::Resource;
use crate::http::request::api::Api;
use crate::http::request::call::Call;

/// A key that not every answer or body has.
#[derive(Clone, Copy)]
pub struct FieldRule {
    pub name: &'static str,
    /// The first microversion of `/v3` that has it; on `/v2` it never is.
    pub since: Option<u16>,
    pub for_admins: bool,
    /// The one of the transfers' two resources that has it.
    pub only_on: Option<Resource>,
    /// Whether our own paths alone have it.
    pub is_own: bool,
    /// Whether it is left out where the record has none.
    pub at_times: bool,
}

impl FieldRule {
    /// Seen by all, on any path.
    pub const fn of(name: &'static str) -> Self {
        Self { name, since: None, for_admins: false, only_on: None, is_own: false, at_times: false }
    }

    /// Seen on `/v3` from microversion 3.`minor` on.
    pub const fn since(name: &'static str, minor: u16) -> Self {
        Self { since: Some(minor), ..Self::of(name) }
    }

    /// The same, by admins alone.
    pub const fn for_admins(self) -> Self {
        Self { for_admins: true, ..self }
    }

    /// The same, on one of the transfers' two resources alone.
    pub const fn only_on(self, resource: Resource) -> Self {
        Self { only_on: Some(resource), ..self }
    }

    /// The same, on our own paths alone.
    pub const fn on_own_paths(self) -> Self {
        Self { is_own: true, ..self }
    }

    /// The same, left out where the record has none.
    pub const fn at_times(self) -> Self {
        Self { at_times: true, ..self }
    }

    fn is_shown(&self, call: &Call) -> bool {
        self.is_known_on(call.api, call.resource)
            && self.since.is_none_or(|minor| call.is_from(minor))
            && (!self.for_admins || call.cx().sees_every_project())
    }

    /// Whether any call on these paths sees it.
    pub fn is_known_on(&self, api: Api, resource: Resource) -> bool {
        (self.since.is_none() || matches!(api, Api::V3 | Api::Own))
            && (!self.is_own || api == Api::Own)
            && self.only_on.is_none_or(|only| only == resource)
    }
}

/// A view or a body: a struct with every key.
pub trait Versioned: ToSchema {
    /// Those that not every call sees.
    const KEYS: &'static [FieldRule] = &[];

    /// Whether, in a body, a null under any key is as good as absent.
    const IGNORES_NULLS: bool = false;

    /// Those that this call does not see.
    fn hidden(call: &Call) -> Vec<&'static str> {
        Self::KEYS.iter().filter(|key| !key.is_shown(call)).map(|key| key.name).collect()
    }
}

/// Schemas by their names.
pub type Nested = Vec<(String, RefOr<Schema>)>;

/// A struct that a body is read into or written from, as the document sees it.
#[derive(Clone, Copy)]
pub struct Part {
    pub name: fn() -> Cow<'static, str>,
    /// Its schema, and the schemas that it refers to. A release has none: it carries the document, not what that is made of.
    pub schema: Option<fn(&mut Nested) -> RefOr<Schema>>,
    pub keys: &'static [FieldRule],
    pub ignores_nulls: bool,
}

/// The part that a type is.
pub const fn part<T: Versioned>() -> Part {
    let schema = if cfg!(debug_assertions) { Some(schema::<T> as _) } else { None };
    Part { name: T::name, schema, keys: T::KEYS, ignores_nulls: T::IGNORES_NULLS }
}

fn schema<T: ToSchema>(nested: &mut Nested) -> RefOr<Schema> {
    T::schemas(nested);
    T::schema()
}

impl Part {
    /// Under a name of its own, where one type stands for several.
    pub const fn called(self, name: fn() -> Cow<'static, str>) -> Self {
        Self { name, ..self }
    }
}

// Views as bytes: a view is written whole, then put together without the keys that a call does not see.

/// What stands before each key of a view until it is put together: JSON has it in no text.
const MARK: u8 = 1;

/// Writes a view behind what is written already, without those of its own keys that are hidden.
///
/// # Panics
/// On a view whose keys are no text, which no struct is.
pub fn write(view: &impl Serialize, hidden: &[&'static str], into: &mut Vec<u8>) {
    if hidden.is_empty() {
        return serde_json::to_writer(into, view).expect("a view's keys are text, its numbers finite");
    }
    let mut whole = Vec::new();
    let marking = &mut Serializer::with_formatter(&mut whole, Marking { depth: 0 });
    view.serialize(marking).expect("a view's keys are text, its numbers finite");
    // no hidden key has anything to escape
    let ends: Vec<usize> = memchr_iter(MARK, &whole).chain([whole.len() - 1]).collect();
    let begin = into.len();
    for entry in ends.windows(2).map(|of| &whole[of[0] + 1..of[1]]) {
        let key = &entry[1..=memchr(b'"', &entry[1..]).unwrap_or_default()];
        if !hidden.iter().any(|hidden| hidden.as_bytes() == key) {
            into.push(b',');
            into.extend_from_slice(entry);
        }
    }
    into.splice(begin..into.len().min(begin + 1), [b'{']);
    into.push(b'}');
}

/// Writes JSON with a mark before each key of the outermost object, in place of commas between them.
struct Marking {
    /// How many objects are open: the outermost is the view.
    depth: usize,
}

impl Formatter for Marking {
    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth += 1;
        to.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth -= 1;
        to.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, is_first: bool) -> io::Result<()> {
        to.write_all(if self.depth == 1 {
            &[MARK]
        } else if is_first {
            b""
        } else {
            b","
        })
    }
}

// Views: what a client sees of a record, each key in one place with its type and with what it holds.

/// A struct that is written to a client, how it is made of what is known, and the keys that not every call sees. A key that
/// cannot be a field's name stands behind `as`.
macro_rules! view {
    ($($(#[$of_view:meta])* $view:ident $(<$a:lifetime>)? $(, $(#[$of_making:meta])*)? of($($given:ident: $type:ty),*) {
        $($(#[$of_key:meta])* $vis:vis $key:ident $(as $name:tt)?: $kind:ty = $value:expr,)+
    }$(, keys $keys:expr)?;)+) => {
        $(
            #[derive(serde::Serialize, utoipa::ToSchema)]
            #[allow(clippy::struct_field_names)] // keys have the names that clients know
            $(#[$of_view])*
            pub struct $view $(<$a>)? {
                $($(#[$of_key])* $(#[serde(rename = $name)])? $vis $key: $kind,)+
            }

            impl $(<$a>)? $view $(<$a>)? {
                /// What is shown of these.
                $($(#[$of_making])*)?
                pub fn of($($given: $type),*) -> Self {
                    Self { $($key: $value),+ }
                }
            }

            impl $(<$a>)? crate::http::answer::visibility::Versioned for $view $(<$a>)? {
                $(const KEYS: &'static [crate::http::answer::visibility::FieldRule] = $keys;)?
            }
        )+
    };
}

pub(crate) use view;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hidden_keys_of_the_view_itself_are_left_out_and_no_others() {
        let view = json!({
            "a": {"b": [1, {"c": "\"x\"", "\"": "", "": 1}]}, "b": "say \"hi\"", "c": null, "d": [{"a": 1, "b": 2}], "e": {},
            "say \"hi\"\n": 1, "": {"": "\u{1}"}, "\\": 2,
        });
        for hidden in [&[][..], &["a"], &["b"], &["c", "e"], &["a", "b", "c", "d", "e"], &["d", "none"]] {
            let mut bytes = b"before".to_vec();
            write(&view, hidden, &mut bytes);
            let mut expected = view.clone();
            expected.as_object_mut().unwrap().retain(|key, _| !hidden.contains(&key.as_str()));
            assert_eq!(String::from_utf8(bytes).unwrap(), format!("before{expected}"), "{hidden:?}");
        }
    }
}
