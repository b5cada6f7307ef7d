//! Keystone's way: the token in `X-Auth-Token` is what a Keystone says that it is, and nothing is without its word. Here is what
//! is kept of it, and who waits for whom; how Keystone is asked is in `question`.

mod question;

use crate::identity::prelude::*;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use rustls::RootCertStore;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::question::Questioner;
use crate::domain::limits::{KEYSTONE_QUEUE, KEYSTONE_TIME, TOKEN, TOKENS};

/// Which Keystone, and what of it is believed.
pub struct Config {
    /// Without the `/v3` at its end.
    pub url: String,
    /// What is sent for a token by which it is asked: the body of a sign-in. Secret.
    pub sign_in: SecretString,
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
    /// Where to get a token. Source: Keystone's middleware.
    pub challenge: String,
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
    caller: Caller,
    from: Time,
    until: Time,
}

impl Keystone {
    /// By this clock; Keystone need not be there yet.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        Self {
            challenge: format!("Keystone uri=\"{}\"", config.url),
            questioner: Questioner::new(&config.url, config.sign_in, config.authorities),
            clock,
            memory: config.memory,
            good: Cache::new(TOKENS),
            refused: Cache::new(TOKENS),
            strangers: lane(STRANGERS),
            acquaintances: lane(ACQUAINTANCES),
        }
    }

    /// Whose token this is.
    pub async fn identify(&self, token: Option<&[u8]>) -> Result<Caller, Unidentified> {
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
    async fn learn(&self, key: Key, token: &[u8]) -> Result<Caller, Unidentified> {
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
        let [room, turns] = if is_known { &self.acquaintances } else { &self.strangers };
        let full = |_| Unidentified::Unavailable("Too many tokens wait for Keystone's word".to_owned());
        let _room = room.try_acquire().map_err(full)?;
        let _turn = turns.acquire().await;
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

/// Room for those who are asked about and those who wait, and the turns that they wait for: first come, first served.
type Lane = [Semaphore; 2];

fn lane(turns: usize) -> Lane {
    [turns + KEYSTONE_QUEUE, turns].map(Semaphore::new)
}
