//! Argon2id on a bounded pool: as many threads as cores, each reusing its memory, so that hashing holds no lock and no
//! connection and starves nobody. Hashes are PHC strings, so that one made under another profile still verifies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::queue::Queue;
use crate::domain::limits::HASH_TIME;
use crate::domain::str_enum::str_enum;

str_enum! {
    /// A named cost of hashing.
    #[derive(Default)]
    pub enum Profile {
        /// The minimum that OWASP's password storage cheat sheet gives for Argon2id: 19 MiB, two passes.
        Owasp = "owasp",
        /// 1 MiB, one pass: an auth key is 64 random bits, no password that could be guessed from a list.
        #[default]
        Token = "token",
    }
}

impl Profile {
    fn argon2(self) -> Argon2<'static> {
        let (kib, passes) = match self {
            Self::Owasp => (19_456, 2),
            Self::Token => (1_024, 1),
        };
        let params = Params::new(kib, passes, 1, Some(HASH_BYTES)).expect("both profiles lie within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

const HASH_BYTES: usize = 32;

/// What secrets are derived at, whatever profile keys are hashed under: people may have chosen the text, and the secret must
/// come out the same after a restart with another `--hash`. Another profile here would make every text derived before unknown.
const DERIVING: Profile = Profile::Owasp;

/// Bytes that only who knows a text can derive. Never printed, wiped when dropped.
pub type Derived = SecretBox<[u8; HASH_BYTES]>;

/// The most memory that a stored hash may ask for, in KiB: a hash from a document must not exhaust the machine.
const MAX_KIB: u32 = 256 * 1024;

/// Why an auth key was not hashed or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// As many keys wait as the queue holds, or this one has waited for too long: try again.
    #[error("too many auth keys are waiting to be hashed")]
    Full,
    #[error("a stored hash of an auth key is no PHC string of Argon2id that can be checked here")]
    Malformed,
    /// The pool has ended with the process.
    #[error("the hashing threads are gone")]
    Gone,
}

/// The pool. Its threads end with it.
pub struct HashPool {
    jobs: Arc<Queue<Job>>,
    waiting: Arc<AtomicUsize>,
    profile: Profile,
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

/// Whose hash it is, which shares the queue with all others' alike, and how long it waits for its turn.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// A project; where there is none yet, an address.
    pub whose: &'a str,
    pub until: Instant,
}

impl<'a> Turn<'a> {
    /// Whose the hashes of the command line are: no project is called so.
    pub const OPERATOR: &'static str = "/";

    /// A turn that is waited for as long as a request may wait for its hashes.
    pub fn of(whose: &'a str) -> Self {
        Self { whose, until: Instant::now() + HASH_TIME }
    }
}

/// A thread's memory.
type Memory = Vec<Block>;

/// What is done in it, and answered.
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

impl HashPool {
    /// Starts `threads` threads that share a queue of `queue` places.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(profile: Profile, threads: usize, queue: usize) -> std::io::Result<Self> {
        let pool = Self { jobs: Arc::new(Queue::new(queue)), waiting: Arc::default(), profile };
        for number in 0..threads {
            let (jobs, waiting) = (Arc::clone(&pool.jobs), Arc::clone(&pool.waiting));
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || work(&jobs, &waiting))?;
        }
        Ok(pool)
    }

    /// How many keys wait or are being hashed.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// The PHC string of `key` under the pool's profile. It waits for its turn, as the others do.
    pub async fn hash(&self, key: SecretString, salt: [u8; 16], turn: Turn<'_>) -> Result<String, HashError> {
        let by = self.profile.argon2();
        self.ask(turn, move |memory| {
            let output = digest(&by, &key, &salt, HASH_BYTES, memory)?;
            let params = ParamsString::try_from(by.params()).map_err(malformed)?;
            let (salt, hash) = (Salt::new(&salt).map_err(malformed)?, Output::new(&output).map_err(malformed)?);
            let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
            Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(hash) }.to_string())
        })
        .await
    }

    /// Whether `phc` is the hash of `key`, whatever profile it was made under.
    pub async fn verify(&self, key: SecretString, phc: String, turn: Turn<'_>) -> Result<bool, HashError> {
        self.ask(turn, move |memory| {
            let (by, salt, expected) = parse(&phc)?;
            let output = digest(&by, &key, salt.as_ref(), expected.as_ref().len(), memory)?;
            Ok(output.ct_eq(expected.as_ref()).into())
        })
        .await
    }

    /// The secret of `text`: the same each time for the same `salt` (of 8 bytes or more), on every replica.
    pub async fn derive(&self, text: SecretString, salt: String, turn: Turn<'_>) -> Result<Derived, HashError> {
        self.ask(turn, move |memory| {
            let mut output = digest(&DERIVING.argon2(), &text, salt.as_bytes(), HASH_BYTES, memory)?;
            let secret = Derived::init_with_mut(|secret: &mut [u8; HASH_BYTES]| secret.copy_from_slice(&output));
            output.zeroize();
            Ok(secret)
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        turn: Turn<'_>,
        task: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // the caller may have given up while the job waited
            if !answer.is_closed() {
                let _ = answer.send(task(memory));
            }
        };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if !self.jobs.push(turn.whose, Box::new(job)) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(HashError::Full);
        }
        // giving up drops the receiver, and the job is passed over when its turn comes
        tokio::time::timeout_at(turn.until, answered).await.map_err(|_| HashError::Full)?.map_err(|_| HashError::Gone)?
    }
}

