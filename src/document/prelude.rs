//! What most files of the documents are written in, by one name.

pub use std::collections::BTreeMap;

pub use secrecy::SecretString;
pub use serde::de::Error;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use serde_json::{Map, Value, json};

pub(super) use super::record::record;
pub use super::record::{Fields, fields, written};
pub(super) use super::value;
pub use super::value::{Field, Read, field, reference, size, sorted, text, user, yes};
pub use super::{Fault, MARKER, Place};
pub use crate::domain::limits::{LONG_TEXT, TEXT};
pub use crate::domain::metadata::{carried, too_much};
pub use crate::domain::quote::shown;
pub use crate::domain::volume::{Billing, DedicatedStorage, Provisioning};
pub use crate::domain::{
    Id, KnownStatus, ProjectId, Time, Transfer, TransferName, Volume, VolumeCopy, VolumeStatus, VolumeType,
};
