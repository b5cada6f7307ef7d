//! Where time and randomness come in, so that tests can fix them.

use uuid::Builder;

use crate::domain::{AuthKey, Id, Time};

/// The clock and the random source.
pub trait Edge: Send + Sync {
    fn now(&self) -> Time;

    /// Fills `bytes` from a source that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(edge: &dyn Edge) -> [u8; N] {
    let mut bytes = [0; N];
    edge.fill(&mut bytes);
    bytes
}

/// A new id: a random UUID (version 4).
pub fn id(edge: &dyn Edge) -> Id {
    Id::new(Builder::from_random_bytes(bytes(edge)).into_uuid())
}

/// A new auth key.
pub fn auth_key(edge: &dyn Edge) -> AuthKey {
    loop {
        if let Some(key) = AuthKey::from_random(bytes(edge)) {
            return key;
        }
    }
}
