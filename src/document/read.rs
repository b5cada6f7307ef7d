//! Reading a document, whatever its form: JSON as a stream of which a batch at a time is in memory, YAML whole.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::prelude::*;
use super::sink::{Batch, LISTS, Sink, list_of};
use crate::domain::limits::FAULTS;
use crate::json::Strict;

/// Why a document was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// Neither JSON nor YAML.
    #[error("{0}")]
    Syntax(String),
    /// Not a document that is taken here.
    #[error("{0}")]
    Document(String),
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Every record that is wrong, as far as the first hundred.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
    /// Not the same as when it was read the first time.
    #[error("was changed while it was read; import it again")]
    Changed,
    /// Whoever takes the batches has had enough.
    #[error("stopped")]
    Stopped,
}

/// One by itself, several a line each.
fn listed(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    match lines.as_slice() {
        [one] => one.clone(),
        all => {
            let count = if all.len() < usize::from(FAULTS) { all.len().to_string() } else { format!("the first {FAULTS}") };
            format!("{count} faults:\n  {}", all.join("\n  "))
        }
    }
}

/// Reads `source` to its end, handing over batches as they fill up.
///
/// # Errors
/// What is wrong; right records are handed over all the same.
pub fn read(source: impl Read, take: impl FnMut(Batch) -> Result<(), ReadError>) -> Result<(), ReadError> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut sink = Sink::new(take);
    let read = match first_bytes(&mut source).map_err(ReadError::Io)? {
        (None, _) => return Err(ReadError::Document("is empty; an object with volumes or transfers expected".to_owned())),
        // an object of JSON goes on with a key in quotes or is empty; YAML has keys without quotes
        (Some(b'{'), None | Some(b'"' | b'}')) => read_json(source, &mut sink),
        _ => read_yaml(source, &mut sink),
    };
    sink.finish(read)
}

/// The first two bytes that are neither blank nor part of a byte order mark, which are left unread. The second is `None` too
/// when a buffer of blanks stands before it.
fn first_bytes(source: &mut impl BufRead) -> io::Result<(Option<u8>, Option<u8>)> {
    const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
    if source.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        source.consume(BYTE_ORDER_MARK.len());
    }
    loop {
        let buffer = source.fill_buf()?;
        let mut solid = buffer.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
        let first = (solid.next(), solid.next());
        if first.0.is_some() || buffer.is_empty() {
            return Ok(first);
        }
        let blank = buffer.len();
        source.consume(blank);
    }
}

fn read_json<F: FnMut(Batch) -> Result<(), ReadError>>(source: impl Read, sink: &mut Sink<F>) -> Result<(), ReadError> {
    let mut from = serde_json::Deserializer::from_reader(source);
    let read = from.deserialize_map(Document(sink)).and_then(|()| from.end());
    read.map_err(|error| match error.classify() {
        serde_json::error::Category::Io => ReadError::Io(error.into()),
        _ => ReadError::Syntax(format!("is no JSON that is taken here: {error}")),
    })
}

fn read_yaml<F: FnMut(Batch) -> Result<(), ReadError>>(mut source: impl Read, sink: &mut Sink<F>) -> Result<(), ReadError> {
    let mut text = String::new();
    source.read_to_string(&mut text).map_err(ReadError::Io)?;
    let options = serde_saphyr::options! {
        // the file is the caller's own: bounds against hostile input would only bound its length
        budget: serde_saphyr::budget! { max_events: usize::MAX, max_nodes: usize::MAX, max_total_scalar_bytes: usize::MAX },
        strict_booleans: true,                 // `yes` and `no` are names as good as any
        leading_zero_numbers_as_strings: true, // an auth key such as 0123 keeps its zero
        underscored_numbers_as_strings: true,
        with_snippet: false,                   // a line of the document may hold an auth key
    };
    let Strict(document) = serde_saphyr::from_str_with_options(&text, options).map_err(|error| {
        let said = error.without_snippet().render_with_formatter(&serde_saphyr::UserMessageFormatter);
        ReadError::Syntax(format!("is no YAML that is taken here: {said}"))
    })?;
    document.deserialize_map(Document(sink)).map_err(|error| ReadError::Document(error.to_string()))
}

/// The document as a whole.
struct Document<'a, F>(&'a mut Sink<F>);

impl<'de, F: FnMut(Batch) -> Result<(), ReadError>> Visitor<'de> for Document<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with volumes or transfers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        while let Some(key) = from.next_key::<String>()? {
            self.0.take_in(|sink| sink.key(&key))?;
            let list = list_of(&key);
            if key == MARKER {
                let Strict(version) = from.next_value()?;
                self.0.take_in(|sink| sink.marker(&version))?;
            } else if !LISTS.contains(&list) {
                from.next_value::<IgnoredAny>()?;
            } else if list == key {
                from.next_value_seed(List { sink: &mut *self.0, list })?;
            } else {
                let Strict(record) = from.next_value()?;
                self.0.take_in(|sink| sink.record(list, 0, record))?;
            }
        }
        Ok(())
    }
}

/// One list of records, each handed on as soon as it is read.
struct List<'a, F> {
    sink: &'a mut Sink<F>,
    list: &'a str,
}

impl<'de, F: FnMut(Batch) -> Result<(), ReadError>> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Batch) -> Result<(), ReadError>> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    /// Not repeated as serde would: what stands here by mistake may be an auth key.
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("a text given, a list of records expected"))
    }

    /// A key of YAML with nothing behind it.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(Strict(record)) = from.next_element()? {
            self.sink.take_in(|sink| sink.record(self.list, index, record))?;
            index += 1;
        }
        Ok(())
    }
}
