//! Volume types: the kinds of volumes that there are, which an admin makes or the settings name.

use std::collections::BTreeSet;

use super::prelude::*;

/// A kind of volume, such as SSD.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize_tuple)]
pub struct VolumeType {
    pub id: Id,
    /// No other has it: volumes say by it which type they are of.
    pub name: String,
    pub description: Option<String>,
    /// Whether every project sees it; else those that it is open to, and admins.
    #[serde(deserialize_with = "stored::flag")]
    pub is_public: bool,
    #[serde(with = "stored::object")]
    pub extra_specs: Map<String, Value>,
    /// How volumes of it are encrypted; `None` where they are not.
    #[serde(with = "stored::object")]
    pub encryption: Option<Encryption>,
    /// Those that see it where it is private, in their order.
    #[serde(with = "stored::object")]
    pub projects: BTreeSet<ProjectId>,
    pub created_at: Time,
    pub updated_at: Option<Time>,
}

/// How the volumes of a type are encrypted, under Cinder's names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Encryption {
    pub encryption_id: Id,
    /// What encrypts, such as `luks`.
    pub provider: String,
    /// `front-end`, on the server that has the volume, or `back-end`, where it is kept.
    pub control_location: String,
    pub cipher: Option<String>,
    /// Bits.
    pub key_size: Option<i64>,
    pub created_at: Time,
    pub updated_at: Option<Time>,
}

/// What the ids of types are made under that the settings name: a random UUID, drawn once.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_74d3_8b02_4e57_9a3d_27c0_51e8_b4f6);

impl VolumeType {
    /// The extra specs that not only admins see. Source: Cinder's `api/extra_specs`.
    pub const VISIBLE: [&str; 3] = ["multiattach", "replication_enabled", "RESKEY:availability_zones"];

    /// What an extra spec may be, for messages.
    pub const SPEC: &'static str =
        "a key of 1 to 255 letters, digits, `:`, `-`, `_`, `.` and blanks, and a text of 255 characters at most";

    /// Whether an extra spec may have this key, however long it is. Source: Cinder's `api/validation`.
    pub fn is_spec(key: &str) -> bool {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || ":-_. ".contains(c))
    }

    /// The id of a type that the settings name so: the same on every replica and after every start.
    pub fn id_of(name: &str) -> Id {
        Id::new(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }

    /// A public type of this id and name of which nothing else is known.
    pub fn new(id: Id, name: impl Into<String>, at: Time) -> Self {
        Self { id, name: name.into(), is_public: true, created_at: at, ..Self::default() }
    }

    /// Whether it is as the settings made it.
    pub fn is_as_named(&self) -> bool {
        *self == Self::new(Self::id_of(&self.name), self.name.as_str(), self.created_at)
    }

    /// Its extra specs, as who is an admin or not sees them.
    pub fn specs(&self, is_admin: bool) -> Map<String, Value> {
        let mut specs = self.extra_specs.clone();
        specs.retain(|key, _| is_admin || Self::VISIBLE.contains(&key.as_str()));
        specs
    }
}

impl Listed for VolumeType {
    fn place(&self) -> (Id, Time, Option<&ProjectId>) {
        (self.id, self.created_at, None)
    }
}
