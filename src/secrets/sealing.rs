//! What must be read again and yet not be readable in the database: sealed under a key that is kept elsewhere. What is made of a
//! request's name, so that the database tells nothing of it: the hash that its row is found by, the hash that tells its request
//! from another, and the key that its answer is sealed under. These three come from one secret that costs an Argon2id hash to
//! guess at; none leads to another, or back.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
/// Bytes as lower-case hexadecimal digits.
pub use hex::encode as hex;
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use super::hash::Derived;
use super::{SecureRandom, random};

/// A nonce is drawn anew for whatever is sealed; 24 random bytes never meet again.
pub const NONCE_BYTES: usize = 24;

/// A key that seals texts. Never printed.
pub struct Seal(SecretBox<[u8; 32]>);

impl Seal {
    /// The fewest characters of a key's text: it is drawn, not thought up.
    pub const LEAST: usize = 32;

    /// By a text that somebody keeps; `None` where it is too short to be one.
    pub fn of(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        let key = || SecretBox::init_with_mut(|key: &mut [u8; 32]| key.copy_from_slice(&Sha256::digest(text)));
        (text.len() >= Self::LEAST).then(|| Self(key()))
    }

    /// By the text in a file, which is made with a new one where it is missing, for its owner alone.
    ///
    /// # Errors
    /// When the file can be neither read nor made.
    pub fn in_file(path: &Path, source: &dyn SecureRandom) -> std::io::Result<Option<Self>> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                file.write_all(format!("{}\n", hex(random::bytes::<32>(source))).as_bytes())?;
                file.sync_all()?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(Self::of(&fs::read_to_string(path)?.into()))
    }

    /// The text sealed, as hexadecimal digits, bound to where it stands.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], text: &SecretString, place: &str) -> String {
        hex(self.seal_bytes(nonce, text.expose_secret().as_bytes(), place.as_bytes()))
    }

    /// The text; `None` when it was not sealed under this key for this place.
    pub fn open(&self, sealed: &str, place: &str) -> Option<SecretString> {
        let text = self.open_bytes(&hex::decode(sealed).ok()?, place.as_bytes())?;
        std::str::from_utf8(&text).ok().map(Into::into)
    }

    /// `nonce`, then the bytes sealed, bound to where they stand.
    fn seal_bytes(&self, nonce: [u8; NONCE_BYTES], bytes: &[u8], place: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: bytes, aad: place };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("what is sealed has far less than 256 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// The bytes; `None` when they were not sealed under this key for this place.
    fn open_bytes(&self, sealed: &[u8], place: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place }).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

/// What is made of one idempotency key: two hashes that are stored, and the key that seals the answer.
pub struct Keys {
    pub key_hash: String,
    pub request_hash: String,
    sealing: Seal,
}

impl Keys {
    /// `secret` is derived from the name and its caller; `request` is all that the answer depends on.
    pub fn new(secret: &Derived, request: &SecretString) -> Self {
        Self {
            key_hash: hex(*expand(secret, "row", "")),
            // keyed too: what an accept asks holds the auth key
            request_hash: hex(*expand(secret, "request", request.expose_secret())),
            sealing: Seal(SecretBox::init_with_mut(|key: &mut [u8; 32]| *key = *expand(secret, "answer", ""))),
        }
    }

    /// `nonce`, then the answer sealed, bound to the row that it stands in.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], answer: &[u8]) -> Vec<u8> {
        self.sealing.seal_bytes(nonce, answer, &self.place())
    }

    /// The answer; `None` when these bytes were not sealed here for this row.
    pub fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.sealing.open_bytes(sealed, &self.place())
    }

    fn place(&self) -> Vec<u8> {
        [&*self.key_hash, &*self.request_hash].concat().into_bytes()
    }
}

/// 32 bytes for one use. Source: HKDF's expansion (RFC 5869), of one block.
fn expand(secret: &Derived, to_what_end: &str, text: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret()).expect("HMAC takes a key of any length");
    for piece in [to_what_end, "\0", text] {
        mac.update(piece.as_bytes());
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: u8, request: &str) -> Keys {
        Keys::new(&Derived::new(Box::new([secret; 32])), &request.into())
    }

    #[test]
    fn an_answer_opens_with_the_keys_it_was_sealed_with_and_no_others() {
        let sealed = keys(1, "a request").seal([7; NONCE_BYTES], b"an answer");
        assert_eq!(keys(1, "a request").open(&sealed).unwrap().as_slice(), b"an answer");
        assert!(keys(2, "a request").open(&sealed).is_none(), "another name");
        assert!(keys(1, "another request").open(&sealed).is_none(), "moved to another row");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys(1, "a request").open(&changed).is_none(), "byte {at} was changed");
        }
        for length in 0..sealed.len() {
            assert!(keys(1, "a request").open(&sealed[..length]).is_none(), "cut to {length} bytes");
        }
    }

    #[test]
    fn the_hashes_tell_names_and_requests_apart_and_hold_neither() {
        let (one, other) = (keys(1, "a request"), keys(1, "another request"));
        assert_eq!(one.key_hash, other.key_hash);
        assert_ne!(one.request_hash, other.request_hash);
        assert_ne!(one.request_hash, keys(2, "a request").request_hash, "without the name nobody can try requests");
        let all = [&one.key_hash, &one.request_hash, &hex(one.sealing.0.expose_secret()), &hex([1; 32])];
        assert!(all.iter().all(|hash| hash.len() == 64));
        for (at, hash) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(hash), "each is of its own");
        }
    }

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
