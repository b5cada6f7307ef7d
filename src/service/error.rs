//! All that an operation can say no with. Which status and wording each has, `http::errors` alone knows.

use super::hash::HashError;
use crate::{
    domain::{Id, rules::Refusal},
    store::{StoreError, write::MaybeStore},
};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such volume, or it is another project's: the caller cannot tell which.
    #[error("volume {0} could not be found")]
    VolumeNotFound(Id),
    /// There is no such pending transfer, or it is another project's.
    #[error("transfer could not be found")]
    TransferNotFound,
    /// Every rule that said no, at least one.
    #[error("volume may not be transferred: {}", .0.iter().map(|refusal| refusal.code).collect::<Vec<_>>().join(", "))]
    Refused(Vec<Refusal>),
    #[error("the auth key does not open transfer {0}")]
    WrongKey(Id),
    /// A list's marker names no transfer of the caller's.
    #[error("the marker names no transfer of the caller's")]
    MarkerNotFound,
    /// The caller went away before anything was done.
    #[error("nobody waits for the answer")]
    Abandoned,
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MaybeStore for Error {
    fn as_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
