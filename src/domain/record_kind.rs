//! What the kinds of records are called, wherever one is named.

str_enum! {
    /// A kind of record, as it is called within a sentence. Source of the names: Cinder's exceptions.
    pub enum RecordKind {
        Volume = "volume",
        Transfer = "transfer",
        Snapshot = "snapshot",
        Backup = "backup",
        VolumeType = "volume type",
    }
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
}
