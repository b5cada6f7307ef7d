//! The transfer: an offer of one volume, and how it ended.

use super::limits::NAME;
use super::prelude::*;

str_enum! {
    /// The resource name that an offer was made under: EVS and Cinder call the same six operations by these two.
    pub enum Resource {
        OsVolumeTransfer = "os-volume-transfer",
        VolumeTransfers = "volume-transfers",
    }

    /// How an offer ended.
    pub enum Ending {
        /// The recipient's project claimed the volume.
        Accepted = "accepted",
        /// The donor or an admin took the offer back.
        Deleted = "deleted",
        /// Nobody claimed it by the moment at which it was to end.
        Expired = "expired",
        /// Its volume was deleted, or an admin reset the volume's status.
        Withdrawn = "withdrawn",
    }
}

/// Which path and version an offer was made on: some rules are looser on `volume-transfers` from 3.70 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct MadeOn {
    pub resource: Resource,
    /// The minor number of a `/v3` microversion (3.55 is 55); `None` on `/v2`.
    pub microversion: Option<u16>,
}

impl MadeOn {
    /// Whether the offer was made on `volume-transfers` at this microversion or a later one.
    pub fn is_volume_transfers_from(self, minor: u16) -> bool {
        self.resource == Resource::VolumeTransfers && self.microversion.is_some_and(|version| version >= minor)
    }
}

/// Who did something, when, and in which request: the audit of a transfer's beginning and end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct Stamp {
    pub at: Time,
    pub project_id: ProjectId,
    pub user_id: String,
    /// The request's id without `req-`: unlike the rest it is never the same twice, so it tells whether this very act was
    /// committed when the answer to COMMIT was lost.
    pub request_id: Id,
}

/// A transfer's state carries its own facts: only a pending one has a key, only an ended one an ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The Argon2id hash of the auth key, a PHC string.
    Pending {
        auth_key_hash: String,
    },
    Ended {
        how: Ending,
        by: Stamp,
    },
}

impl State {
    /// The stored word of a state that is not an [`Ending`].
    pub const PENDING: &'static str = "pending";
    /// Every word of a state.
    pub const WORDS: [&'static str; 5] =
        [Self::PENDING, Ending::WORDS[0], Ending::WORDS[1], Ending::WORDS[2], Ending::WORDS[3]];

    /// Who ended it; `None` while it is pending.
    pub const fn ended_by(&self) -> Option<&Stamp> {
        if let Self::Ended { by, .. } = self { Some(by) } else { None }
    }

    fn hash(&self) -> Option<&str> {
        if let Self::Pending { auth_key_hash } = self { Some(auth_key_hash) } else { None }
    }

    /// The word that is stored and listed for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending { .. } => Self::PENDING,
            Self::Ended { how, .. } => how.as_str(),
        }
    }
}

/// As a row has it: the state's word, the hash, and who ended it when and in which request.
impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct By(Option<Time>, Option<ProjectId>, Option<String>, Option<Id>);

        let (word, hash, By(at, project_id, user_id, request_id)) = <(String, Option<String>, By)>::deserialize(from)?;
        if word == Self::PENDING {
            return Ok(Self::Pending { auth_key_hash: hash.ok_or_else(|| D::Error::custom("pending without a hash"))? });
        }
        let how = Ending::parse(&word).ok_or_else(|| D::Error::custom("no state"))?;
        let (Some(at), Some(project_id), Some(user_id), Some(request_id)) = (at, project_id, user_id, request_id) else {
            return Err(D::Error::custom("ended, but by nobody"));
        };
        Ok(Self::Ended { how, by: Stamp { at, project_id, user_id, request_id } })
    }
}

/// As a row has it.
impl Serialize for State {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.as_str(), self.hash(), self.ended_by()).serialize(to)
    }
}

/// A transfer's name: trimmed of Unicode white space, then 1 to 255 bytes of UTF-8 without NUL.
/// EVS counts bytes where Cinder counts characters; we count bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Display, Serialize)]
pub struct TransferName(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("name is empty or blank; give 1 to 255 bytes of UTF-8, or leave the field out")]
    Blank,
    #[error("name has {0} bytes of UTF-8 after trimming; shorten it to 255 or fewer")]
    TooLong(usize),
    #[error("name holds a NUL character; leave it out")]
    Nul,
}

impl TransferName {
    /// Takes a name, trimmed.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.trim() {
            "" => Err(NameError::Blank),
            name if name.len() > NAME => Err(NameError::TooLong(name.len())),
            // PostgreSQL cannot store it, and no client means it
            name if name.contains('\0') => Err(NameError::Nul),
            name => Ok(Self(name.to_owned())),
        }
    }
}

word!(TransferName, "a name", |text| TransferName::parse(text).ok());

/// What never changes of a transfer from its making on: all that the compatible API shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct Offer {
    pub id: Id,
    pub volume_id: Id,
    pub name: Option<TransferName>,
    /// Who made it: `at` is `created_at`, `project_id` the donor.
    pub made: Stamp,
    pub made_on: MadeOn,
    /// Snapshots stay behind with the donor (`volume-transfers` from 3.55).
    #[serde(deserialize_with = "stored::flag")]
    pub no_snapshots: bool,
    /// The moment at which it ends by itself; `None` where it does not.
    pub expires_at: Option<Time>,
}

impl Offer {
    /// Whether its time is over: from its very moment on.
    pub fn is_over(&self, at: Time) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }
}

/// An offer and its state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize_tuple)]
pub struct Transfer {
    pub offer: Offer,
    pub state: State,
}

impl Transfer {
    /// Who has claimed it; `None` where nobody has.
    pub fn recipient(&self) -> Option<&Stamp> {
        if let State::Ended { how: Ending::Accepted, by } = &self.state { Some(by) } else { None }
    }

    /// The hash to check a key against; `None` when the offer has ended, and with it the transfer's life on the API.
    pub fn pending_hash(&self) -> Option<&str> {
        self.state.hash()
    }
}

impl Listed for Transfer {
    fn place(&self) -> (Id, Time, Option<&ProjectId>) {
        (self.offer.id, self.offer.made.at, Some(&self.offer.made.project_id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_trimmed_once_and_stays_so(text in "\\PC{0,300}") {
            match TransferName::parse(&text) {
                Ok(name) => {
                    prop_assert_eq!(name.as_str(), text.trim());
                    prop_assert!((1..=255).contains(&name.as_str().len()));
                    prop_assert_eq!(TransferName::parse(name.as_str()), Ok(name));
                }
                Err(NameError::Blank) => prop_assert!(text.trim().is_empty()),
                Err(NameError::TooLong(bytes)) => prop_assert!(bytes > 255 && bytes == text.trim().len()),
                Err(NameError::Nul) => prop_assert!(text.contains('\0')),
            }
        }
    }

    #[test]
    fn bytes_are_counted_not_characters() {
        assert!(TransferName::parse(&"盘".repeat(85)).is_ok());
        assert_eq!(TransferName::parse(&"盘".repeat(86)), Err(NameError::TooLong(258)));
    }
}
