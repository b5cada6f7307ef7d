//! Parameters of queries as tables: by them a list reads what it is narrowed to, and the OpenAPI document shows them.

use super::call::Call;

/// A parameter of the query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub what: &'static str,
    pub value: ParamType,
    /// The first microversion of `/v3` that reads it; on `/v2` it then never is.
    pub since: Option<u16>,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy)]
pub enum ParamType {
    /// Any text that could be stored.
    Text,
    Id,
    Number,
    /// What is neither true nor false is refused.
    Boolean,
    /// What is not true is false.
    Word,
    /// Texts under keys, as JSON or as Python writes them.
    Dictionary,
    /// Times, each behind an operator.
    Times,
    /// What one handler reads in its own way; such as this.
    Own(&'static str),
}

impl Parameter {
    /// Whether a call of this version reads it.
    pub fn is_read(&self, call: &Call) -> bool {
        self.since.is_none_or(|minor| call.is_from(minor))
    }

    /// The same, read on `/v3` from microversion 3.`minor` on.
    pub const fn since(self, minor: u16) -> Self {
        Self { since: Some(minor), ..self }
    }
}

const EXACTLY: &str = "Only what has exactly this.";

/// A function a row: what makes such a parameter by its name, and by what else is said of it.
macro_rules! parameters {
    ($($(#[$doc:meta])* $made:ident($($given:ident),*) => $what:expr, $value:expr;)+) => {$(
        $(#[$doc])*
        pub const fn $made(name: &'static str $(, $given: &'static str)*) -> Parameter {
            Parameter { name, what: $what, value: $value, since: None }
        }
    )+};
}

parameters! {
    /// A filter that compares text, byte by byte.
    text() => EXACTLY, ParamType::Text;
    /// A filter that is a UUID in any of its forms; what is none fits nothing.
    id() => EXACTLY, ParamType::Id;
    /// A filter that is a whole number; what is none fits nothing.
    number() => EXACTLY, ParamType::Number;
    /// A filter that is true or false.
    boolean() => EXACTLY, ParamType::Boolean;
    /// A filter that is a dictionary.
    dictionary(what) => what, ParamType::Dictionary;
    /// A filter that compares times.
    times() => "`operator:time,…` with the operators gt, gte, lt, lte, eq, neq.", ParamType::Times;
    /// Something to be done or not.
    switch(what) => what, ParamType::Boolean;
    /// The same, where what is not true is false.
    word(what) => what, ParamType::Word;
    /// What a handler reads in its own way.
    own(what, example) => what, ParamType::Own(example);
}

/// Texts, each a filter by what is exactly so.
pub const fn texts<const N: usize>(names: [&'static str; N]) -> [Parameter; N] {
    let (mut all, mut at) = ([text(""); N], 0);
    while at < N {
        all[at] = text(names[at]);
        at += 1;
    }
    all
}

/// Asks a list how many rows there are on all pages.
pub const WITH_COUNT: Parameter = switch("with_count", "Whether to say how many rows there are on all pages.").since(45);