/// How far hashing gives way to all that is short, where there are fewer cores than work: a tenth of a core is left to it.
/// Source: sched(7), nice values, which are a thread's own on Linux.
const NICE: i32 = 10;

/// One thread's life: take a job, do it, until the pool is dropped.
fn work(queued: &Queue<Job>, waiting: &AtomicUsize) {
    // where the system does not let it, it is as urgent as the rest
    let _ = rustix::process::nice(NICE);
    let mut memory = Vec::new();
    while let Some(job) = queued.pop() {
        job(&mut memory);
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a text is a hash that [`HashPool::verify`] can check: for documents that bring hashes along.
pub fn is_verifiable(phc: &str) -> bool {
    parse(phc).is_ok()
}

fn parse(phc: &str) -> Result<(Argon2<'static>, Salt, Output), HashError> {
    let parsed = PasswordHash::new(phc).map_err(malformed)?;
    let version = parsed.version.map_or(Ok(Version::default()), Version::try_from).map_err(malformed)?;
    let params = Params::try_from(&parsed).map_err(malformed)?;
    let is_ours = parsed.algorithm == Algorithm::Argon2id.ident() && params.m_cost() <= MAX_KIB && params.t_cost() <= 16;
    match (is_ours, parsed.salt, parsed.hash) {
        (true, Some(salt), Some(hash)) => Ok((Argon2::new(Algorithm::Argon2id, version, params), salt, hash)),
        _ => Err(HashError::Malformed),
    }
}

fn digest(by: &Argon2<'_>, text: &SecretString, salt: &[u8], bytes: usize, memory: &mut Memory) -> Result<Vec<u8>, HashError> {
    memory.resize(memory.len().max(by.params().block_count()), Block::default());
    let mut output = vec![0; bytes];
    let done = by.hash_password_into_with_memory(text.expose_secret().as_bytes(), salt, &mut output, memory);
    done.map(|()| output).map_err(malformed)
}

fn malformed<E>(_: E) -> HashError {
    HashError::Malformed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SecretString {
        text.into()
    }

    fn patiently() -> Turn<'static> {
        Turn::of("alpha")
    }

    #[tokio::test]
    async fn a_hash_verifies_its_key_alone_under_either_profile() {
        let pools = [Profile::Owasp, Profile::Token].map(|profile| HashPool::start(profile, 1, 8).unwrap());
        for made_by in &pools {
            let phc = made_by.hash(key("9266c59563c84664"), *b"sixteen bytes ok", patiently()).await.unwrap();
            assert!(phc.starts_with("$argon2id$v=19$m="), "{phc}");
            assert!(is_verifiable(&phc));
            for checked_by in &pools {
                assert_eq!(checked_by.verify(key("9266c59563c84664"), phc.clone(), patiently()).await, Ok(true));
                assert_eq!(checked_by.verify(key("9266c59563c84665"), phc.clone(), patiently()).await, Ok(false));
                assert_eq!(checked_by.verify(key(""), phc.clone(), patiently()).await, Ok(false));
            }
        }
    }

    #[tokio::test]
    async fn a_secret_is_the_same_under_every_profile_and_another_for_another_text_or_salt() {
        let pools = [Profile::Owasp, Profile::Token].map(|profile| HashPool::start(profile, 1, 8).unwrap());
        let derive = async |pool: usize, text: &str, salt: &str| {
            let secret = pools[pool].derive(text.into(), salt.to_owned(), patiently()).await.unwrap();
            *secret.expose_secret()
        };
        let secret = derive(0, "text", "of one caller").await;
        assert_eq!(secret, derive(1, "text", "of one caller").await);
        assert_ne!(secret, derive(0, "texts", "of one caller").await);
        assert_ne!(secret, derive(0, "text", "of another caller").await);
        // what is in databases already must be found again
        assert_eq!(secret[..4], [179, 168, 196, 251]);
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once() {
        let pool = HashPool::start(Profile::Owasp, 1, 1).unwrap();
        let asked = (0..8).map(|_| pool.hash(key("k"), [7; 16], patiently()));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().any(Result::is_ok));
        assert!(answers.contains(&Err(HashError::Full)));
    }

    #[tokio::test]
    async fn what_is_no_argon2id_hash_is_refused() {
        let pool = HashPool::start(Profile::Token, 1, 8).unwrap();
        for phc in
            ["", "plain", "$argon2i$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$aGFzaA", "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ"]
        {
            assert_eq!(pool.verify(key("k"), phc.to_owned(), patiently()).await, Err(HashError::Malformed), "{phc}");
        }
    }
}
