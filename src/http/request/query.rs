//! The query string, taken apart strictly: no parameter twice, an empty value is as absent, what nobody asks for is ignored.

use percent_encoding::percent_decode_str;

use super::call::Call;
use super::prelude::*;

/// The parameters of a query, decoded, in their order.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

/// One `name=value` as it was sent, and its name decoded: a next link repeats them as they are.
pub fn pieces(raw: &str) -> impl Iterator<Item = (&str, String)> {
    raw.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let name = piece.split_once('=').map_or(piece, |(name, _)| name);
        (piece, decode(name).unwrap_or_default())
    })
}

/// `+` is a blank and `%XX` a byte, as HTML forms write them; `None` when the bytes are not UTF-8.
fn decode(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl Query {
    /// # Errors
    /// A parameter given twice, or bytes that are not UTF-8.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for piece in raw.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Problem::new(Kind::Url, "The query is not UTF-8 where it is percent-decoded. Encode it as UTF-8."));
            };
            if parameters.iter().any(|(earlier, _)| *earlier == name) {
                return Err(problem!(Url, "The parameter {} is given twice. Give it once.", quoted(&name)));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// Each parameter that has a value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(_, value)| !value.is_empty())
    }

    /// A parameter's value; an empty one is as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        given.filter(|value| !value.is_empty())
    }

    /// A boolean parameter, in any of the words that Cinder takes for one. Source: oslo's `bool_from_string`, strict.
    ///
    /// # Errors
    /// When it is there and is none.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        truth(text)
            .map(Some)
            .ok_or_else(|| problem!(Url, "Value {} for '{name}' is not a boolean. Give true or false.", quoted(text)))
    }

    /// Whether a boolean parameter is there and set; what is no boolean is not.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).and_then(truth) == Some(true)
    }
}

/// A boolean as clients write it, in any case; `None` for what is neither.
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

// Parameters of queries as tables: by them a list reads what it is narrowed to, and the OpenAPI document shows them.

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

/// Asks a list how many rows there are on all pages.
pub const WITH_COUNT: Parameter = switch("with_count", "Whether to say how many rows there are on all pages.").since(45);
