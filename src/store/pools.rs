//! The connections to PostgreSQL. Half are for all who write, and half are the own ones of the threads that read requests, for what
//! only looks: their answers wake that thread, and not another one first. Who looks waits for nobody who writes.

use std::collections::HashMap;
use std::iter::once;

use parking_lot::Mutex;
use sqlx::PgConnection;
use tokio::runtime::{Handle, Id};

use super::pool::{Lent, Pool};

/// The fewest that a thread may have: else what takes its time would hold up all else that looks.
const FEWEST: u32 = 4;

/// What is open, of a bounded number.
pub struct Pools {
    common: Pool<PgConnection>,
    /// How many a thread has; none where the half of all is too few.
    own: u32,
    /// By the runtime of the thread.
    near: Mutex<HashMap<Id, Pool<PgConnection>>>,
}

impl Pools {
    /// So many connections at most, and so many threads that read requests; `open` makes a pool of some. How many are for all.
    pub fn new(most: u32, threads: u32, open: impl FnOnce(u32) -> Pool<PgConnection>) -> (Self, u32) {
        let own = Some(most / 2 / threads).filter(|own| *own >= FEWEST).unwrap_or_default();
        let common = most - threads * own;
        (Self { common: open(common), own, near: Mutex::default() }, common)
    }

    /// One of this thread's own, if it reads requests; else one of those for all.
    ///
    /// # Errors
    /// As of [`Pool::lend`].
    pub async fn lend(&self) -> Result<Lent<PgConnection>, sqlx::Error> {
        let here = Handle::current().id();
        if self.own == 0 || self.common.is_of(here) {
            return self.common.lend().await;
        }
        let near = self.near.lock().entry(here).or_insert_with(|| self.common.beside(self.own)).clone();
        near.lend().await
    }

    /// All of them.
    pub fn all(&self) -> Vec<Pool<PgConnection>> {
        self.near.lock().values().chain(once(&self.common)).cloned().collect()
    }
}
