//! What a body holds, as the document says it.

use crate::http::answer::listing::Listing;
use crate::http::answer::visibility::Part;

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
