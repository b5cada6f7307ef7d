//! What the cloud offers, in the shapes that Cinder documents: volume types, availability zones, extensions; and, for admins,
//! what runs behind it. Types are records; the rest is named in the settings or is so by nature.

pub mod backend;
pub mod extensions;
pub mod types;
pub mod zones;

use crate::http::operation::Subject;

/// What the operations are about.
pub static CATALOG: Subject =
    Subject { name: "catalogue", what: "Volume types, availability zones and extensions; for admins, what runs behind them." };
