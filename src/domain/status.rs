//! The words that Cinder has for the states of a volume. A volume's own status may be any word, since clouds invent them; who
//! moves one names it from these closed lists.

str_enum! {
    /// A status that Cinder knows. Source: Cinder's `objects/fields.py`.
    pub enum KnownStatus {
        Creating = "creating",
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VolumeStatus;

    #[test]
    fn every_known_word_is_a_status() {
        for word in KnownStatus::WORDS {
            let known = KnownStatus::parse(word).unwrap();
            assert_eq!(Some(VolumeStatus::from(known)), VolumeStatus::parse(word));
            assert!(VolumeStatus::from(known).is(known));
        }
    }
}
