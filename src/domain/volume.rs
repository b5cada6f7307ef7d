//! The volume: what the rules ask about, and what the volume calls show.

use super::prelude::*;
use super::quota::Usage;

/// A status word, as Cinder and EVS use them: lower-case letters, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Display, Serialize)]
pub struct VolumeStatus(String);

impl VolumeStatus {
    /// The status of a new volume, until it is `available`.
    pub const CREATING: &'static str = "creating";
    /// What a status may be, for messages.
    pub const RULE: &'static str = "1 to 64 lower-case letters, digits, - and _, such as available or in-use";

    /// Takes a status that is a word; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// Whether it is this one of Cinder's.
    pub fn is(&self, known: KnownStatus) -> bool {
        self.0 == known.as_str()
    }
}

impl From<KnownStatus> for VolumeStatus {
    fn from(known: KnownStatus) -> Self {
        Self(known.as_str().to_owned())
    }
}

word!(VolumeStatus, VolumeStatus::RULE, VolumeStatus::parse);

str_enum! {
    /// A status that Cinder knows. A volume's own may be any word, since clouds invent them; who moves one names it from this list.
    /// Source: Cinder's `objects/fields.py`.
    pub enum KnownStatus {
        Creating = "creating",
        /// The one that an offer can be made from, and that every ended offer leads back to.
        Available = "available",
        Deleting = "deleting",
        Error = "error",
        ErrorDeleting = "error_deleting",
        ErrorManaging = "error_managing",
        Managing = "managing",
        Attaching = "attaching",
        InUse = "in-use",
        Detaching = "detaching",
        Maintenance = "maintenance",
        RestoringBackup = "restoring-backup",
        ErrorRestoring = "error_restoring",
        Reserved = "reserved",
        /// A volume's if and only if exactly one pending transfer names it.
        AwaitingTransfer = "awaiting-transfer",
        BackingUp = "backing-up",
        ErrorBackingUp = "error_backing-up",
        ErrorExtending = "error_extending",
        Downloading = "downloading",
        Uploading = "uploading",
        Retyping = "retyping",
        Extending = "extending",
    }

    /// What a volume's attachments can be reset to.
    pub enum AttachStatus {
        Attached = "attached",
        Detached = "detached",
    }

    /// How far a volume's move to another host is. Nothing is migrated here, but admins set and see it.
    pub enum MigrationStatus {
        Migrating = "migrating",
        Error = "error",
        Success = "success",
        Completing = "completing",
        /// Never migrated: shown as null.
        None = "none",
        Starting = "starting",
    }

    /// How a volume is paid for; `prepaid` is EVS's yearly or monthly billing (包周期).
    #[derive(Default)]
    pub enum Billing {
        #[default]
        Postpaid = "postpaid",
        Prepaid = "prepaid",
    }

    /// Whether a volume lies in dedicated storage: DSS, or DESS (enterprise).
    #[derive(Default)]
    pub enum DedicatedStorage {
        #[default]
        None = "none",
        Dss = "dss",
        Dess = "dess",
    }
}

/// A volume, whole.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize_tuple)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own that a rule or a view asks about
pub struct Volume {
    pub id: Id,
    pub project_id: ProjectId,
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    /// GiB; 0 where its adoption failed.
    pub size: i64,
    pub status: VolumeStatus,
    pub availability_zone: Option<String>,
    pub volume_type: Option<String>,
    /// Cinder's flag: it can be booted from.
    #[serde(deserialize_with = "stored::flag")]
    pub bootable: bool,
    /// EVS's: it is a server's system disk.
    #[serde(deserialize_with = "stored::flag")]
    pub system_disk: bool,
    #[serde(deserialize_with = "stored::flag")]
    pub encrypted: bool,
    #[serde(deserialize_with = "stored::flag")]
    pub frozen: bool,
    pub billing: Billing,
    pub backup_policy_id: Option<String>,
    pub dedicated_storage: DedicatedStorage,
    #[serde(deserialize_with = "stored::flag")]
    pub replication_enabled: bool,
    pub consistency_group_id: Option<String>,
    #[serde(deserialize_with = "stored::flag")]
    pub multiattach: bool,
    /// Whether it counts for its project's quota.
    #[serde(deserialize_with = "stored::flag")]
    pub consumes_quota: bool,
    #[serde(with = "stored::object")]
    pub metadata: Map<String, Value>,
    /// What an export of Cinder or EVS carries besides, under its own names (attachments, tags, …).
    #[serde(with = "stored::object")]
    pub extra: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Option<Time>,
    /// When a volume that is `creating`, or on offer for a time, will be `available`; `None` on any other.
    #[serde(deserialize_with = "Provisioning::stored")]
    pub provisioning: Option<Provisioning>,
}

impl Volume {
    /// What is known of the image that it was made of stands under this key.
    pub const IMAGE_METADATA: &'static str = "volume_image_metadata";

    /// What is known of the image that it was made of.
    pub fn image_metadata(&self) -> Map<String, Value> {
        self.extra.get(Self::IMAGE_METADATA).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// What it counts for.
    pub const fn usage(&self) -> Usage {
        if self.consumes_quota { Usage::volume(self.size) } else { Usage::NONE }
    }

    /// Whether metadata says that its volume is encrypted. Source: EVS, "creating disks" (`metadata`).
    pub fn metadata_encrypts(metadata: &Map<String, Value>) -> bool {
        metadata.get("__system__encrypted").and_then(Value::as_str) == Some("1")
    }

    /// How metadata says that its volume is paid for. Source: EVS, "querying details of all disks" (`metadata`).
    pub fn metadata_bills(metadata: &Map<String, Value>) -> Billing {
        text_of(metadata, "orderID").map_or(Billing::Postpaid, |_| Billing::Prepaid)
    }

    /// The backup policy that metadata says is applied. Source: Open Telekom Cloud's "querying disk details".
    pub fn metadata_backs_up(metadata: &Map<String, Value>) -> Option<String> {
        text_of(metadata, "policy").map(str::to_owned)
    }
}

/// A text that says something: exports write null or an empty text for nothing.
pub fn text_of<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// What a volume waits for until it is `available` by itself: a new one to be made, one on offer for the offer's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioning {
    Until(Time),
    /// So many reads of it more, 1 or more.
    Reads(i64),
}

impl Provisioning {
    /// When the volume is ready, or after how many reads.
    pub const fn when(self) -> (Option<Time>, Option<i64>) {
        match self {
            Self::Until(at) => (Some(at), None),
            Self::Reads(left) => (None, Some(left)),
        }
    }

    /// As a row has it.
    fn stored<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Self>, D::Error> {
        match <(Option<Time>, Option<i64>)>::deserialize(from)? {
            (Some(at), None) => Ok(Some(Self::Until(at))),
            (None, left) => Ok(left.map(Self::Reads)),
            (Some(_), Some(_)) => Err(D::Error::custom("both of two")),
        }
    }
}

/// As a row has it.
impl Serialize for Provisioning {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.when().serialize(to)
    }
}

impl Listed for Volume {
    fn place(&self) -> (Id, Time, Option<&ProjectId>) {
        (self.id, self.created_at, Some(&self.project_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_word_is_a_status() {
        for word in KnownStatus::WORDS {
            let known = KnownStatus::parse(word).unwrap();
            assert_eq!(Some(VolumeStatus::from(known)), VolumeStatus::parse(word));
            assert!(VolumeStatus::from(known).is(known));
        }
    }
}
