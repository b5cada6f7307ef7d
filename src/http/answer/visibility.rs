//! Which keys an answer or a body has. A view or a body is a struct with every key, and one table says which of them this
//! microversion, resource or caller does not see: answers leave them out, the parser refuses them, the OpenAPI document says
//! so. Real clients refuse any other key.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{Error, Impossible, SerializeMap, SerializeStruct};
use serde_json::Serializer;
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

// Views as bytes: a view is written key by key, and what a call does not see is passed over.

/// Writes a view behind what is written already, without those of its own keys that are hidden.
///
/// # Panics
/// On a view whose numbers are not finite; and on one that has hidden keys and is no object. Its keys are texts, as a struct's are.
pub fn write(view: &impl Serialize, hidden: &[&'static str], into: &mut Vec<u8>) {
    let lengths = hidden.iter().fold(0, |lengths, name| lengths | 1 << (name.len() % 64));
    let written = if hidden.is_empty() {
        view.serialize(&mut Serializer::new(into))
    } else {
        view.serialize(Visible { bytes: into, hidden, lengths, is_hidden: false })
    };
    written.expect("a view's keys are text, its numbers finite");
}

/// An object without its hidden keys.
struct Visible<'a> {
    bytes: &'a mut Vec<u8>,
    hidden: &'a [&'static str],
    /// A bit for each length that a hidden key has: most others have none of these.
    lengths: u64,
    /// Whether the key that was written last is, and is gone again.
    is_hidden: bool,
}

impl SerializeMap for Visible<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result<(), Self::Error> {
        let end = self.bytes.len();
        if !self.bytes.ends_with(b"{") {
            self.bytes.push(b',');
        }
        let begin = self.bytes.len() + 1;
        key.serialize(&mut Serializer::new(&mut *self.bytes))?;
        // no hidden key has anything to escape
        let name = &self.bytes[begin..self.bytes.len() - 1];
        let may_be = self.lengths >> (name.len() % 64) & 1 == 1;
        self.is_hidden = may_be && self.hidden.iter().any(|hidden| name == hidden.as_bytes());
        if self.is_hidden {
            self.bytes.truncate(end);
        } else {
            self.bytes.push(b':');
        }
        Ok(())
    }

    fn serialize_value<V: ?Sized + Serialize>(&mut self, value: &V) -> Result<(), Self::Error> {
        if self.is_hidden { Ok(()) } else { value.serialize(&mut Serializer::new(&mut *self.bytes)) }
    }

    fn end(self) -> Result<(), Self::Error> {
        self.bytes.push(b'}');
        Ok(())
    }
}

impl SerializeStruct for Visible<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<V: ?Sized + Serialize>(&mut self, key: &'static str, value: &V) -> Result<(), Self::Error> {
        self.serialize_entry(key, value)
    }

    fn end(self) -> Result<(), Self::Error> {
        SerializeMap::end(self)
    }
}

/// What an object is not.
macro_rules! no_object {
    ($($method:ident$(<$value:ident>)?($($given:ty),*) -> $kind:ty;)+) => {
        $(fn $method$(<$value: ?Sized + Serialize>)?(self, $(_: $given),*) -> Result<$kind, Self::Error> {
            Err(Self::Error::custom("it has hidden keys, and is no object"))
        })+
    };
}

impl serde::Serializer for Visible<'_> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeSeq = Impossible<(), Self::Error>;
    type SerializeTuple = Self::SerializeSeq;
    type SerializeTupleStruct = Self::SerializeSeq;
    type SerializeTupleVariant = Self::SerializeSeq;
    type SerializeStructVariant = Self::SerializeSeq;

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Self::Error> {
        self.bytes.push(b'{');
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Self::Error> {
        self.serialize_map(None)
    }

    no_object! {
        serialize_bool(bool) -> (); serialize_char(char) -> (); serialize_str(&str) -> (); serialize_bytes(&[u8]) -> ();
        serialize_i8(i8) -> (); serialize_i16(i16) -> (); serialize_i32(i32) -> (); serialize_i64(i64) -> ();
        serialize_u8(u8) -> (); serialize_u16(u16) -> (); serialize_u32(u32) -> (); serialize_u64(u64) -> ();
        serialize_f32(f32) -> (); serialize_f64(f64) -> ();
        serialize_none() -> (); serialize_some<T>(&T) -> (); serialize_unit() -> (); serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_newtype_struct<T>(&'static str, &T) -> ();
        serialize_newtype_variant<T>(&'static str, u32, &'static str, &T) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq; serialize_tuple(usize) -> Self::SerializeSeq;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeSeq;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeSeq;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeSeq;
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

    #[derive(Serialize)]
    struct Inner<'a> {
        a: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
        c: [u8; 2],
    }

    #[derive(Serialize)]
    struct Outer<'a> {
        #[serde(flatten)]
        inner: Inner<'a>,
        d: Inner<'a>,
    }

    fn shown(view: &impl Serialize, hidden: &[&'static str]) -> String {
        let mut bytes = b"before".to_vec();
        write(view, hidden, &mut bytes);
        String::from_utf8(bytes).unwrap().split_off("before".len())
    }

    #[test]
    fn hidden_keys_of_a_struct_and_of_one_that_is_laid_flat_into_it_are_left_out() {
        let inner = |b| Inner { a: "x", b, c: [1, 2] };
        assert_eq!(shown(&inner(None), &["a"]), r#"{"c":[1,2]}"#);
        assert_eq!(shown(&inner(None), &["a", "b", "c"]), "{}");
        let outer = Outer { inner: inner(Some(7)), d: inner(None) };
        assert_eq!(shown(&outer, &["none"]), r#"{"a":"x","b":7,"c":[1,2],"d":{"a":"x","c":[1,2]}}"#);
        assert_eq!(shown(&outer, &["a", "c"]), r#"{"b":7,"d":{"a":"x","c":[1,2]}}"#);
        assert_eq!(shown(&outer, &["b", "d"]), r#"{"a":"x","c":[1,2]}"#);
    }

    #[test]
    fn hidden_keys_of_the_view_itself_are_left_out_and_no_others() {
        let view = json!({
            "a": {"b": [1, {"c": "\"x\"", "\"": "", "": 1}]}, "b": "say \"hi\"", "c": null, "d": [{"a": 1, "b": 2}], "e": {},
            "say \"hi\"\n": 1, "": {"": "\u{1}"}, "\\": 2,
        });
        for hidden in [&[][..], &["a"], &["b"], &["c", "e"], &["a", "b", "c", "d", "e"], &["d", "none"]] {
            let mut expected = view.clone();
            expected.as_object_mut().unwrap().retain(|key, _| !hidden.contains(&key.as_str()));
            assert_eq!(shown(&view, hidden), expected.to_string(), "{hidden:?}");
        }
    }
}
