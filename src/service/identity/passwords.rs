//! Passwords and tokens: what a password may be, how it is hashed and tried, and what tokens are made of.

use sha2::{Digest, Sha256};

use super::Identity;
use crate::domain::limits::PASSWORD;
use crate::service::prelude::*;

/// From so many characters on it is looked whether everybody knows the password: a fixture may have shorter ones.
const JUDGED_FROM: usize = 8;

/// The passwords that are tried first by whoever tries: the most common of eight characters and more.
const COMMON: &str = include_str!("common_passwords.txt");

/// What a password is tried against where there is none, so that it takes as long: a hash of nothing that anybody knows.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIGl0$Xk3W5hQZ0c1vYy8nqv0v0mXo6bqv2yJ4lq3z4n0h1aE";

/// What is kept of a token.
pub fn token_hash(token: &SecretString) -> String {
    hex(&Sha256::digest(token.expose_secret()))
}

impl Identity {
    /// Whether a password may be one.
    ///
    /// # Errors
    /// What is wrong with it, and what is expected; never the password.
    pub fn judge(&self, password: &SecretString) -> Result<(), String> {
        let (text, least) = (password.expose_secret(), self.password_length);
        if !(least..=PASSWORD).contains(&text.chars().count()) || text.contains('\0') {
            return Err(format!("The password must have {least} to {PASSWORD} characters, none of them NUL. Choose another."));
        }
        let is_common = least >= JUDGED_FROM && COMMON.lines().any(|common| common.eq_ignore_ascii_case(text));
        if is_common { Err("The password is one that everybody tries first. Choose another.".to_owned()) } else { Ok(()) }
    }
}

impl Service {
    /// The PHC string of a password or of an application credential's secret, which waits for its turn behind those of `whose`.
    pub async fn hash_password(&self, password: SecretString, whose: &str) -> Result<String, HashError> {
        let salt = random::bytes(&*self.random);
        self.identity.passwords.hash(password, salt, Turn::of(whose)).await
    }
}

impl Context {
    /// The PHC string of what this caller has sent.
    ///
    /// # Errors
    /// [`Error::Hash`] when too many wait.
    pub async fn hash_password(&self, password: SecretString) -> Result<String, Error> {
        Ok(self.service.hash_password(password, self.caller.project.as_str()).await?)
    }

    /// Whether a password is that of `phc`; without one it never is, and takes as long.
    pub(super) async fn tries(&self, password: SecretString, phc: Option<&str>) -> Result<bool, Error> {
        let whose = self.address.map(|address| address.to_string()).unwrap_or_default();
        let phc_tried = phc.unwrap_or(NOBODYS).to_owned();
        let tried = self.service.identity.passwords.verify(password, phc_tried, Turn::of(&whose)).await?;
        Ok(tried && phc.is_some())
    }
}
