//! The identifier of a volume, transfer, snapshot or backup: a UUID.

use super::prelude::*;

/// A UUID, always shown in its canonical form: lower case, with hyphens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Display)]
#[serde(transparent)]
#[display("{}", _0.hyphenated())]
pub struct Id(Uuid);

impl Id {
    /// The least of all.
    pub const NIL: Self = Self(Uuid::nil());

    /// The id that is this UUID.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Reads any form that clients send: hyphens or none, braces, `urn:uuid:`, any case, and any of these together.
    /// `None` for everything else, white space around it too.
    pub fn parse(text: &str) -> Option<Self> {
        // as it is sent, mostly
        Uuid::try_parse(text).ok().or_else(|| Uuid::try_parse(&bare(text)?).ok()).map(Self)
    }

    /// The UUID that it is.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// The digits of a UUID without its `urn:uuid:` and the braces behind that.
fn bare(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix("urn:uuid:").unwrap_or(&text);
    let digits = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-').then(|| digits.to_owned())
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        stored::text(from, "a UUID", Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_form_of_a_uuid_is_the_same_id(bytes: [u8; 16]) {
            let uuid = Uuid::from_bytes(bytes);
            let canonical = uuid.hyphenated().to_string();
            for form in [
                canonical.clone(),
                canonical.to_uppercase(),
                uuid.simple().to_string(),
                format!("{{{canonical}}}"),
                format!("urn:uuid:{canonical}"),
                format!("URN:UUID:{}", canonical.to_uppercase()),
                format!("{{{}}}", uuid.simple()),
                format!("urn:uuid:{}", uuid.simple()),
                format!("urn:uuid:{{{canonical}}}"),
            ] {
                prop_assert_eq!(Id::parse(&form).map(|id| id.to_string()), Some(canonical.clone()));
            }
        }

        #[test]
        fn nothing_else_is_an_id_and_nothing_panics(text in ".*") {
            if let Some(id) = Id::parse(&text) {
                prop_assert!(text.to_lowercase().replace('-', "").contains(&id.uuid().simple().to_string()));
            }
        }
    }

    #[test]
    fn white_space_around_a_uuid_is_refused() {
        assert_eq!(Id::parse(" c86b9af4-151d-4ead-b62c-5fb967af0e37"), None);
        assert_eq!(Id::parse("c86b9af4-151d-4ead-b62c-5fb967af0e37 "), None);
    }
}
