//! The auth key: what a recipient must know to claim an offer. Shown once, kept only as a hash.

use derive_more::{Debug, Into};
use secrecy::{ExposeSecret, SecretString};

/// An auth key in the clear. Never printed by `{:?}`, wiped from memory when dropped.
#[derive(Clone, Debug, Into)]
#[debug("AuthKey(hidden)")]
pub struct AuthKey(SecretString);

impl AuthKey {
    /// Whatever a caller sent: compared, never trusted.
    pub fn claimed(text: String) -> Self {
        Self(text.into())
    }

    /// 16 lower-case hexadecimal digits out of eight random bytes; `None` when a YAML or shell reader would take the text
    /// for a number (all digits, or digits with one `e`): then draw again, about once in 290 times.
    pub fn from_random(bytes: [u8; 8]) -> Option<Self> {
        let text = format!("{:016x}", u64::from_be_bytes(bytes));
        let letters: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_digit()).collect();
        let reads_as_number = matches!(letters.as_slice(), [] | [b'e']);
        (!reads_as_number).then(|| Self(text.into()))
    }

    /// The text itself, for hashing and for the one answer that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_sixteen_hexadecimal_digits_and_never_a_number(bytes: [u8; 8]) {
            if let Some(key) = AuthKey::from_random(bytes) {
                let text = key.expose();
                prop_assert_eq!(text.len(), 16);
                prop_assert!(text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
                prop_assert!(text.parse::<f64>().is_err(), "{} reads as a number", text);
            }
        }
    }

    #[test]
    fn what_reads_as_a_number_is_drawn_again() {
        assert!(AuthKey::from_random(0x1234_5678_9012_3456_u64.to_be_bytes()).is_none());
        assert!(AuthKey::from_random(0x1234_5678_e012_3456_u64.to_be_bytes()).is_none());
        assert!(AuthKey::from_random(0x1234_5678_ee12_3456_u64.to_be_bytes()).is_some());
        assert!(AuthKey::from_random(0x1234_5678_f012_3456_u64.to_be_bytes()).is_some());
    }

    #[test]
    fn a_key_is_not_printed() {
        assert_eq!(format!("{:?}", AuthKey::claimed("9266c59563c84664".into())), "AuthKey(hidden)");
    }
}
