//! Texts that keep to a rule: what each type of them has in common.

/// What a type has that holds a text, behind the `parse` that knows what it may be: the text itself, and how it is read from a row.
macro_rules! word {
    ($kind:ident, $rule:expr, $parse:expr) => {
        impl $kind {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::domain::stored::text(from, $rule, $parse)
            }
        }
    };
}
