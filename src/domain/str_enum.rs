//! Texts that keep to a rule: closed lists of words, and what each type has in common that holds a text.

/// Enums of words: each variant with the text that stands for it, and both directions between them.
macro_rules! str_enum {
    ($(
        $(#[$attribute:meta])*
        pub enum $kind:ident {
            $($(#[$of_variant:meta])* $variant:ident = $word:literal,)+
        }
    )+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
        pub enum $kind {
            $($(#[$of_variant])* #[serde(rename = $word)] $variant),+
        }

        impl $kind {
            /// Each of them, in this order.
            pub const ALL: [Self; Self::WORDS.len()] = [$(Self::$variant),+];

            /// Every word that this may be, for messages.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that is stored for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What this word stands for; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    )+};
}
pub(crate) use str_enum;

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
