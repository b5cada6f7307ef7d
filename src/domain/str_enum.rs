//! Closed lists of words: the two directions between a value and the text that stands for it.

/// Enums of words: each variant with the text that stands for it, and both directions between them.
macro_rules! str_enum {
    ($(
        $(#[$attribute:meta])*
        pub enum $kind:ident {
            $($(#[$of_variant:meta])* $variant:ident = $word:literal,)+
        }
    )+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind {
            $($(#[$of_variant])* $variant),+
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

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::domain::stored::text(from, "one of a closed list of words", Self::parse)
            }
        }
    )+};
}
pub(crate) use str_enum;
