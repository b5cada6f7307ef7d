//! What the kinds of records are called, wherever one is named.

/// A kind of record. Source of the names: Cinder's exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    Volume,
    Transfer,
    Snapshot,
    Backup,
    VolumeType,
}

impl RecordKind {
    /// As a message begins with it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Volume => "Volume",
            Self::Transfer => "Transfer",
            Self::Snapshot => "Snapshot",
            Self::Backup => "Backup",
            Self::VolumeType => "Volume type",
        }
    }

    /// Within a sentence.
    pub const fn lowercase(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Transfer => "transfer",
            Self::Snapshot => "snapshot",
            Self::Backup => "backup",
            Self::VolumeType => "volume type",
        }
    }
}
