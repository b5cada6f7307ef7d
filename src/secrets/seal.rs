//! What must be read again and yet not be readable in the database: sealed under a key that is kept elsewhere.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use super::sealing::{NONCE_BYTES, hex};
use super::{SecureRandom, random};

/// A key that seals texts. Never printed.
pub struct Seal(pub(super) SecretBox<[u8; 32]>);

impl Seal {
    /// The fewest characters of a key's text: it is drawn, not thought up.
    pub const LEAST: usize = 32;

    /// By a text that somebody keeps; `None` where it is too short to be one.
    pub fn of(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        (text.len() >= Self::LEAST)
            .then(|| Self(SecretBox::init_with_mut(|key: &mut [u8; 32]| key.copy_from_slice(&Sha256::digest(text)))))
    }

    /// By the text in a file, which is made with a new one where it is missing, for its owner alone.
    ///
    /// # Errors
    /// When the file can be neither read nor made.
    pub fn in_file(path: &Path, source: &dyn SecureRandom) -> std::io::Result<Option<Self>> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Ok(mut file) => {
                file.write_all(format!("{}\n", hex(&random::bytes::<32>(source))).as_bytes())?;
                file.sync_all()?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(Self::of(&fs::read_to_string(path)?.into()))
    }

    /// The text sealed, as hexadecimal digits, bound to where it stands.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], text: &SecretString, place: &str) -> String {
        hex(&self.seal_bytes(nonce, text.expose_secret().as_bytes(), place.as_bytes()))
    }

    /// The text; `None` when it was not sealed under this key for this place.
    pub fn open(&self, sealed: &str, place: &str) -> Option<SecretString> {
        let bytes: Option<Vec<u8>> =
            (0..sealed.len()).step_by(2).map(|at| u8::from_str_radix(sealed.get(at..at + 2)?, 16).ok()).collect();
        let text = self.open_bytes(&bytes?, place.as_bytes())?;
        std::str::from_utf8(&text).ok().map(Into::into)
    }

    /// `nonce`, then the bytes sealed, bound to where they stand.
    pub(super) fn seal_bytes(&self, nonce: [u8; NONCE_BYTES], bytes: &[u8], place: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: bytes, aad: place };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("what is sealed has far less than 256 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// The bytes; `None` when they were not sealed under this key for this place.
    pub(super) fn open_bytes(&self, sealed: &[u8], place: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: place };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_under_its_key_at_its_place_alone() {
        let (one, other) = (Seal::of(&"k".repeat(32).into()).unwrap(), Seal::of(&"l".repeat(32).into()).unwrap());
        assert!(Seal::of(&"k".repeat(31).into()).is_none());
        let sealed = one.seal([7; NONCE_BYTES], &"the secret".into(), "AK1");
        assert!(!sealed.contains("secret"));
        assert_eq!(one.open(&sealed, "AK1").unwrap().expose_secret(), "the secret");
        assert!(one.open(&sealed, "AK2").is_none() && other.open(&sealed, "AK1").is_none());
        for spoilt in [&sealed[2..], &sealed[..sealed.len() - 1], "", "zz", "é"] {
            assert!(one.open(spoilt, "AK1").is_none(), "{spoilt}");
        }
    }

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let first = Seal::in_file(&path, &crate::system::System).unwrap().unwrap();
        let sealed = first.seal([1; NONCE_BYTES], &"text".into(), "");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Seal::in_file(&path, &crate::system::System).unwrap().unwrap();
        assert!(again.open(&sealed, "").is_some());
    }
}
