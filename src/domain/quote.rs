//! What was sent, as a message repeats it: enough to find it again, and never so much that the message grows with it.

use serde_json::Value;

use super::limits::QUOTED;

/// As it was sent; where it is longer than [`QUOTED`], its beginning.
pub fn shown(text: &str) -> String {
    text.char_indices().nth(QUOTED).map_or_else(|| text.to_owned(), |(end, _)| format!("{}…", &text[..end]))
}

/// A value of JSON or YAML as it was sent; a number that is not known digit by digit, such as `1.10` or `1e2`, is not shown as another.
pub fn value(value: &Value) -> String {
    if value.is_f64() { "a number that is not in plain digits".to_owned() } else { shown(&value.to_string()) }
}

/// The same between backticks, with what cannot be printed as an escape.
pub fn quoted(text: &str) -> String {
    format!("`{}`", shown(text).escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_repeated_whole_and_what_is_long_is_cut() {
        let longest = "ü".repeat(QUOTED);
        assert_eq!(shown(&longest), longest);
        assert_eq!(shown(&format!("{longest}x")), format!("{longest}…"));
        assert_eq!(quoted("a\tb"), "`a\\tb`");
    }
}
