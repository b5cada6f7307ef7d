//! What is true of volumes, snapshots, backups, quotas and transfers, whoever asks and wherever they are kept.
//! No I/O, no clock, no randomness of its own: ids, times and random bytes are handed in.

// first, so that what is below is written in them
#[macro_use]
pub(crate) mod str_enum;
#[macro_use]
mod word;

pub mod act;
pub mod attachment;
pub mod auth_key;
pub mod believed;
pub mod caller;
pub mod catalog;
pub mod copy;
pub mod dialect;
pub mod filter;
pub mod id;
pub mod identity;
pub mod limits;
pub mod metadata;
pub mod name;
pub mod page;
pub mod project;
pub mod provisioning;
pub mod quota;
pub mod quote;
pub mod record_kind;
pub mod rules;
pub mod span;
pub mod status;
pub mod stored;
pub mod time;
pub mod transfer;
pub mod volume;
pub mod volume_type;

pub use act::Act;
pub use auth_key::AuthKey;
pub use caller::{AuthMode, Caller, Roles};
pub use copy::VolumeCopy;
pub use dialect::Dialect;
pub use id::Id;
pub use name::TransferName;
pub use project::ProjectId;
pub use record_kind::RecordKind;
pub use status::KnownStatus;
pub use time::Time;
pub use transfer::{Offer, Transfer};
pub use volume::{Volume, VolumeStatus};
pub use volume_type::VolumeType;
