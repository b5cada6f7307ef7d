//! The context of a request: who asks, from where, in which request, and what all operations stand on.

use std::net::IpAddr;
use std::sync::OnceLock;

use tokio::time::Instant;

use super::replay::RequestName;
use crate::domain::Caller;
use crate::domain::limits::HASH_TIME;
use crate::secrets::hash::Derived;
use crate::service::prelude::*;

/// What an operation is performed in.
#[derive(Clone)]
pub struct Context {
    pub service: Arc<Service>,
    pub caller: Caller,
    pub request_id: Id,
    /// Where the caller is, as far as it is known.
    pub address: Option<IpAddr>,
    /// What the request calls itself, where it is to be done once.
    pub name: Option<RequestName>,
    /// What tells the signature of a signed request from any other: it opens once for what changes something.
    pub signature: Option<String>,
    /// Shared with whoever waits for the answer.
    pub progress: Arc<Progress>,
}

impl Context {
    /// Of a request without a name or a signature, from nowhere.
    pub fn new(service: Arc<Service>, caller: Caller, request_id: Id) -> Self {
        Self { service, caller, request_id, address: None, name: None, signature: None, progress: Arc::default() }
    }

    /// What whoever has the database looks by: it sees all.
    pub fn of_operator(service: &Arc<Service>) -> Self {
        let caller = Caller { user: "operator".to_owned(), project: ProjectId::default(), roles: Roles::of(Roles::ADMIN) };
        Self::new(Arc::clone(service), caller, random::id(&*service.random))
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.service.clock.now()
    }

    /// A connection to read by.
    pub(super) async fn reader(&self) -> Result<Db, StoreError> {
        self.service.store.reader().await
    }

    /// A new record's id.
    pub fn new_id(&self) -> Id {
        random::record_id(&*self.service.random, self.now())
    }

    /// `N` random bytes.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        random::bytes(&*self.service.random)
    }

    /// This caller in this request, now, but never before what it follows, though clocks differ.
    pub fn stamp(&self, not_before: Time) -> Stamp {
        Stamp {
            at: self.now().max(not_before),
            project_id: self.caller.project.clone(),
            user_id: self.caller.user.clone(),
            request_id: self.request_id,
        }
    }

    /// Whether the policy lets this caller do it.
    pub fn may(&self, action: &Action) -> bool {
        self.service.policy.allows(action, &self.caller.roles)
    }

    /// Whether this caller sees the records of every project, and all of each.
    pub fn sees_every_project(&self) -> bool {
        self.may(&policy::EVERY_PROJECT)
    }

    /// Whether a record of `owner`'s exists for this caller; to everyone else it does not.
    pub fn sees(&self, owner: &ProjectId) -> bool {
        self.caller.project == *owner || self.sees_every_project()
    }

    /// A record that was looked for, if it exists for this caller.
    ///
    /// # Errors
    /// [`Error::NotFound`], for another project's too.
    pub(super) fn visible<T: Listed>(&self, found: Option<T>, kind: RecordKind, id: Id) -> Result<T> {
        found.filter(|record: &T| record.project().is_none_or(|owner| self.sees(owner))).ok_or(Error::NotFound(kind, id))
    }

    /// What a project asks for waits behind its own, not before others'.
    fn turn(&self) -> Turn<'_> {
        Turn { whose: self.caller.project.as_str(), until: self.progress.hashes_until() }
    }

    /// The PHC string of a new key, hashed with a new salt.
    pub(super) async fn hash(&self, key: AuthKey) -> Result<String, HashError> {
        self.progress.hashing(self.service.hash.hash(key.into(), self.random_bytes(), self.turn())).await
    }

    /// Whether `phc` is the hash of `key`.
    pub(super) async fn verify(&self, key: AuthKey, phc: String) -> Result<bool, HashError> {
        self.progress.hashing(self.service.hash.verify(key.into(), phc, self.turn())).await
    }

    /// The secret of `text`: the same each time for the same `salt`.
    pub(super) async fn derive(&self, text: SecretString, salt: String) -> Result<Derived, HashError> {
        self.progress.hashing(self.service.hash.derive(text, salt, self.turn())).await
    }
}

/// How far a request has come, between who does it and who waits for the answer: what has not begun to be written is not begun
/// once nobody waits, since nobody would learn of it, least of all the key of a new offer.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<Stage>,
    /// All hashes of a request wait no longer than one may.
    hashes_until: OnceLock<Instant>,
}

/// A stage of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing is written yet.
    #[default]
    Preparing,
    /// The same, and a hash is waited for.
    Hashing,
    /// A transaction has begun that may commit.
    Writing,
    /// Nobody waits any more, and nothing will be written.
    GivenUp,
}

impl Progress {
    /// From now on something may be written.
    ///
    /// # Errors
    /// [`Error::Abandoned`] when nobody waits any more.
    pub(super) fn begin_writing(&self) -> Result<()> {
        if self.advance(Stage::Writing) == Stage::GivenUp { Err(Error::Abandoned) } else { Ok(()) }
    }

    /// Nobody waits any more. How far it had come: what was being written may still be committed, all else is not done.
    pub fn give_up(&self) -> Stage {
        self.advance(Stage::GivenUp)
    }

    /// Goes on to `next` from every stage but those that are final; the stage before.
    fn advance(&self, next: Stage) -> Stage {
        let mut stage = self.stage.lock();
        let before = *stage;
        if matches!(before, Stage::Preparing | Stage::Hashing) {
            *stage = next;
        }
        before
    }

    fn hashes_until(&self) -> Instant {
        *self.hashes_until.get_or_init(|| Instant::now() + HASH_TIME)
    }

    async fn hashing<T>(&self, hash: impl Future<Output = T>) -> T {
        self.advance(Stage::Hashing);
        let done = hash.await;
        self.advance(Stage::Preparing);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_up_is_not_written_and_what_is_being_written_is_not_undone() {
        let progress = Progress::default();
        assert_eq!(progress.give_up(), Stage::Preparing);
        assert!(matches!(progress.begin_writing(), Err(Error::Abandoned)));
        assert_eq!(progress.give_up(), Stage::GivenUp);

        let progress = Progress::default();
        progress.begin_writing().unwrap();
        assert_eq!(progress.give_up(), Stage::Writing);
        progress.begin_writing().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_hash_says_so_and_all_hashes_of_a_request_have_one_time() {
        let progress = Progress::default();
        let until = progress.hashes_until();
        progress.hashing(tokio::time::sleep_until(until)).await;
        assert_eq!(progress.hashes_until(), until, "a second hash of the request has no time of its own");
        let waiting = progress.hashing(async { progress.give_up() });
        assert_eq!(waiting.await, Stage::Hashing);
    }
}
