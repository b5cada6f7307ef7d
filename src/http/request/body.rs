//! Bodies as structs: what an operation takes is read by serde into the struct that the document shows. What is not known is
//! refused by name, and an error says which field it is in.

use serde::de::DeserializeOwned;
use serde_aux::prelude::serde_introspect;
use utoipa::ToSchema;

use super::api::Api;
use super::call::Call;
use super::prelude::*;
use crate::domain::limits::NAMED;
use crate::http::answer::listing::Listing;
use crate::http::answer::visibility::{FieldRule, Part, Versioned, part};

/// What an operation takes.
pub trait Body: Sized + 'static {
    /// As the document says it.
    const CONTENT: Content;

    /// Takes it out of the call.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    fn read(call: &mut Call) -> Result<Self>;
}

/// No body: one that is sent all the same is not read.
impl Body for () {
    const CONTENT: Content = Content::Nothing;

    fn read(_: &mut Call) -> Result<Self> {
        Ok(())
    }
}

/// A struct that stands in the body under a name, alone.
pub trait Under: ToSchema + DeserializeOwned + 'static {
    const NAME: &'static str;
    /// Keys that not every call knows.
    const KEYS: &'static [FieldRule] = &[];
    /// Whether a null under any key is as good as absent.
    const IGNORES_NULLS: bool = false;
    /// What else may be there: objects under this name say nothing.
    const IGNORED: Option<&'static str> = None;

    /// What of the path is judged before the fields.
    ///
    /// # Errors
    /// When it names none of what this is for.
    fn judge_path(_: &Call) -> Result<()> {
        Ok(())
    }
}

