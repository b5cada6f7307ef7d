//! What nobody can guess: where randomness comes in, and what is made of it.

use uuid::Builder;

use crate::domain::{AuthKey, Id};

/// A source of random bytes.
pub trait SecureRandom: Send + Sync {
    /// Fills `bytes` from a source that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn SecureRandom) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A new id: a random UUID (version 4).
pub fn id(random: &dyn SecureRandom) -> Id {
    Id::new(Builder::from_random_bytes(bytes(random)).into_uuid())
}

/// A new auth key.
pub fn auth_key(random: &dyn SecureRandom) -> AuthKey {
    loop {
        if let Some(key) = AuthKey::from_random(bytes(random)) {
            return key;
        }
    }
}
