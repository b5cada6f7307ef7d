//! Where a document comes from, so that it can be read twice: a file is rewound, and what can be read only once is kept.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use sha2::{Digest, Sha256};

use super::Batch;
use super::read::{ReadError, read};

/// How much of a stream is kept in memory before a file is made for it, in bytes: enough for what a person writes, so that a
/// container without a disk to write on takes it.
const IN_MEMORY: usize = 1 << 20;

/// What a document is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// To find what is wrong with it, and to do what takes long.
    Look,
    /// To store it.
    Write,
}

/// How far the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From the start, of so many bytes where it is known.
    Begins(Pass, Option<u64>),
    /// So many bytes more.
    Read(u64),
}

/// A document that can be read as often as need be.
pub struct Source {
    /// What can be read only once, until its end; then it is all in `kept`, as a file is from the start.
    from: Option<Box<dyn Read + Send>>,
    kept: Box<dyn Kept>,
    length: Option<u64>,
    digest: Sha256,
    bytes: u64,
    /// Of the first reading.
    first: Option<[u8; 32]>,
    watch: Box<dyn FnMut(Step) + Send>,
}

trait Kept: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Kept for T {}

impl Source {
    /// What can be read once, such as a pipe. It is kept in memory or, where it is longer than 1 MiB, in a temporary file that has
    /// no name.
    pub fn stream(from: impl Read + Send + 'static) -> Self {
        Self::new(Some(Box::new(from)), tempfile::spooled_tempfile(IN_MEMORY), None)
    }

    /// An open file, at its start; one that is no regular file is taken as a stream.
    ///
    /// # Errors
    /// When the file cannot be asked what it is.
    pub fn file(file: File) -> io::Result<Self> {
        let about = file.metadata()?;
        Ok(if about.is_file() { Self::new(None, file, Some(about.len())) } else { Self::stream(file) })
    }

    fn new(from: Option<Box<dyn Read + Send>>, kept: impl Kept + 'static, length: Option<u64>) -> Self {
        Self { from, kept: Box::new(kept), length, digest: Sha256::new(), bytes: 0, first: None, watch: Box::new(|_| ()) }
    }

    /// Tells somebody how far the reading is.
    #[must_use]
    pub fn watched(self, watch: impl FnMut(Step) + Send + 'static) -> Self {
        Self { watch: Box::new(watch), ..self }
    }

    /// Reads from the start to the end, as `read` does. A stream whose first reading has failed cannot be read again.
    ///
    /// # Errors
    /// What is wrong; [`ReadError::Changed`] when this is not what was read the first time.
    pub fn read_through(&mut self, pass: Pass, take: impl FnMut(Batch) -> Result<(), ReadError>) -> Result<(), ReadError> {
        self.begin(pass).map_err(ReadError::Io)?;
        let done = read(&mut *self, take);
        let digest = self.digest.finalize_reset().into();
        match (done, self.first) {
            (Ok(()), None) => {
                self.first = Some(digest);
                self.length = Some(self.bytes);
                self.from = None;
                Ok(())
            }
            (Ok(()), Some(first)) if first != digest => Err(ReadError::Changed),
            // it was right before
            (Err(ReadError::Syntax(_) | ReadError::Document(_) | ReadError::Faults(_)), Some(_)) => Err(ReadError::Changed),
            (done, _) => done,
        }
    }

    fn begin(&mut self, pass: Pass) -> io::Result<()> {
        if self.from.is_none() {
            self.kept.rewind()?;
        }
        self.digest.reset();
        self.bytes = 0;
        (self.watch)(Step::Begins(pass, self.length));
        Ok(())
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = match &mut self.from {
            None => self.kept.read(buffer)?,
            Some(from) => {
                let length = from.read(buffer)?;
                self.kept.write_all(&buffer[..length]).map_err(|error| not_kept(&error))?;
                length
            }
        };
        self.digest.update(&buffer[..length]);
        self.bytes += length as u64;
        (self.watch)(Step::Read(length as u64));
        Ok(length)
    }
}

fn not_kept(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let problem =
        format!("it does not fit into a temporary file in {} ({error}); set TMPDIR, or give a file", folder.display());
    io::Error::new(error.kind(), problem)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const ONE: &str = r#"{"volumes": [{"id": "c86b9af4-151d-4ead-b62c-5fb967af0e37", "project_id": "p"}]}"#;
    const TWO: &str = r#"{"volumes": [{"id": "c86b9af4-151d-4ead-b62c-5fb967af0e37", "project_id": "q"}]}"#;

    /// Reads through; whose volumes there are, or what is wrong.
    fn projects(source: &mut Source, pass: Pass) -> Result<Vec<String>, String> {
        let mut projects = Vec::new();
        let done = source.read_through(pass, |batch| {
            if let Batch::Volumes(records) = batch {
                projects.extend(records.iter().map(|record| record.project_id.to_string()));
            }
            Ok(())
        });
        done.map(|()| projects).map_err(|error| error.to_string())
    }

    fn file(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_file_and_a_stream_are_read_as_often_as_need_be() {
        let long = format!("{ONE}{}", " ".repeat(IN_MEMORY));
        for mut source in [
            Source::file(file(ONE)).unwrap(),
            Source::stream(io::Cursor::new(ONE)),
            Source::stream(io::Cursor::new(long)), // in a file
        ] {
            for pass in [Pass::Look, Pass::Write, Pass::Look, Pass::Write] {
                assert_eq!(projects(&mut source, pass).unwrap(), ["p"]);
            }
        }
    }

    #[test]
    fn a_reading_that_was_stopped_begins_anew() {
        let mut source = Source::stream(io::Cursor::new(ONE));
        projects(&mut source, Pass::Look).unwrap();
        let stopped = source.read_through(Pass::Write, |_| Err(ReadError::Stopped));
        assert!(matches!(stopped, Err(ReadError::Stopped)), "{stopped:?}");
        assert_eq!(projects(&mut source, Pass::Look).unwrap(), ["p"]);
    }

    #[test]
    fn a_file_that_is_another_the_second_time_is_refused() {
        for other in [TWO, "", "{", r#"{"volumes": [{}]}"#, r#"{"volume": []}"#, &format!("{ONE}\n")] {
            let mut kept = file(ONE);
            let mut source = Source::file(kept.try_clone().unwrap()).unwrap();
            projects(&mut source, Pass::Look).unwrap();
            kept.set_len(0).unwrap();
            kept.rewind().unwrap();
            kept.write_all(other.as_bytes()).unwrap();
            let wrong = projects(&mut source, Pass::Write).unwrap_err();
            assert_eq!(wrong, "was changed while it was read; import it again", "{other}");
        }
    }

    #[test]
    fn whoever_watches_is_told_of_every_byte_of_every_reading() {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let told = steps.clone();
        let mut source = Source::stream(io::Cursor::new(ONE)).watched(move |step| told.lock().unwrap().push(step));
        projects(&mut source, Pass::Look).unwrap();
        projects(&mut source, Pass::Write).unwrap();
        let mut steps = steps.lock().unwrap().clone();
        let length = ONE.len() as u64;
        steps.retain(|step| *step != Step::Read(0));
        let whole = Step::Read(length);
        assert_eq!(steps, [Step::Begins(Pass::Look, None), whole, Step::Begins(Pass::Write, Some(length)), whole]);
    }
}
