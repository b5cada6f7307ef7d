//! Files of our own: the same bytes for every caller, which all answers share.

use std::io::Read;
use std::sync::OnceLock;

use actix_web::web::Bytes;
use flate2::read::GzDecoder;

/// A file and its type.
#[derive(Debug)]
pub struct File {
    content_type: String,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Plain(Bytes),
    /// The plain bytes are made when they are first asked for.
    Zipped {
        zipped: Bytes,
        plain: OnceLock<Bytes>,
    },
}

impl File {
    /// A file that is kept as it is.
    pub const fn plain(content_type: String, bytes: Bytes) -> Self {
        Self { content_type, kept: Kept::Plain(bytes) }
    }

    /// A file that gzip compressed.
    pub const fn zipped(content_type: String, zipped: Bytes) -> Self {
        Self { content_type, kept: Kept::Zipped { zipped, plain: OnceLock::new() } }
    }

    /// As `Content-Type` has it.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The bytes that gzip made, where the file is kept so.
    pub const fn zipped_bytes(&self) -> Option<&Bytes> {
        match &self.kept {
            Kept::Plain(_) => None,
            Kept::Zipped { zipped, .. } => Some(zipped),
        }
    }

    /// The bytes as they are read.
    ///
    /// # Panics
    /// On a compressed file that gzip did not make.
    pub fn plain_bytes(&self) -> &Bytes {
        match &self.kept {
            Kept::Plain(plain) => plain,
            Kept::Zipped { zipped, plain } => plain.get_or_init(|| unzipped(zipped)),
        }
    }
}

fn unzipped(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain.into()
}
