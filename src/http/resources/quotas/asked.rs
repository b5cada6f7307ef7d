//! The bodies of set.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::quota::{self, Overrides, Resource},
    http::{
        answer::{
            problem::Problem,
            shape::Shape,
            types::{Carried, Limit},
        },
        request::{
            call::Call,
            fields::{Fields, malformed},
        },
    },
};

/// Limits to be set; what is left out stays as it is.
#[derive(Serialize, ToSchema)]
pub struct SetLimits {
    #[schema(nullable = false)]
    volumes: Option<Limit>,
    #[schema(nullable = false)]
    snapshots: Option<Limit>,
    #[schema(nullable = false)]
    gigabytes: Option<Limit>,
    #[schema(nullable = false)]
    per_volume_gigabytes: Option<Limit>,
    #[schema(nullable = false)]
    backups: Option<Limit>,
    #[schema(nullable = false)]
    backup_gigabytes: Option<Limit>,
    #[schema(nullable = false)]
    groups: Option<Limit>,
}

/// A project's limits to be set; what is left out stays as it is.
#[derive(Serialize, ToSchema)]
pub struct SetQuotas {
    #[serde(flatten)]
    limits: SetLimits,
    /// Says nothing.
    #[schema(value_type = Carried, required = false)]
    tenant_id: Option<Carried>,
    /// Says nothing.
    #[schema(value_type = Carried, required = false)]
    id: Option<Carried>,
}

impl Shape for SetLimits {}

impl Shape for SetQuotas {}

/// What stands in a quota set beside its limits and says nothing. Source: Cinder's `quota.py`.
const NO_LIMITS: [&str; 2] = ["tenant_id", "id"];

/// A project's limits.
pub fn quota_set(call: &mut Call) -> Result<Overrides, Problem> {
    let mut fields = Fields::of(call.body.take(), "quota_set")?;
    if fields.is_empty() {
        return Err(malformed(format!("`quota_set` is empty; give a limit for one of {}.", Resource::WORDS.join(", "))));
    }
    for name in NO_LIMITS {
        fields.optional(name);
    }
    limits(fields)
}

/// The limits of the class.
pub fn class_set(call: &mut Call) -> Result<Overrides, Problem> {
    limits(Fields::of(call.body.take(), "quota_class_set")?)
}

fn limits(mut fields: Fields) -> Result<Overrides, Problem> {
    let mut limits = Overrides::default();
    for resource in Resource::ALL {
        let given = fields.optional(resource.as_str());
        limits.set(resource, given.map(|value| limit(resource, &value)).transpose()?);
    }
    fields.end()?;
    Ok(limits)
}

/// A whole number, or its digits in a string.
fn limit(resource: Resource, value: &Value) -> Result<i64, Problem> {
    let is_number = |text: &&str| *text == "-1" || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = value.as_i64().or_else(|| value.as_str().filter(is_number)?.parse().ok());
    number.filter(|limit| quota::LIMIT.contains(limit)).ok_or_else(|| {
        let (least, most) = quota::LIMIT.into_inner();
        malformed(format!("{} is {value}; give a whole number from {least} (no limit) to {most}.", resource.as_str()))
    })
}
