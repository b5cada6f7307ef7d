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
