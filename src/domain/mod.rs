//! What is true of volumes, snapshots, backups, quotas and transfers, whoever asks and wherever they are kept.
//! No I/O, no clock, no randomness of its own: ids, times and random bytes are handed in.

// first, so that what is below is written in them
#[macro_use]
pub(crate) mod str_enum;

pub mod act;
pub mod attachment;
pub mod auth_key;
pub mod caller;
pub mod catalog;
pub mod copy;
pub mod id;
pub mod identity;
pub mod limits;
pub mod metadata;
pub mod page;
mod prelude;
pub mod quota;
pub mod quote;
pub mod rules;
pub mod span;
pub mod stored;
pub mod time;
pub mod transfer;
pub mod volume;
pub mod volume_type;

pub use act::{Act, RecordKind};
pub use auth_key::AuthKey;
pub use caller::{AuthMode, Caller, Dialect, ProjectId, Roles};
pub use copy::VolumeCopy;
pub use id::Id;
pub use time::Time;
pub use transfer::{Offer, Transfer, TransferName};
pub use volume::{KnownStatus, Volume, VolumeStatus};
pub use volume_type::VolumeType;
