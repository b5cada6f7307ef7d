//! What was sent, as a message repeats it: enough to find it again, and never so much that the message grows with it.

/// The most characters of what was sent that a message repeats.
pub const MOST: usize = 64;

/// As it was sent; where it is longer than [`MOST`], its beginning.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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
        let longest = "ü".repeat(MOST);
        assert_eq!(shown(&longest), longest);
        assert_eq!(shown(&format!("{longest}x")), format!("{longest}…"));
        assert_eq!(quoted("a\tb"), "`a\\tb`");
    }
}
