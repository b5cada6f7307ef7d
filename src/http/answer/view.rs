//! Views: what a client sees of a record, each key in one place with its type and with what it holds.

/// A struct that is written to a client, how it is made of what is known, and the keys that not every call sees. A key that
/// cannot be a field's name stands behind `as`.
macro_rules! view {
    ($($(#[$of_view:meta])* $view:ident $(<$a:lifetime>)?, $(#[$of_making:meta])* of($($given:ident: $type:ty),*) {
        $($(#[$of_key:meta])* $vis:vis $key:ident $(as $name:tt)?: $kind:ty = $value:expr,)+
    }$(, keys $keys:expr)?;)+) => {
        $(
            #[derive(serde::Serialize, utoipa::ToSchema)]
            $(#[$of_view])*
            pub struct $view $(<$a>)? {
                $($(#[$of_key])* $(#[serde(rename = $name)])? $vis $key: $kind,)+
            }

            impl $(<$a>)? $view $(<$a>)? {
                $(#[$of_making])*
                pub fn of($($given: $type),*) -> Self {
                    Self { $($key: $value),+ }
                }
            }

            impl $(<$a>)? crate::http::answer::visibility::Versioned for $view $(<$a>)? {
                $(const KEYS: &'static [crate::http::answer::visibility::FieldRule] = $keys;)?
            }
        )+
    };
}

pub(crate) use view;
