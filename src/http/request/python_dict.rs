//! Dictionaries in a query: `metadata={'key': 'value'}`. Clients in Python write theirs as Python does, others as JSON.

use std::iter::Peekable;
use std::str::Chars;

use super::prelude::*;
use crate::json;

/// A dictionary of texts to compare with; `None` for one that nothing can have.
///
/// # Errors
/// When it is neither JSON nor Python, or holds anything but texts.
pub fn filter(text: &str) -> Result<Option<Map<String, Value>>, Problem> {
    let read = from_json(text).or_else(|| Reader { left: text.trim().chars().peekable() }.dictionary());
    let map = read.ok_or_else(|| {
        problem!(
            Url,
            "metadata is {}; give a dictionary of texts, such as {{'key': 'value'}} or {{\"key\": \"value\"}}.",
            quoted(text)
        )
    })?;
    let has_nul =
        |(key, value): (&String, &Value)| key.contains('\0') || value.as_str().is_some_and(|text| text.contains('\0'));
    Ok(if map.iter().any(has_nul) { None } else { Some(map) })
}

fn from_json(text: &str) -> Option<Map<String, Value>> {
    match json::parse(text.as_bytes()) {
        Ok(Value::Object(map)) if map.values().all(Value::is_string) => Some(map),
        _ => None,
    }
}

/// Reads a literal of Python, of which it knows dictionaries of texts alone.
struct Reader<'t> {
    left: Peekable<Chars<'t>>,
}

impl Reader<'_> {
    /// The whole text; in Python the last of a key's values holds.
    fn dictionary(mut self) -> Option<Map<String, Value>> {
        let mut map = Map::new();
        self.sign('{')?;
        while !self.is_next('}') {
            let key = self.text()?;
            self.sign(':')?;
            map.insert(key, Value::String(self.text()?));
            if !self.is_next('}') {
                self.sign(',')?;
            }
        }
        self.sign('}')?;
        self.skip_blanks();
        self.left.next().is_none().then_some(map)
    }

    fn skip_blanks(&mut self) {
        while self.left.next_if(char::is_ascii_whitespace).is_some() {}
    }

    fn is_next(&mut self, sign: char) -> bool {
        self.skip_blanks();
        self.left.peek() == Some(&sign)
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.skip_blanks();
        self.left.next_if_eq(&sign).map(drop)
    }

    /// A text in either quotes, with a `u` before it where Python 2 wrote it.
    fn text(&mut self) -> Option<String> {
        self.skip_blanks();
        self.left.next_if_eq(&'u');
        let quote = self.left.next_if(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        loop {
            match self.left.next()? {
                c if c == quote => return Some(text),
                '\\' => text.push(self.escaped()?),
                '\n' => return None,
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        match self.left.next()? {
            c @ ('\\' | '\'' | '"') => Some(c),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'x' => self.numbered(2),
            'u' => self.numbered(4),
            'U' => self.numbered(8),
            _ => None,
        }
    }

    fn numbered(&mut self, digits: usize) -> Option<char> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + self.left.next()?.to_digit(16)?;
        }
        char::from_u32(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<Value> {
        filter(text).ok().flatten().map(Value::Object)
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}'\":,u\\\\x0-9a ]{0,40}") {
            let _ = filter(&text);
        }

        #[test]
        fn what_python_would_write_is_read_as_it_was(key in "[^\\x00]{1,9}", value in "[^\\x00]{0,9}") {
            let literal = |text: &str| {
                let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
                format!("'{escaped}'")
            };
            let text = format!("{{{}: {}}}", literal(&key), literal(&value));
            prop_assert_eq!(read(&text), Some(json!({key: value})));
        }
    }

    #[test]
    fn python_and_json_are_read_alike() {
        let expected = json!({"a": "1", "it's": "say \"hi\" \u{1f600}"});
        for text in [
            r#"{'a': '1', "it's": 'say "hi" 😀'}"#,
            r#"{u'a': u'1', u"it's": 'say "hi" \U0001F600',}"#,
            r#" {"a":"1","it's":"say \"hi\" \ud83d\ude00"} "#,
        ] {
            assert_eq!(read(text), Some(expected.clone()), "{text}");
        }
        assert_eq!(read("{}"), Some(json!({})));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", "a", "'a'", "{", "{'a'}", "{'a': 1}", "{'a': 'b'", "{'a': 'b'} x", "{a: 'b'}", "{'a': 'b' 'c': 'd'}", "[]",
            "{,}", r"{'a': '\q'}",
        ] {
            assert!(filter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_nobody_can_have_fits_nothing() {
        assert_eq!(filter(r"{'a': '\x00'}").unwrap(), None);
    }
}
