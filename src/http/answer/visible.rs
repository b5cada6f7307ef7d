//! Views as bytes: a view is written once, without the keys that a call does not see.

use std::cell::Cell;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

/// Writes a view behind what is written already, without those of its own keys that are hidden.
///
/// # Panics
/// On a view whose keys are no text, which no struct is.
pub fn write(view: &impl Serialize, hidden: &[&'static str], into: &mut Vec<u8>) {
    if hidden.is_empty() {
        return serde_json::to_writer(into, view).expect("a view's keys are text, its numbers finite");
    }
    let is_left_out = Cell::new(false);
    let gate = Gate { into, is_left_out: &is_left_out };
    let visible = Visible { hidden, is_left_out: &is_left_out, depth: 0, key: None, has_one: false };
    view.serialize(&mut Serializer::with_formatter(gate, visible)).expect("a view's keys are text, its numbers finite");
}

/// Lets through what is not left out.
struct Gate<'a> {
    into: &'a mut Vec<u8>,
    is_left_out: &'a Cell<bool>,
}

impl Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_left_out.get() {
            self.into.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes JSON, and leaves out the hidden keys of the outermost object with what they hold.
struct Visible<'a> {
    hidden: &'a [&'static str],
    is_left_out: &'a Cell<bool>,
    /// How many objects are open: the outermost is the view.
    depth: usize,
    /// A key of the outermost object as it is to be written, within it: nothing of it is written until it is known.
    key: Option<Vec<u8>>,
    /// Whether a key was written.
    has_one: bool,
}

impl Formatter for Visible<'_> {
    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth += 1;
        to.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.depth -= 1;
        to.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, is_first: bool) -> io::Result<()> {
        self.key = (self.depth == 1).then(Vec::new);
        if self.depth == 1 || is_first { Ok(()) } else { to.write_all(b",") }
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, to: &mut W, text: &str) -> io::Result<()> {
        match &mut self.key {
            Some(key) => key.write_all(text.as_bytes()),
            None => to.write_all(text.as_bytes()),
        }
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, to: &mut W, escape: CharEscape) -> io::Result<()> {
        match &mut self.key {
            Some(key) => CompactFormatter.write_char_escape(key, escape),
            None => CompactFormatter.write_char_escape(to, escape),
        }
    }

    fn begin_string<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        if self.key.is_some() { Ok(()) } else { to.write_all(b"\"") }
    }

    fn end_string<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        let Some(key) = self.key.take() else { return to.write_all(b"\"") };
        // no hidden key has anything to escape
        if self.hidden.iter().any(|hidden| hidden.as_bytes() == key) {
            self.is_left_out.set(true);
            return Ok(());
        }
        to.write_all(if self.has_one { b",\"" } else { b"\"" })?;
        self.has_one = true;
        to.write_all(&key)?;
        to.write_all(b"\"")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        if self.depth == 1 {
            self.is_left_out.set(false);
        }
        Ok(())
    }
}

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
