//! Application credentials and access keys as they are made.

use sha2::{Digest, Sha256};

use super::{Identity, permit_change, token};
use crate::domain::limits::PASSWORD;
use crate::service::prelude::*;

/// The caller as its token has it, on a project, where it may make application credentials of its own for it: not by one that was
/// got by such a credential itself, unless that says so.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn own(cx: &Context, user: &str, own: Option<&SecretString>) -> Result<SignedIn> {
    permit_change(cx, &policy::IDENTITY_MAKE_CREDENTIAL, Some(user), (CredentialKind::Application.as_str(), None)).await?;
    let project = cx.caller.project.some().map(ToString::to_string);
    if cx.believes() {
        return Ok(cx.believe(&Believed { user: user.to_owned(), project: Some(project.unwrap_or_else(|| user.to_owned())) }));
    }
    let forbidden = || Error::Forbidden(&policy::IDENTITY_MAKE_CREDENTIAL);
    let signed = token(cx, &policy::IDENTITY_VALIDATE_TOKEN, own.ok_or_else(forbidden)?).await?;
    let may = signed.project.is_some() && signed.credential.as_ref().is_none_or(Credential::is_unrestricted);
    if may { Ok(signed) } else { Err(forbidden()) }
}

/// Whether the caller may see to credentials of this user's: not by a signature, nor by a token that was got by an application
/// credential, unless that says so, since another credential may have more of the user's roles, or last longer. Access keys, which
/// have all of them, are not seen to by either.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn permit_credentials(
    cx: &Context,
    action: &'static Action,
    user: &str,
    (kind, id): (CredentialKind, Option<&str>),
    own: Option<&SecretString>,
) -> Result<()> {
    permit_change(cx, action, Some(user), (kind.as_str(), id)).await?;
    ensure!(cx.signature.is_none(), Error::Forbidden(action));
    let Some(own) = own.filter(|_| !cx.believes()) else { return Ok(()) };
    let signed = token(cx, &policy::IDENTITY_VALIDATE_TOKEN, own).await?;
    let is_application = kind == CredentialKind::Application;
    let may = signed.credential.as_ref().is_none_or(|credential| is_application && credential.is_unrestricted());
    if may { Ok(()) } else { Err(Error::Forbidden(action)) }
}

/// The secret of a new application credential: the one that is given, else 86 characters, as Keystone draws them.
pub fn secret(cx: &Context, given: Option<SecretString>) -> SecretString {
    // an empty one is none: ids are no secret
    given.filter(|secret| !secret.expose_secret().is_empty()).unwrap_or_else(|| hex(cx.random_bytes::<43>()).into())
}

/// A new access key of a user's, for one project or for all of the user's, and its secret, which is to be [`sealed`] in it.
pub fn new_key(service: &Service, user_id: String, project_id: Option<String>) -> (Credential, SecretString) {
    let id = hex(random::bytes::<10>(&*service.random)).to_uppercase();
    let secret = SecretString::from(hex(random::bytes::<20>(&*service.random)));
    let new = Credential::new(CredentialKind::AccessKey, id, user_id, service.clock.now());
    (Credential { project_id, ..new }, secret)
}

/// The secret of an access key, as it is kept.
///
/// # Errors
/// Why it cannot be sealed, and what to do.
pub fn sealed(service: &Service, id: &str, secret: &SecretString) -> Result<String, String> {
    let seal = service.identity.seal(&*service.random)?;
    Ok(seal.seal(random::bytes(&*service.random), secret, id))
}

// Passwords and tokens: what a password may be, how it is hashed and tried, and what tokens are made of.

/// From so many characters on it is looked whether everybody knows the password: a fixture may have shorter ones.
const JUDGED_FROM: usize = 8;

/// The passwords that are tried first by whoever tries: the most common of eight characters and more.
const COMMON: &str = include_str!("common_passwords.txt");

/// What a password is tried against where there is none, so that it takes as long: a hash of nothing that anybody knows.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIGl0$Xk3W5hQZ0c1vYy8nqv0v0mXo6bqv2yJ4lq3z4n0h1aE";

/// What is kept of a token.
pub fn token_hash(token: &SecretString) -> String {
    hex(Sha256::digest(token.expose_secret()))
}

impl Identity {
    /// Whether a password may be one.
    ///
    /// # Errors
    /// What is wrong with it, and what is expected; never the password.
    pub fn judge(&self, password: &SecretString) -> Result<(), String> {
        let (text, least) = (password.expose_secret(), self.password_length);
        let fits = (least..=PASSWORD).contains(&text.chars().count()) && !text.contains('\0');
        ensure!(fits, format!("The password must have {least} to {PASSWORD} characters, none of them NUL. Choose another."));
        let is_common = least >= JUDGED_FROM && COMMON.lines().any(|common| common.eq_ignore_ascii_case(text));
        if is_common { Err("The password is one that everybody tries first. Choose another.".to_owned()) } else { Ok(()) }
    }
}

impl Service {
    /// The PHC string of a password or of an application credential's secret, which waits for its turn behind those of `whose`.
    pub async fn hash_password(&self, password: SecretString, whose: &str) -> Result<String, HashError> {
        self.identity.passwords.hash(password, random::bytes(&*self.random), Turn::of(whose)).await
    }
}

impl Context {
    /// The PHC string of what this caller has sent.
    ///
    /// # Errors
    /// [`Error::Hash`] when too many wait.
    pub async fn hash_password(&self, password: SecretString) -> Result<String> {
        Ok(self.service.hash_password(password, self.caller.project.as_str()).await?)
    }

    /// Whether a password is that of `phc`; without one it never is, and takes as long.
    pub(super) async fn tries(&self, password: SecretString, phc: Option<&str>) -> Result<bool> {
        let whose = self.address.map(|address| address.to_string()).unwrap_or_default();
        let phc_tried = phc.unwrap_or(NOBODYS).to_owned();
        let tried = self.service.identity.passwords.verify(password, phc_tried, Turn::of(&whose)).await?;
        Ok(tried && phc.is_some())
    }
}
