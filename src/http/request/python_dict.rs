//! Dictionaries in a query: `metadata={'key': 'value'}`. Clients in Python write theirs as Python does, others as JSON.

use winnow::ascii::multispace0;
use winnow::combinator::{alt, delimited, dispatch, empty, fail, opt, peek, preceded, repeat, separated_pair, terminated};
use winnow::error::ContextError;
use winnow::prelude::*;
use winnow::stream::AsChar;
use winnow::token::{any, none_of, one_of, take_while};

use super::prelude::*;
use crate::json;

/// A dictionary of texts to compare with; `None` for one that nothing can have.
///
/// # Errors
/// When it is neither JSON nor Python, or holds anything but texts.
pub fn filter(name: &str, text: &str) -> Result<Option<Map<String, Value>>> {
    let read = from_json(text).or_else(|| dictionary.parse(text.trim()).ok());
    let such = "{'key': 'value'} or {\"key\": \"value\"}";
    let malformed = || problem!(Url, "{name} is {}; give a dictionary of texts, such as {such}.", quoted(text));
    let map = read.ok_or_else(malformed)?;
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

/// A literal of Python, of which it knows dictionaries of texts alone; the last of a key's values holds.
fn dictionary(input: &mut &str) -> ModalResult<Map<String, Value>> {
    let pair = separated_pair(text, sign(':'), text.map(Value::String));
    let end_of_pair = alt((sign(','), peek(sign('}'))));
    let pairs = repeat(0.., terminated(pair, end_of_pair));
    let pairs: Vec<_> = delimited(sign('{'), pairs, sign('}')).parse_next(input)?;
    Ok(Map::from_iter(pairs))
}

/// A sign, with the blanks around it.
fn sign<'t>(sign: char) -> impl ModalParser<&'t str, char, ContextError> {
    delimited(multispace0, sign, multispace0)
}

/// A text in either quotes, with a `u` before it where Python 2 wrote it.
fn text(input: &mut &str) -> ModalResult<String> {
    let quote = preceded(opt('u'), one_of(['\'', '"'])).parse_next(input)?;
    terminated(repeat(0.., alt((none_of([quote, '\\', '\n']), preceded('\\', escaped)))), quote).parse_next(input)
}

fn escaped(input: &mut &str) -> ModalResult<char> {
    let numbered = |digits: usize| {
        take_while(digits, AsChar::is_hex_digit)
            .verify_map(|number| u32::from_str_radix(number, 16).ok().and_then(char::from_u32))
    };
    dispatch! { any;
        sign @ ('\\' | '\'' | '"') => empty.value(sign),
        'n' => empty.value('\n'),
        'r' => empty.value('\r'),
        't' => empty.value('\t'),
        'x' => numbered(2),
        'u' => numbered(4),
        'U' => numbered(8),
        _ => fail,
    }
    .parse_next(input)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<Value> {
        filter("metadata", text).ok().flatten().map(Value::Object)
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}'\":,u\\\\x0-9a ]{0,40}") {
            let _ = filter("metadata", &text);
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
            assert!(filter("metadata", text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_nobody_can_have_fits_nothing() {
        assert_eq!(filter("metadata", r"{'a': '\x00'}").unwrap(), None);
    }
}
