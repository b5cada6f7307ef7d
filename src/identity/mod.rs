//! Who is calling. Each way of saying so is a file; what they come down to is an [`Identified`].

mod no_auth;

use crate::domain::{ProjectId, Roles};

/// What a request says of its caller, before anything is believed.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// `X-Auth-Token`. Secret: never logged, never stored.
    pub token: Option<Vec<u8>>,
    /// The project in the path, where the path has one.
    pub path_project: Option<ProjectId>,
}

/// A caller, with a project where the credentials or the path name one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    pub user: String,
    pub project: Option<ProjectId>,
    pub roles: Roles,
}

/// The credentials do not say who is calling: 401.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unidentified(pub &'static str);

/// The way in force.
#[derive(Debug, Clone, Copy)]
pub enum Identity {
    /// Believe what the token says: for loopback, and for those who know what they do.
    NoAuth,
}

impl Identity {
    /// Who is calling.
    ///
    /// # Errors
    /// When the credentials are malformed or not believed.
    pub fn identify(self, credentials: &Credentials) -> Result<Identified, Unidentified> {
        match self {
            Self::NoAuth => no_auth::identify(credentials),
        }
    }
}