/// Bodies and fields of actions: structs that serde reads and the document shows, each with the name that it is under where it is
/// under one, and what else is true of it there.
macro_rules! bodies {
    ($($(#[$about:meta])* $body:ident $(under $name:literal)? $(where { $($more:item)* })? {
        $($(#[$of_field:meta])* $field:ident: $kind:ty,)+
    }$(, keys $keys:expr)?;)+) => {$(
        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[allow(clippy::pub_underscore_fields)] // what is taken and not heeded
        $(#[$about])*
        pub struct $body {
            $($(#[$of_field])* pub $field: $kind,)+
        }

        bodies!(of $body $($name)? $(const KEYS: &'static [FieldRule] = $keys;)? $($($more)*)?);
    )+};
    (of $body:ident) => {
        impl $crate::http::answer::visibility::Versioned for $body {}
    };
    (of $body:ident $name:literal $($more:item)*) => {
        impl $crate::http::request::body::Under for $body {
            const NAME: &'static str = $name;
            $($more)*
        }
    };
}
pub(crate) use bodies;

impl<B: Under> Versioned for B {
    const KEYS: &'static [FieldRule] = B::KEYS;
    const IGNORES_NULLS: bool = B::IGNORES_NULLS;
}

impl<B: Under> Body for B {
    const CONTENT: Content = match B::IGNORED {
        None => Content::One(B::NAME, part::<B>()),
        Some(ignored) => Content::WithIgnored(B::NAME, part::<B>(), ignored),
    };

    fn read(call: &mut Call) -> Result<Self> {
        B::judge_path(call)?;
        expect_named(call, B::NAME)?;
        let body = call.body.take();
        fields(call, B::NAME, under(body, B::NAME, B::IGNORED)?)
    }
}

/// The body is not what was expected.
pub fn malformed(message: impl Into<String>) -> Problem {
    Problem::new(Kind::Body, message)
}

/// What an identity's body lacks, in Keystone's words.
pub fn expecting(what: &str, within: &str) -> Problem {
    malformed(format!(
        "Expecting to find {what} in {within}. The server could not comply with the request since it is either malformed or \
         otherwise incorrect. The client is assumed to be in error."
    ))
}

/// Of identity's bodies, in Keystone's words: what they must hold under `name` is there.
///
/// # Errors
/// When it is not.
pub fn expect_named(call: &Call, name: &str) -> Result<()> {
    let is_missing = call.api == Api::Identity && call.body.as_object().is_some_and(|body| !body.contains_key(name));
    if is_missing { Err(expecting(name, "request body")) } else { Ok(()) }
}

/// A JSON type's name with its article, for messages.
pub const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The one object that the body must hold under `name`. Beside it may be an object, or null, under the name that is ignored.
///
/// # Errors
/// What is missing, or not known.
pub fn under(body: Value, name: &'static str, ignored: Option<&str>) -> Result<Map<String, Value>> {
    let expected = || one_key(name);
    let Value::Object(mut outer) = body else {
        return Err(malformed(format!("The body is {}. {}", kind_of(&body), expected())));
    };
    let inner = outer.remove(name);
    outer.retain(|other, value| ignored != Some(other) || !(value.is_object() || value.is_null()));
    if let Some(unknown) = outer.keys().next() {
        return Err(malformed(format!("Unknown field {} beside `{name}`. {}", quoted(unknown), expected())));
    }
    object(name, inner.ok_or_else(|| malformed(format!("`{name}` is missing. {}", expected())))?)
}

/// What stands under the one key of a body, which must be an object.
///
/// # Errors
/// When it is none.
pub fn object(name: &str, value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(malformed(format!("`{name}` is {}. {}", kind_of(&other), one_key(name)))),
    }
}

fn one_key(name: &str) -> String {
    format!("Send an object with the one key `{name}`, itself an object.")
}

/// The struct that an object is, to this call: keys that it does not know are to it as any other that is unknown.
///
/// # Errors
/// The keys that are unknown, all of them; else the first field that is missing or wrong.
pub fn fields<B: Versioned + DeserializeOwned>(call: &Call, name: &str, mut object: Map<String, Value>) -> Result<B> {
    if B::IGNORES_NULLS {
        object.retain(|_, value| !value.is_null());
    }
    let known = serde_introspect::<B>();
    // what takes any keys has none of its own
    if !known.is_empty() {
        let hidden = B::hidden(call);
        let is_known = |key: &str| known.contains(&key) && !hidden.contains(&key);
        let unknown = object.keys().filter(|key| !is_known(key)).map(|key| format!("`{name}.{}`", shown(key)));
        let unknown: Vec<String> = unknown.take(NAMED).collect();
        ensure!(unknown.is_empty(), malformed(format!("Unknown field {}; leave it out.", unknown.join(", "))));
        // what is wrong first is the struct's to say, not the caller's
        object = known.iter().filter_map(|name| object.remove_entry(*name)).collect();
    }
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let (place, what) = (error.path().to_string(), error.inner().to_string());
        if let Some(missing) = what.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            if call.api == Api::Identity {
                let within = if place == "." { name } else { place.rsplit('.').next().unwrap_or(name) };
                return expecting(missing, within);
            }
            return malformed(format!("`{name}.{missing}` is missing; it is required."));
        }
        let kind = if place == "volume_id" { Kind::VolumeId } else { Kind::Body };
        // what is a sentence by itself says where it is; anything else is said of the field
        let place = if place == "." { name } else { &place };
        // what was sent stands in it, and may be a secret in the wrong place
        let is_told = call.api != Api::Identity || !what.starts_with("invalid ");
        let what = if is_told { what } else { "is of another type than is expected there.".to_owned() };
        let message = match what.chars().next() {
            Some(first) if first.is_uppercase() => what,
            Some('.') => format!("{place}{what}"),
            _ => format!("{place} {what}"),
        };
        Problem::new(kind, message)
    })
}

// What a body holds, as the document says it.

/// What a body holds.
#[derive(Clone, Copy)]
pub enum Content {
    Nothing,
    /// The one object under this name.
    One(&'static str, Part),
    /// The same. Beside it may be other objects, which say nothing.
    WithIgnored(&'static str, Part, &'static str),
    /// The one object under this name, which is one or the other.
    Either(&'static str, [Part; 2]),
    /// The body of an action: an object with one key.
    Action(fn() -> Vec<Form>),
    Page(&'static Listing),
    /// Rows under this name, always all of them.
    Rows(&'static str, Part),
    /// The object itself.
    Whole(Part),
    /// Any object.
    Object,
    /// No JSON, but one of these types.
    Other(&'static [&'static str]),
}

/// What the document says of an action, which does not depend on what it does.
#[derive(Clone, Copy)]
pub struct Form {
    pub name: &'static str,
    /// Of a success.
    pub status: u16,
    /// The fields under its name; `None` where anything may stand there.
    pub fields: Option<Part>,
    pub or_null: bool,
}
