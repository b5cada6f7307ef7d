//! Connections that are kept open and lent to one at a time. None is tried that was in use a moment ago: that would be a question
//! to the server before each use. What is found dead takes all with it that lay idle beside it.

use std::future::poll_fn;
use std::time::Instant;

use deadpool::Runtime;
use deadpool::managed::{self, Manager, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, TimeoutType};
use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::runtime::{Handle, Id};

use super::prelude::*;
use crate::domain::limits::{CONNECTION_LIFE, FREE_CONNECTION};

/// What has not been used for so long is asked whether it lives.
const FRESH: Duration = Duration::from_secs(1);
/// How long it may take to say so.
const ANSWER: Duration = Duration::from_secs(1);
/// How long it is told that pages cannot be read: what is still so is found again.
const REMEMBERED: Duration = Duration::from_mins(5);
/// How long open connections are waited for at the end: one that hangs must not hold the process.
const CLOSING: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(5);

/// How a connection is opened.
pub struct Opening<C: Connection> {
    options: C::Options,
    /// What a new connection is told before anything else.
    first: Option<&'static str>,
    /// Connections are the runtime's that opened the pool, whoever asks for one: another thread that ends takes none with it.
    runtime: Handle,
    /// When one was last found dead, of this pool or of one [beside](Pool::beside) it.
    dead: Arc<Mutex<Option<Instant>>>,
    /// When pages were last found that cannot be read.
    damaged: Mutex<Option<Instant>>,
}

/// A connection that goes back to its pool when it is dropped.
pub(super) type Lent<C> = Object<Opening<C>>;

/// A bounded number of connections, opened when they are needed.
pub struct Pool<C: Engaged>(managed::Pool<Opening<C>>);

impl<C: Engaged> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A connection of either engine.
pub trait Engaged: Connection<Options: Clone + Sync> + Sync {
    /// Whether it is lost where nobody looks: a file does not hang up.
    const IS_REMOTE: bool;

