//! Which keys an answer has: a view is written with every key, and what its microversion or its caller does not see is left
//! out by one table. Real clients refuse any other key.

use serde::Serialize;
use serde_json::{Map, Value};

use super::call::Call;

/// A key that not every answer has.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    /// The first microversion of `/v3` that shows it; on `/v2` it is never shown.
    pub since: Option<u16>,
    pub for_admins: bool,
}

impl Key {
    pub const fn since(name: &'static str, minor: u16) -> Self {
        Self { name, since: Some(minor), for_admins: false }
    }

    pub const fn for_admins(name: &'static str) -> Self {
        Self { name, since: None, for_admins: true }
    }

    pub const fn for_admins_since(name: &'static str, minor: u16) -> Self {
        Self { name, since: Some(minor), for_admins: true }
    }

    fn is_shown(&self, call: &Call) -> bool {
        self.since.is_none_or(|minor| call.is_from(minor)) && (!self.for_admins || call.asker().caller.is_admin)
    }
}

/// A view without those of `keys` that this call does not see.
pub fn shaped(call: &Call, view: impl Serialize, keys: &[Key]) -> Map<String, Value> {
    let Ok(Value::Object(mut shown)) = serde_json::to_value(view) else {
        unreachable!("a view is a struct whose keys are text and whose numbers are finite")
    };
    shown.retain(|name, _| keys.iter().all(|key| key.name != name || key.is_shown(call)));
    shown
}
