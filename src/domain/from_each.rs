//! `From` of each type that a value may be.

/// Makes each type the variant that holds it.
macro_rules! from_each {
    ($kind:ty { $($from:ty => $variant:ident),+ $(,)? }) => {$(
        impl From<$from> for $kind {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}
pub(crate) use from_each;
