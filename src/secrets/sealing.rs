//! What is made of a request's name, so that the database tells nothing of it: the hash that its row is found by, the hash
//! that tells its request from another, and the key that its answer is sealed under. All three come from one secret that
//! costs an Argon2id hash to guess at; none leads to another, or back.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

use super::hash::Derived;
use super::seal::Seal;

/// A nonce is drawn anew for each answer; 24 random bytes never meet again.
pub const NONCE_BYTES: usize = 24;

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
            key_hash: hex(&*expand(secret, "row", "")),
            // keyed too: what an accept asks holds the auth key
            request_hash: hex(&*expand(secret, "request", request.expose_secret())),
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

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
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
        let all = [&one.key_hash, &one.request_hash, &hex(one.sealing.0.expose_secret()), &hex(&[1; 32])];
        assert!(all.iter().all(|hash| hash.len() == 64));
        for (at, hash) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(hash), "each is of its own");
        }
    }
}
