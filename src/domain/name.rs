//! The name that a donor gives a transfer.

use derive_more::Display;
use serde::Serialize;

use super::limits::NAME;

/// A transfer's name: trimmed of Unicode white space, then 1 to 255 bytes of UTF-8 without NUL.
/// EVS counts bytes where Cinder counts characters; we count bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Display, Serialize)]
pub struct TransferName(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("name is empty or blank; give 1 to 255 bytes of UTF-8, or leave the field out")]
    Blank,
    #[error("name has {0} bytes of UTF-8 after trimming; shorten it to 255 or fewer")]
    TooLong(usize),
    #[error("name holds a NUL character; leave it out")]
    Nul,
}

impl TransferName {
    /// Takes a name, trimmed.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.trim() {
            "" => Err(NameError::Blank),
            name if name.len() > NAME => Err(NameError::TooLong(name.len())),
            // PostgreSQL cannot store it, and no client means it
            name if name.contains('\0') => Err(NameError::Nul),
            name => Ok(Self(name.to_owned())),
        }
    }
}

word!(TransferName, "a name", |text| TransferName::parse(text).ok());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_trimmed_once_and_stays_so(text in "\\PC{0,300}") {
            match TransferName::parse(&text) {
                Ok(name) => {
                    prop_assert_eq!(name.as_str(), text.trim());
                    prop_assert!((1..=255).contains(&name.as_str().len()));
                    prop_assert_eq!(TransferName::parse(name.as_str()), Ok(name));
                }
                Err(NameError::Blank) => prop_assert!(text.trim().is_empty()),
                Err(NameError::TooLong(bytes)) => prop_assert!(bytes > 255 && bytes == text.trim().len()),
                Err(NameError::Nul) => prop_assert!(text.contains('\0')),
            }
        }
    }

    #[test]
    fn bytes_are_counted_not_characters() {
        assert!(TransferName::parse(&"盘".repeat(85)).is_ok());
        assert_eq!(TransferName::parse(&"盘".repeat(86)), Err(NameError::TooLong(258)));
    }
}
