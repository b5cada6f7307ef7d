//! The connections to PostgreSQL. Where that makes some for each thread that reads requests, half of them are these threads' own, for
//! what only looks there: their answers wake that thread, and not another one first. All that writes goes over the common ones.

use std::collections::HashMap;
use std::iter::once;
use std::pin::pin;

use futures_util::future::select;
use sqlx::PgConnection;
use tokio::runtime::{Handle, Id};

use super::pool::{Lent, Pool};
use super::prelude::*;

/// The fewest that a thread may have: else what takes its time would hold up all else that looks.
const FEWEST: u32 = 4;
/// Who has waited for one of its thread so long, since all of these take their time, takes what is free first. Not at once: most are
/// free again much sooner, and to stand in two queues costs what an own one spares.
const MOMENT: Duration = Duration::from_millis(50);

/// What is open, of a bounded number.
pub struct Pools {
    /// Those for all.
    pub common: Pool<PgConnection>,
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

    /// One for what only looks: one of this thread's own, if it reads requests; else one of those for all.
    ///
    /// # Errors
    /// As of [`Pool::lend`].
    pub async fn lend(&self) -> Result<Lent<PgConnection>, sqlx::Error> {
        let here = Handle::current().id();
        if self.own == 0 || self.common.is_of(here) {
            return self.common.lend().await;
        }
        let near = self.near.lock().entry(here).or_insert_with(|| self.common.beside(self.own)).clone();
        match near.lend_within(MOMENT).await? {
            Some(lent) => Ok(lent),
            None => select(pin!(near.lend()), pin!(self.common.lend())).await.factor_first().0,
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<Pool<PgConnection>> {
        self.near.lock().values().chain(once(&self.common)).cloned().collect()
    }
}
