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
    pub fn title(self) -> String {
        let (first, rest) = self.as_str().split_at(1);
        first.to_uppercase() + rest
    }
}
