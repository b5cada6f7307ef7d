//! What most ways of saying who is calling are written in, by one name.

pub use std::sync::Arc;
pub use std::time::Duration;

pub use secrecy::{ExposeSecret, SecretString};
pub use sha2::{Digest, Sha256};

pub use super::{Head, Unidentified};
pub use crate::clock::Clock;
pub use crate::domain::{Caller, ProjectId, Roles, Time};
pub use crate::secrets::sealing::hex;
