//! The built-in way: `X-Auth-Token` is a token that sign-in has given out. What it stands for is looked up once a second at most.

use super::fresh::Fresh;
use crate::identity::prelude::*;
use crate::store::{Store, StoreError, identity};

/// The built-in way.
pub struct BuiltIn {
    store: Store,
    clock: Arc<dyn Clock>,
    /// By the hash of a token: to when it is good, and who has it.
    known: Fresh<[u8; 32], (Time, Caller)>,
}

impl BuiltIn {
    /// By the tokens of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: Fresh::default() }
    }

    /// Who has this token.
    pub async fn identify(&self, token: Option<&[u8]>) -> Result<Caller, Unidentified> {
        let advice = "Send X-Auth-Token with a token of POST /identity/v3/auth/tokens";
        let token = token.ok_or_else(|| Unidentified::Refused(advice.to_owned()))?;
        let hash: [u8; 32] = Sha256::digest(token).into();
        let known = self.known.get(&hash, async || self.ask(hash).await).await.map_err(|error| {
            tracing::warn!(%error, "a token cannot be looked up");
            Unidentified::Unavailable("The database cannot be asked whose token this is".to_owned())
        })?;
        let who = known.filter(|(expires_at, _)| *expires_at > self.clock.now()).map(|(_, who)| who);
        who.ok_or_else(|| Unidentified::Refused("X-Auth-Token is unknown, revoked or over. Sign in again".to_owned()))
    }

    async fn ask(&self, hash: [u8; 32]) -> Result<Option<(Time, Caller)>, StoreError> {
        let mut db = self.store.reader().await?;
        let signed = identity::by_token(&mut db, &hex(hash), self.clock.now()).await?;
        Ok(signed.map(|signed| (signed.session.expires_at, signed.into())))
    }
}
