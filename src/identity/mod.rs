//! Who is calling. Each way of saying so is a file; what they come down to is an [`Identified`].

pub mod keystone;
mod no_auth;

use std::borrow::Cow;

use actix_web::http::header::{HeaderMap, HeaderValue};

use self::keystone::Keystone;
use crate::domain::{ProjectId, Roles};

/// What a request says of its caller, before anything is believed: its head, and of its body the hash.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    pub method: &'r str,
    /// The path and the query as they were sent, before anything in them is decoded.
    pub path: &'r str,
    pub query: &'r str,
    pub headers: &'r HeaderMap,
    /// The project in the path, where the path has one.
    pub path_project: Option<&'r ProjectId>,
    /// SHA-256 of the body; known where the head says that the request is signed.
    pub body_hash: Option<[u8; 32]>,
}

impl<'r> Head<'r> {
    /// `X-Auth-Token`. Secret: never logged, never stored.
    pub fn token(&self) -> Option<&'r [u8]> {
        self.headers.get("X-Auth-Token").map(HeaderValue::as_bytes)
    }
}

/// Whether a request says who is calling by a signature: then its body's hash is asked for.
pub fn is_signed(headers: &HeaderMap) -> bool {
    headers.get("Authorization").is_some_and(|value| value.as_bytes().starts_with(b"SDK-"))
}

/// A caller, with a project where the credentials or the path name one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    pub user: String,
    pub project: Option<ProjectId>,
    pub roles: Roles,
}

/// It is not known who is calling. No message holds a token, a key or a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// What was sent does not say, or is not believed: 401. What is wrong with it, and what to send; a sentence without its stop.
    #[error("{0}")]
    Refused(String),
    /// Whoever knows could not be asked: 503. Who, and what went wrong.
    #[error("{0}")]
    Unavailable(String),
}

/// The way in force.
pub enum Identity {
    /// Believe what the token says: for loopback, and for those who know what they do.
    NoAuth,
    /// Believe what a Keystone says of the token.
    Keystone(Box<Keystone>),
}

impl Identity {
    /// Who is calling.
    ///
    /// # Errors
    /// When the credentials are malformed or not believed, or nobody can say.
    pub async fn identify(&self, head: &Head<'_>) -> Result<Identified, Unidentified> {
        match self {
            Self::NoAuth => no_auth::identify(head.token(), head.path_project),
            Self::Keystone(keystone) => keystone.identify(head.token()).await,
        }
    }

    /// The `WWW-Authenticate` of who is not believed: how to say who is calling.
    pub fn challenge(&self) -> Cow<'static, str> {
        match self {
            Self::NoAuth => "X-Auth-Token realm=\"user:project\"".into(),
            Self::Keystone(keystone) => keystone.challenge().into(),
        }
    }
}
