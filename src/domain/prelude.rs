//! What most records are written in, by one name.

pub use std::time::Duration;

pub use derive_more::Display;
pub use serde::de::Error;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use serde_json::{Map, Value, json};
pub use serde_tuple::Serialize_tuple;
pub use uuid::Uuid;

pub use super::page::Listed;
pub use super::{Id, ProjectId, Roles, Time, Volume, VolumeStatus, stored};
