//! Parameters of queries as tables: by them a list reads what it is narrowed to, and the OpenAPI document shows them.

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
    const fn new(name: &'static str, what: &'static str, value: ParamType) -> Self {
        Self { name, what, value, since: None }
    }

    /// The same, read on `/v3` from microversion 3.`minor` on.
    #[must_use]
    pub const fn since(self, minor: u16) -> Self {
        Self { since: Some(minor), ..self }
    }
}

const EXACTLY: &str = "Only what has exactly this.";

/// A filter that compares text, byte by byte.
pub const fn text(name: &'static str) -> Parameter {
    Parameter::new(name, EXACTLY, ParamType::Text)
}

/// A filter that is a UUID in any of its forms; what is none fits nothing.
pub const fn id(name: &'static str) -> Parameter {
    Parameter::new(name, EXACTLY, ParamType::Id)
}

/// A filter that is a whole number; what is none fits nothing.
pub const fn number(name: &'static str) -> Parameter {
    Parameter::new(name, EXACTLY, ParamType::Number)
}

/// A filter that is true or false.
pub const fn boolean(name: &'static str) -> Parameter {
    Parameter::new(name, EXACTLY, ParamType::Boolean)
}

/// A filter that is a dictionary.
pub const fn dictionary(name: &'static str, what: &'static str) -> Parameter {
    Parameter::new(name, what, ParamType::Dictionary)
}

/// A filter that compares times.
pub const fn times(name: &'static str) -> Parameter {
    Parameter::new(name, "`operator:time,…` with the operators gt, gte, lt, lte, eq, neq.", ParamType::Times)
}

/// Something to be done or not.
pub const fn switch(name: &'static str, what: &'static str) -> Parameter {
    Parameter::new(name, what, ParamType::Boolean)
}

/// The same, where what is not true is false.
pub const fn word(name: &'static str, what: &'static str) -> Parameter {
    Parameter::new(name, what, ParamType::Word)
}

/// What a handler reads in its own way.
pub const fn own(name: &'static str, what: &'static str, example: &'static str) -> Parameter {
    Parameter::new(name, what, ParamType::Own(example))
}

/// Asks a list how many rows there are on all pages.
pub const WITH_COUNT: Parameter = switch("with_count", "Whether to say how many rows there are on all pages.").since(45);
