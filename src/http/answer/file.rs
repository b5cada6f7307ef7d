//! Files of our own: the same bytes for every caller, which all answers share.

use std::io::Read;
use std::sync::OnceLock;

use actix_web::web::Bytes;
use flate2::read::GzDecoder;

/// A file and its type.
pub struct File {
    /// As `Content-Type` has it.
    pub content_type: String,
    /// The bytes that gzip made, where the file is kept so.
    pub zipped: Option<Bytes>,
    /// Of what is zipped they are made when they are first asked for.
    plain: OnceLock<Bytes>,
}

impl File {
    /// A file that is kept as it is.
    pub fn plain(content_type: String, bytes: Bytes) -> Self {
        Self { content_type, zipped: None, plain: bytes.into() }
    }

    /// A file that gzip compressed.
    pub const fn zipped(content_type: String, zipped: Bytes) -> Self {
        Self { content_type, zipped: Some(zipped), plain: OnceLock::new() }
    }

    /// The bytes as they are read.
    ///
    /// # Panics
    /// On a compressed file that gzip did not make.
    pub fn plain_bytes(&self) -> &Bytes {
        self.plain.get_or_init(|| unzipped(self.zipped.as_deref().unwrap_or_default()))
    }
}

fn unzipped(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("the build compressed it");
    plain.into()
}