    /// Runs statements that give nothing.
    fn tell(&mut self, text: &'static str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

impl Engaged for SqliteConnection {
    const IS_REMOTE: bool = false;

    async fn tell(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(text).execute(self).await.map(drop)
    }
}

impl Engaged for PgConnection {
    const IS_REMOTE: bool = true;

    async fn tell(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(text).execute(self).await.map(drop)
    }
}

impl<C: Engaged> Manager for Opening<C> {
    type Type = C;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<C, sqlx::Error> {
        // boxed: whoever is lent one would carry the state of a connection that is being opened
        let opening = Box::pin(async {
            let mut connection = within(&self.runtime, C::connect_with(&self.options)).await?;
            if let Some(first) = self.first {
                connection.tell(first).await?;
            }
            Ok(connection)
        });
        opening.await
    }

    async fn recycle(&self, connection: &mut C, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if !C::IS_REMOTE {
            return Ok(());
        }
        let old = "it is old: what it leads to may be another server's by now";
        ensure!(metrics.age() <= CONNECTION_LIFE, RecycleError::message(old));
        let used = metrics.recycled.unwrap_or(metrics.created);
        let is_suspect = self.dead.lock().is_some_and(|dead| used < dead);
        ensure!(!is_suspect, RecycleError::message("it lay idle beside one that was dead"));
        if used.elapsed() > FRESH && !matches!(tokio::time::timeout(ANSWER, connection.ping()).await, Ok(Ok(()))) {
            *self.dead.lock() = Some(Instant::now());
            return Err(RecycleError::message("it did not answer"));
        }
        Ok(())
    }
}

impl<C: Engaged> Pool<C> {
    /// A pool of at most so many connections; none is opened before it is needed.
    pub fn new(most: u32, options: C::Options, first: Option<&'static str>) -> Self {
        Self::knowing(Arc::default(), most, options, first)
    }

    /// The same, where others may find one dead.
    fn knowing(dead: Arc<Mutex<Option<Instant>>>, most: u32, options: C::Options, first: Option<&'static str>) -> Self {
        let timeouts = managed::Timeouts { create: Some(FREE_CONNECTION), ..managed::Timeouts::default() };
        let pool =
            managed::Pool::builder(Opening { options, first, runtime: Handle::current(), dead, damaged: Mutex::default() })
                .max_size(most as usize)
                .queue_mode(QueueMode::Lifo)
                .timeouts(timeouts)
                .runtime(Runtime::Tokio1)
                .build();
        Self(pool.expect("the runtime that its times need is named"))
    }

    /// A connection, as soon as one is free.
    ///
    /// # Errors
    /// When none becomes free in time; and why none could be opened.
    pub async fn lend(&self) -> Result<Lent<C>, sqlx::Error> {
        self.lend_within(FREE_CONNECTION).await?.ok_or(sqlx::Error::PoolTimedOut)
    }

    /// A connection, if one becomes free so soon.
    ///
    /// # Errors
    /// Why none could be opened.
    pub async fn lend_within(&self, wait: Duration) -> Result<Option<Lent<C>>, sqlx::Error> {
        let timeouts = managed::Timeouts { wait: Some(wait), ..self.0.timeouts() };
        match self.0.timeout_get(&timeouts).await {
            Ok(lent) => Ok(Some(lent)),
            Err(PoolError::Timeout(TimeoutType::Wait)) => Ok(None),
            Err(PoolError::Timeout(_)) => Err(sqlx::Error::PoolTimedOut),
            Err(PoolError::Backend(error)) => Err(error),
            Err(_) => Err(sqlx::Error::PoolClosed),
        }
    }

    /// A pool to the same database, of the runtime that asks.
    pub fn beside(&self, most: u32) -> Self {
        let Opening { options, first, dead, .. } = self.0.manager();
        Self::knowing(Arc::clone(dead), most, options.clone(), *first)
    }

    /// Whether its connections are this runtime's.
    pub fn is_of(&self, runtime: Id) -> bool {
        self.0.manager().runtime.id() == runtime
    }

    /// Whether pages were found that cannot be read, and not so long ago that they may have been mended.
    pub fn is_damaged(&self) -> bool {
        self.0.manager().damaged.lock().is_some_and(|at| at.elapsed() < REMEMBERED)
    }

    /// How many are open, and how many of them idle.
    pub fn connections(&self) -> (usize, usize) {
        let status = self.0.status();
        (status.size, status.available)
    }

    /// Closes all, those that are lent when they come back.
    pub async fn close(&self) {
        let closing = async {
            while self.0.status().size > 0 {
                for idle in self.0.retain(|_, _| false).removed {
                    drop(idle.close().await);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("left connections open that did not close: the database hangs");
        }
        self.0.close();
    }
}

/// Notes that pages were found that cannot be read.
pub(super) fn found_damaged<C: Engaged>(lent: &Lent<C>) {
    if let Some(pool) = Object::pool(lent) {
        *pool.manager().damaged.lock() = Some(Instant::now());
    }
}

/// Out of its pool and cut, without a farewell that could hang. What lies idle beside it may be as dead, or lead to a server that is
/// the right one no longer.
pub(super) fn cut<C: Engaged>(lent: Lent<C>) {
    if let Some(pool) = Object::pool(&lent) {
        *pool.manager().dead.lock() = Some(Instant::now());
    }
    drop(Object::take(lent));
}

/// Another connection in place of one that turned out dead as it was first used, before anything was done on it. `None` where it
/// was not lent before: then its end says something.
pub(super) async fn another<C: Engaged>(dead: Lent<C>) -> Result<Option<Lent<C>>, sqlx::Error> {
    let was_used = Object::metrics(&dead).recycle_count > 0;
    let pool = Object::pool(&dead).ok_or(sqlx::Error::PoolClosed)?;
    cut(dead);
    if was_used { Pool(pool).lend().await.map(Some) } else { Ok(None) }
}

/// A future, while all that it opens is this runtime's.
async fn within<F: Future>(runtime: &Handle, future: F) -> F::Output {
    let mut future = Box::pin(future);
    poll_fn(|cx| {
        let _entered = runtime.enter();
        future.as_mut().poll(cx)
    })
    .await
}
