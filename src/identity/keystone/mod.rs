//! Keystone's way: the token in `X-Auth-Token` is what a Keystone says that it is, and nothing is without its word. Here is what
//! is kept of it, and who waits for whom; how Keystone is asked is in `question`.

mod question;

use crate::identity::prelude::*;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use rustls::RootCertStore;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use self::question::Questioner;
use crate::domain::limits::{KEYSTONE_QUEUE, KEYSTONE_TIME, TOKEN, TOKENS};

/// Which Keystone, and what of it is believed.
pub struct Config {
    /// Without the `/v3` at its end.
    pub url: String,
    /// As whom it is asked.
    pub account: Account,
    /// Whose certificates it may have.
    pub authorities: RootCertStore,
    /// For how long its word on a token is kept.
    pub memory: Duration,
}

/// How long a refusal is kept: a client that goes on with a dead token asks Keystone twice a minute.
const REFUSAL: Duration = Duration::from_secs(30);
/// Questions under way about tokens that were never good, and about those that were: a flood of the first keeps none of the
/// second waiting. Keystone serves few at once.
const STRANGERS: usize = 24;
const ACQUAINTANCES: usize = 8;

/// SHA-256 of a token: what is kept opens nothing.
type Key = [u8; 32];

/// A Keystone, and what it said.
pub struct Keystone {
    questioner: Questioner,
    clock: Arc<dyn Clock>,
    memory: Duration,
    /// Those that have had their time stay until there is no room: they tell an acquaintance.
    good: Cache<Key, Good>,
    /// When they were refused. Apart, so that a flood of bad tokens pushes no good one out.
    refused: Cache<Key, Time>,
    strangers: Lane,
    acquaintances: Lane,
}

/// Keystone's word on a token, and when it may be relied on. A clock that was set back ends it too.
#[derive(Clone)]
struct Good {
    caller: Identified,
    from: Time,
    until: Time,
}

impl Keystone {
    /// By this clock; Keystone need not be there yet.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        Self {
            questioner: Questioner::new(config.url, config.account, config.authorities),
            clock,
            memory: config.memory,
            good: Cache::new(TOKENS),
            refused: Cache::new(TOKENS),
            strangers: Lane::new(STRANGERS),
            acquaintances: Lane::new(ACQUAINTANCES),
        }
    }

    /// Where to get a token. Source: Keystone's middleware.
    pub fn challenge(&self) -> String {
        format!("Keystone uri=\"{}\"", self.questioner.url())
    }

    /// Whose token this is.
    pub async fn identify(&self, token: Option<&[u8]>) -> Result<Identified, Unidentified> {
        let is_one = |token: &&[u8]| (1..=TOKEN).contains(&token.len()) && token.iter().all(u8::is_ascii_graphic);
        let token = token.filter(is_one).ok_or_else(refused)?;
        let key = Sha256::digest(token).into();
        if let Some(good) = self.good.get(&key).await.filter(|good| self.is_now(good.from, good.until)) {
            return Ok(good.caller);
        }
        ensure!(!self.is_refused(&key).await, refused());
        let asked = timeout(KEYSTONE_TIME, self.learn(key, token)).await.unwrap_or_else(|_| {
            Err(Unidentified::Unavailable(format!("Keystone has not answered within {} s", KEYSTONE_TIME.as_secs())))
        });
        if let Err(Unidentified::Unavailable(why)) = &asked {
            tracing::warn!(why, "it is not known whose a token is");
        }
        asked
    }

    /// Asks, and keeps what is said. Who comes with the same token meanwhile waits for the same answer.
    async fn learn(&self, key: Key, token: &[u8]) -> Result<Identified, Unidentified> {
        if self.memory.is_zero() {
            // nothing is kept: each caller has a question of its own
            let good = self.ask(key, token, self.good.contains_key(&key)).await?.ok_or_else(refused)?;
            self.good.insert(key, good.clone()).await;
            return Ok(good.caller);
        }
        let settled = self.good.entry(key).and_try_compute_with(async |before| {
            let before = before.map(moka::Entry::into_value);
            if before.as_ref().is_some_and(|good| self.is_now(good.from, good.until)) {
                return Ok(Op::Nop);
            }
            if self.is_refused(&key).await {
                return Ok(Op::Remove);
            }
            Ok(self.ask(key, token, before.is_some()).await?.map_or(Op::Remove, Op::Put))
        });
        match settled.await? {
            CompResult::Inserted(good) | CompResult::ReplacedWith(good) | CompResult::Unchanged(good) => {
                Ok(good.into_value().caller)
            }
            CompResult::Removed(_) | CompResult::StillNone(_) => Err(refused()),
        }
    }

    /// Asks in turn; `None`, and kept apart, where the token is refused.
    async fn ask(&self, key: Key, token: &[u8], is_known: bool) -> Result<Option<Good>, Unidentified> {
        let lane = if is_known { &self.acquaintances } else { &self.strangers };
        let _turn = lane
            .turn()
            .await
            .ok_or_else(|| Unidentified::Unavailable("Too many tokens wait for Keystone's word".to_owned()))?;
        let from = self.clock.now();
        let answer = self.questioner.whose(token, from).await?;
        let now = self.clock.now();
        let Some((caller, expires_at)) = answer.filter(|(_, expires_at)| now < *expires_at) else {
            self.refused.insert(key, now).await;
            return Ok(None);
        };
        Ok(Some(Good { caller, from, until: from.after(self.memory).min(expires_at) }))
    }

    async fn is_refused(&self, key: &Key) -> bool {
        self.refused.get(key).await.is_some_and(|at| self.is_now(at, at.after(REFUSAL)))
    }

    fn is_now(&self, from: Time, until: Time) -> bool {
        (from..until).contains(&self.clock.now())
    }
}

/// A token that is none: the same words whatever is wrong with it.
fn refused() -> Unidentified {
    Unidentified::Refused("The X-Auth-Token is none that Keystone knows; get a new one from it".to_owned())
}

/// Few at once, and not too many who wait.
struct Lane {
    room: Semaphore,
    turns: Semaphore,
}

impl Lane {
    fn new(turns: usize) -> Self {
        Self { room: Semaphore::new(turns + KEYSTONE_QUEUE), turns: Semaphore::new(turns) }
    }

    /// First come, first served; `None` where too many wait.
    async fn turn(&self) -> Option<[SemaphorePermit<'_>; 2]> {
        let room = self.room.try_acquire().ok()?;
        Some([room, self.turns.acquire().await.ok()?])
    }
}

// As whom this service asks a Keystone.

/// A user with a role on a project, or a credential that stands for both.
pub enum Account {
    User { name: String, domain: String, password: SecretString, project: String, project_domain: String },
    ApplicationCredential { id: String, secret: SecretString },
}

impl Account {
    /// What is sent for a token. Secret.
    pub fn sign_in(&self) -> Value {
        match self {
            Self::User { name, domain, password, project, project_domain } => {
                let user = json!({"name": name, "domain": {"name": domain}, "password": password.expose_secret()});
                json!({"auth": {
                    "identity": {"methods": ["password"], "password": {"user": user}},
                    "scope": {"project": {"name": project, "domain": {"name": project_domain}}},
                }})
            }
            Self::ApplicationCredential { id, secret } => {
                let credential = json!({"id": id, "secret": secret.expose_secret()});
                json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": credential}}})
            }
        }
    }
}
