//! Who is calling. Each way of saying so is a file; what they come down to is a [`Caller`].

mod built_in;
mod fresh;
pub mod keystone;
mod no_auth;
mod prelude;
pub mod signature;
mod signed;

use std::borrow::Cow;

use actix_web::http::header::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

pub use self::built_in::BuiltIn;
use self::keystone::Keystone;
pub use self::signed::Signed;
use crate::domain::identity::SignedIn;
use crate::domain::{Caller, ProjectId};
use crate::secrets::sealing::hex;

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

/// Whether a request says who is calling by a signature: then its body's hash is asked for.
pub fn is_signed(headers: &HeaderMap) -> bool {
    // what is signed in another way is told which one is taken
    let is_any = |value: &HeaderValue| [&b"SDK-"[..], b"V11-"].iter().any(|known| value.as_bytes().starts_with(known));
    headers.get("Authorization").is_some_and(is_any)
}

impl From<SignedIn> for Caller {
    fn from(signed: SignedIn) -> Self {
        let project = signed.project.and_then(|project| ProjectId::parse(&project.id)).unwrap_or_default();
        Self { user: signed.user.id, project, roles: signed.roles.into_iter().map(|role| role.name).collect() }
    }
}

/// It is not known who is calling. No message holds a token, a key or a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unidentified {
    /// What was sent does not say, or is not believed: 401. What is wrong with it, and what to send; a sentence without its stop.
    Refused(String),
    /// Whoever knows could not be asked: 503. Who, and what went wrong.
    Unavailable(String),
}

/// Who is asked who is calling.
pub struct Identity {
    pub way: Way,
    /// Who is asked of requests that are signed; `None` where a signature is not looked at.
    pub signed: Option<Signed>,
}

/// The way in force.
pub enum Way {
    /// Believe what the token says: for loopback, and for those who know what they do.
    NoAuth,
    /// Ask the built-in identity.
    BuiltIn(BuiltIn),
    /// Believe what a Keystone says of the token.
    Keystone(Box<Keystone>),
}

impl Identity {
    /// Who is calling.
    ///
    /// # Errors
    /// When the credentials are malformed or not believed, or nobody can say.
    pub async fn identify(&self, head: &Head<'_>) -> Result<Caller, Unidentified> {
        // what is before the service may have looked at the other one
        if let Some(twice) = ["X-Auth-Token", "Authorization"].iter().find(|name| head.headers.get_all(**name).count() > 1) {
            return Err(Unidentified::Refused(format!("{twice} is there twice; send one")));
        }
        if let Some(signed) = self.signed.as_ref().filter(|_| is_signed(head.headers)) {
            return signed.identify(head).await;
        }
        // secret: never logged, never stored
        let token = head.headers.get("X-Auth-Token").map(HeaderValue::as_bytes);
        match &self.way {
            Way::NoAuth => no_auth::identify(token, head.path_project),
            Way::BuiltIn(built_in) => built_in.identify(token).await,
            Way::Keystone(keystone) => keystone.identify(token).await,
        }
    }

    /// What tells the signature of a request from any other, where signatures are looked at.
    pub fn signature(&self, headers: &HeaderMap) -> Option<String> {
        self.signed.as_ref().filter(|_| is_signed(headers))?;
        Some(hex(Sha256::digest(signature::sent(headers)?)))
    }

    /// The `WWW-Authenticate` of who is not believed: how to say who is calling, to this service at `url`.
    pub fn challenge(&self, url: &str) -> Cow<'static, str> {
        match &self.way {
            Way::NoAuth => "X-Auth-Token realm=\"user:project\"".into(),
            Way::BuiltIn(_) => format!("Keystone uri=\"{url}/identity/v3\"").into(),
            Way::Keystone(keystone) => keystone.challenge.clone().into(),
        }
    }
}
