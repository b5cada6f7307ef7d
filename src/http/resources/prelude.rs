//! What almost every resource is written in: operations, calls and problems, what bodies and views are derived by, and what their
//! fields are.

pub use std::borrow::Cow;
pub use std::future::ready;

pub use secrecy::{ExposeSecret, SecretString};
pub use serde::de::Error;
pub use serde::{Deserialize, Deserializer, Serialize};
pub use serde_json::{Map, Value, json};
pub use utoipa::ToSchema;

pub use crate::domain::identity::{Entity, EntityKind, Grant};
pub use crate::domain::metadata::{Edit, Update};
pub use crate::domain::page::{Direction, Order, Page, SortKey};
pub use crate::domain::quote::{quoted, shown};
pub use crate::domain::{Id, ProjectId, RecordKind, Time, Volume, VolumeCopy, VolumeStatus, VolumeType};
pub use crate::http::answer::links::Link;
pub use crate::http::answer::listing::{Count, Listing, listing};
pub(super) use crate::http::answer::problem::problem;
pub use crate::http::answer::problem::{Kind, Problem, Result};
pub use crate::http::answer::success::{Answer, Body};
pub use crate::http::answer::types::AnyJson;
pub(super) use crate::http::answer::visibility::view;
pub use crate::http::answer::visibility::{FieldRule, Versioned, part};
pub(super) use crate::http::operation::operations;
pub use crate::http::operation::{About, Operation, Subject};
pub(super) use crate::http::request::action::row;
pub use crate::http::request::action::{Acted, Actions, Row, bare};
pub use crate::http::request::body::Content::{Either, Nothing, Object, One, Other, Page as Paged, Rows, Whole};
pub(super) use crate::http::request::body::bodies;
pub use crate::http::request::body::{Under, malformed};
pub use crate::http::request::call::Call;
pub(super) use crate::http::request::fields::field_types;
pub use crate::http::request::fields::{self, LooseBool, Reference, Renamed, Secret, Size, Text, Texts, VolumeId, first_of};
pub use crate::http::request::list_query::Filters;
pub use crate::http::request::query::Query;
pub use crate::http::request::query_parameter::{
    Parameter, boolean, dictionary, id, number, own, switch, text, texts, times, word,
};
pub use crate::service::copies::CopyKind;
pub use crate::service::policy::{self, Action};
pub use crate::service::{self};
