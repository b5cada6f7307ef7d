//! What nearly every operation uses, by one name.

pub use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
pub use std::sync::Arc;
pub use std::time::Duration;

pub use parking_lot::Mutex;
pub use secrecy::{ExposeSecret, SecretString};
pub use serde_json::{Map, Value, json};

pub use super::copies::CopyKind;
pub use super::error::Result;
pub use super::page::{self, Counted, PageRequest};
pub(super) use super::perform::{FirstAnswer, look, permit, unprepared};
pub use super::policy::{self, Action};
pub(super) use super::transfers::{ending, expiry};
pub use super::volumes::settling;
pub use super::{Context, Error, Intent, Operation, Service, Tx, quotas};
pub use crate::domain::act::{Act, Outcome, Target};
pub use crate::domain::identity::{Believed, Credential, CredentialKind, Entity, EntityKind, Grant, Session, SignedIn};
pub use crate::domain::metadata::{Edit, Update, carried, too_much};
pub use crate::domain::page::{Direction, Listed, Page};
pub use crate::domain::quota::{Limits, Usage};
pub use crate::domain::quote::shown;
pub use crate::domain::rules::{Moment, Terms};
pub use crate::domain::transfer::{Ending, Stamp, State};
pub use crate::domain::{
    AuthKey, Id, KnownStatus, Offer, ProjectId, RecordKind, Roles, Time, Transfer, Volume, VolumeCopy, VolumeStatus, VolumeType,
};
pub use crate::secrets::sealing::hex;
pub use crate::secrets::{HashError, Turn, hash, random};
pub use crate::store::counts::Counts;
pub use crate::store::{Db, Engine, Repeatable, Store, StoreError, Write, batch, copies, limits, transfers, usage, volumes};
