//! Documents that carry volumes, transfers and quotas from one place to another: our own form in YAML or JSON, and the answers of
//! Cinder's and EVS's `…/detail` calls. Text to records and back; no database, no clock.

mod copies;
mod form;
mod identity;
mod prelude;
mod quota;
mod read;
mod record;
mod sink;
mod source;
mod transfer;
mod value;
mod volume;
mod volume_type;
pub mod write;

pub use copies::{CopyRecord, LooseCopy, Origin};
pub use identity::{AccessKeyFields, IdentityRecord};
pub use quota::QuotaRecord;
pub use read::{ReadError, read};
pub use record::{Fault, Place};
pub use sink::Batch;
pub use source::{Pass, Source, Step};
pub use transfer::{Ended, Key, Stated, TransferRecord};
pub use volume::VolumeRecord;
pub use volume_type::TypeRecord;

/// The key that `export` writes first. Its value is the version of our own form, and says that the document was written by
/// a program which knew what it wrote: keys that are not ours are kept then, where a person's slip would be refused.
pub const MARKER: &str = "handover";

/// The newest version of our own form that is read, and the one that is written.
pub const VERSION: u64 = 1;
