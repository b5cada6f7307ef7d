//! The project: who owns volumes and makes or takes offers.

use derive_more::Display;
use serde::Serialize;

/// A project's id: 1 to 64 of `A-Z a-z 0-9 - _ .`, but neither `.` nor `..`, as it stands in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Display, Serialize)]
pub struct ProjectId(String);

impl ProjectId {
    /// What a project id may be, for messages.
    pub const RULE: &'static str = "1 to 64 letters, digits, `-`, `_` and `.`, but neither `.` nor `..`";

    /// The project of a caller who has none: no record is its.
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// The project, where it is not [`Self::none`].
    pub fn some(&self) -> Option<&Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Reads what was stored of a caller: [`Self::none`] too.
    pub fn stored(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self::none()) } else { Self::parse(text) }
    }

    /// `None` when the text breaks [`Self::RULE`].
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && text != "." && text != "..";
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (fits && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }
}

word!(ProjectId, ProjectId::RULE, ProjectId::parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_sixty_four_of_the_allowed_characters() {
        for good in ["a", "A-Z_0.9", "dddddddddddddddddddddddddddddddd", &"p".repeat(64)] {
            assert_eq!(ProjectId::parse(good).as_ref().map(ProjectId::as_str), Some(good));
        }
        for bad in ["", "a b", "a/b", "é", "a:b", "a\0", ".", "..", &"p".repeat(65)] {
            assert_eq!(ProjectId::parse(bad), None, "{bad:?}");
        }
    }
}
