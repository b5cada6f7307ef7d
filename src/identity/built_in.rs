//! The built-in way: `X-Auth-Token` is a token that sign-in has given out. What it stands for is looked up once a second at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::{FRESH, Identified, MOST_KNOWN, Unidentified};
use crate::clock::Clock;
use crate::domain::Time;
use crate::secrets::sealing::hex;
use crate::store::{Store, identity};

/// The built-in way.
pub struct BuiltIn {
    store: Store,
    clock: Arc<dyn Clock>,
    /// By the hash of a token: tokens that are good, and no others, so that bad ones push none out.
    known: Mutex<HashMap<[u8; 32], Known>>,
}

#[derive(Clone)]
struct Known {
    who: Identified,
    expires_at: Time,
    asked_at: Instant,
}

impl BuiltIn {
    /// By the tokens of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: Mutex::default() }
    }

    /// Who has this token.
    pub async fn identify(&self, token: Option<&[u8]>) -> Result<Identified, Unidentified> {
        let Some(token) = token else {
            return Err(Unidentified::Refused("Send X-Auth-Token with a token of POST /identity/v3/auth/tokens".to_owned()));
        };
        let hash: [u8; 32] = Sha256::digest(token).into();
        let known = self.known().get(&hash).cloned().filter(|known| known.asked_at.elapsed() < FRESH);
        let known = match known {
            Some(known) => known,
            None => self.ask(hash).await?,
        };
        if known.expires_at <= self.clock.now() {
            return Err(refused());
        }
        Ok(known.who)
    }

    async fn ask(&self, hash: [u8; 32]) -> Result<Known, Unidentified> {
        // not when it answers: from here on it may be otherwise
        let asked_at = Instant::now();
        let asking = async {
            let mut db = self.store.reader().await?;
            identity::by_token(&mut db, &hex(&hash), self.clock.now()).await
        };
        let signed = asking.await.map_err(|error| {
            tracing::warn!(%error, "a token cannot be looked up");
            Unidentified::Unavailable("The database cannot be asked whose token this is".to_owned())
        })?;
        let Some(signed) = signed else {
            self.known().remove(&hash);
            return Err(refused());
        };
        let who = Identified { user: signed.user.id.clone(), project: signed.project_id(), roles: signed.roles() };
        let known = Known { who, expires_at: signed.session.expires_at, asked_at };
        let mut all = self.known();
        if all.len() >= MOST_KNOWN {
            all.retain(|_, known| known.asked_at.elapsed() < FRESH);
        }
        if all.len() < MOST_KNOWN {
            all.insert(hash, known.clone());
        }
        Ok(known)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<[u8; 32], Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused() -> Unidentified {
    Unidentified::Refused("X-Auth-Token is unknown, revoked or over. Sign in again".to_owned())
}
