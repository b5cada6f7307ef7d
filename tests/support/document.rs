//! Seeds: documents of our own format, as a person would write them.

use handover::secrets::random;
use handover::system::System;

use super::{Value, json};

pub fn new_id() -> String {
    random::id(&System).to_string()
}

/// A volume that every rule lets pass.
pub fn volume(project: &str) -> Value {
    json!({"id": new_id(), "project_id": project, "user_id": "alice", "name": "data", "size": 1, "status": "available"})
}

/// A snapshot or a backup, with every key.
pub fn copy(status: &str) -> Value {
    json!({
        "id": new_id(), "user_id": "alice", "name": "copy", "description": null, "status": status, "size": 1, "consumes_quota": true,
        "metadata": {}, "created_at": "2026-01-01T00:00:00.000000", "updated_at": null,
    })
}

/// `object` with the fields of `more`.
pub fn with(mut object: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut object, more) else { panic!("two objects") };
    fields.extend(more);
    object
}

/// The ids of the objects in a list.
pub fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

/// A pending transfer of a volume.
pub fn pending(volume: &Value) -> Value {
    json!({"id": new_id(), "volume_id": volume["id"], "name": "offer", "auth_key": "9266c59563c84664"})
}

/// The hash of a key that nobody knows.
pub const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
