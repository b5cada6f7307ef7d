//! The query string, taken apart: an empty value is as absent, what nobody asks for is ignored.

use percent_encoding::percent_decode_str;

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
    /// Bytes that are not UTF-8.
    pub fn parse(raw: &str) -> Result<Self> {
        let pieces = raw.split('&').filter(|piece| !piece.is_empty());
        let pairs = pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")));
        let parameters: Option<Vec<_>> = pairs.map(|(name, value)| Some((decode(name)?, decode(value)?))).collect();
        let words = "The query is not UTF-8 where it is percent-decoded. Encode it as UTF-8.";
        parameters.map(Self).ok_or_else(|| Problem::new(Kind::Url, words))
    }

    /// Each parameter that has a value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(_, value)| !value.is_empty())
    }

    /// A parameter's value; an empty one is as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    /// A boolean parameter, in any of the words that Cinder takes for one. Source: oslo's `bool_from_string`, strict.
    ///
    /// # Errors
    /// When it is there and is none.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let neither = || problem!(Url, "Value {} for '{name}' is not a boolean. Give true or false.", quoted(text));
        truth(text).map(Some).ok_or_else(neither)
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
