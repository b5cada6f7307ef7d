//! What nobody can guess: where randomness comes in, and what is made of it.

use uuid::Builder;

use crate::domain::{AuthKey, Id, Time};

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

/// A new request's id: a random UUID (version 4).
pub fn id(random: &dyn SecureRandom) -> Id {
    Id::new(Builder::from_random_bytes(bytes(random)).into_uuid())
}

/// A new record's id: a UUID that begins with the moment (version 7), so that what is made one after the other lies side by side in
/// every index by id, and its pages are written once for many. Source: RFC 9562, section 5.7.
pub fn record_id(random: &dyn SecureRandom, at: Time) -> Id {
    let millis = u64::try_from(at.micros() / 1000).unwrap_or_default();
    Id::new(Builder::from_unix_timestamp_millis(millis, &bytes(random)).into_uuid())
}

/// A new auth key.
pub fn auth_key(random: &dyn SecureRandom) -> AuthKey {
    loop {
        if let Some(key) = AuthKey::from_random(bytes(random)) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::System;

    #[test]
    fn what_is_made_later_has_an_id_that_lies_behind_and_no_two_have_the_same() {
        let at = |millis: i64| Time::from_micros(millis * 1000).unwrap();
        // the first moments of UUIDs among them
        for millis in [0, 1, 1_790_000_000_000] {
            let [first, twin, later] = [millis, millis, millis + 1].map(|millis| record_id(&System, at(millis)));
            assert!(first < later && twin < later && first != twin, "{first} {twin} {later}");
            assert_eq!(first.uuid().get_version_num(), 7);
        }
        // before that there was none: an id all the same
        assert_eq!(record_id(&System, at(-1)).uuid().get_version_num(), 7);
    }
}
