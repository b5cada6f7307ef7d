//! What most files of the store are written in, by one name.

pub use std::sync::Arc;
pub use std::time::Duration;

pub use parking_lot::Mutex;
pub use serde::de::DeserializeOwned;

pub use super::error::Result;
pub use super::list::{Kind, List};
pub(super) use super::select::put_together;
pub use super::select::{FOR_UPDATE, Param, Select, json};
pub(super) use super::statement::from_row;
pub use super::statement::{BadColumn, Only, Statement};
pub use super::table::{BIGINT, BOOLEAN, Columns, Of, Part, TEXT, TIMESTAMPTZ, Table, UUID};
pub use super::{Db, Engine, FromRow, Row, Sql, Store, StoreError};
pub use crate::domain::{Id, Offer, ProjectId, RecordKind, Time, Transfer, Volume, VolumeCopy, VolumeType};
