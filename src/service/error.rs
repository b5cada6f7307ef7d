//! All that an operation can say no with. Which kind each is, and the words of those that bring none, `http::answer::errors` alone knows.

use crate::domain::rules::Refusal;
use crate::service::prelude::*;
use crate::store::write::MaybeStore;

/// What an operation gives, or why it does not.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation was refused, or could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such record, or it is another project's: the caller cannot tell which.
    #[error("{record_kind} {id} could not be found", record_kind = .0.as_str(), id = .1)]
    NotFound(RecordKind, Id),
    /// The record has nothing under this key of its metadata.
    #[error("{record_kind} {id} has no metadata with key {key}", record_kind = .0.as_str(), id = .1, key = .2)]
    NoMetadata(RecordKind, Id, String),
    /// What is asked for of a record is not there: which, in Cinder's words, and what to do.
    #[error("{0}")]
    Missing(String),
    /// Every rule that said no, at least one.
    #[error("volume may not be transferred: {}", .0.iter().map(|refusal| refusal.code).collect::<Vec<_>>().join(", "))]
    Refused(Vec<Refusal>),
    #[error("the auth key does not open transfer {0}")]
    WrongKey(Id),
    /// What the record is, or what is asked of it, does not allow it: Cinder's words, what was expected, what to do.
    #[error("{0}")]
    Invalid(String),
    /// More than a project may have: which limit, in Cinder's words, and what to do.
    #[error("{0}")]
    OverQuota(String),
    /// The policy lets none of the caller's roles do it, or not to this project's.
    #[error("policy doesn't allow {}", .0.spoken())]
    Forbidden(&'static Action),
    /// The credentials do not open anything, in Keystone's words: which of them is wrong is not said.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// Too many tries have failed: which, in a sentence, and in how many seconds to come again.
    #[error("{0} The next may be tried in {1} seconds")]
    TooMany(&'static str, u64),
    /// The identity has no such thing: what it is, and its id.
    #[error("could not find {0}: {1}")]
    NotKnown(&'static str, String),
    /// There is such a thing already, in Keystone's words or Cinder's.
    #[error("{0}")]
    Conflict(String),
    /// A list's marker names no record of the caller's.
    #[error("the marker names no record of the caller's")]
    MarkerNotFound,
    /// The name that this header gives the request was given to another request.
    #[error("the value of {0} was used for another request")]
    KeyReused(&'static str),
    /// The request of this name was done too long ago to be answered again.
    #[error("the request that {0} names was done too long ago")]
    Expired(&'static str),
    /// Another request of this name is being done, and does not come to an end.
    #[error("another request with the same {0} is being done: {1}")]
    InProgress(&'static str, StoreError),
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
        if let Self::Store(error) | Self::InProgress(_, error) = self { Some(error) } else { None }
    }
}
