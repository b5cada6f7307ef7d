//! What nearly every operation uses, by one name.

pub use secrecy::{ExposeSecret, SecretString};
pub use serde_json::{Map, Value};

pub use super::copies::CopyKind;
pub use super::page::{self, PageRequest};
pub(super) use super::perform::{Access, look};
pub use super::policy::{self, Action};
pub use super::{Context, Error, Intent, Operation, Service, Tx, quotas};
pub use crate::domain::act::Target;
pub use crate::domain::identity::{Credential, CredentialKind, Entity, EntityKind, Grant};
pub use crate::domain::page::{Listed, Page};
pub use crate::domain::quota::{Limits, Usage};
pub use crate::domain::quote::shown;
pub use crate::domain::{
    AuthKey, Id, KnownStatus, Offer, ProjectId, RecordKind, Time, Transfer, Volume, VolumeCopy, VolumeStatus, VolumeType,
};
pub use crate::secrets::sealing::hex;
pub use crate::secrets::{HashError, Turn, hash, random};
pub use crate::store::counts::Counts;
pub use crate::store::{Db, Store, StoreError, Write, batch, limits, transfers, usage, volumes};
