//! One connection on either engine, alone or within a transaction, and how a transaction ends.

use std::mem::take;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::postgres::PgQueryResult;
use sqlx::sqlite::SqliteQueryResult;
use sqlx::{Either, Executor, PgConnection, SqlSafeStr, SqlStr, SqliteConnection};

use super::error;
use super::pool::{self, Engaged, Lent};
use super::prelude::*;
use super::statement::{Bound, Later};
use crate::domain::str_enum::str_enum;

str_enum! {
    /// Which database is behind, by its name.
    pub enum Engine {
        Sqlite = "SQLite",
        Postgres = "PostgreSQL",
    }
}

/// A connection to either engine: each statement its own transaction, or, once one is begun, all of them in that.
/// Dropped within a transaction it rolls back, and a connection whose transaction cannot be ended never comes back to its pool.
pub struct Db {
    /// There until it is cut or dropped.
    link: Option<Link>,
    engine: Engine,
    /// How long a statement may take.
    pub(super) limit: Option<Duration>,
    /// Whether a transaction has begun.
    pub(super) is_within: bool,
    due: Due,
    pub(super) later: Later,
    /// Nothing was asked of it yet.
    is_new: bool,
    /// Something was, and is not answered: it was given up, or it is under way.
    is_asked: bool,
}

/// What is to be told the database before the next statement, and goes to it as one message with that.
#[derive(Clone, Copy)]
enum Due {
    Nothing,
    Turn(&'static str),
    /// It was told, in so many statements, and nobody knows whether it is done.
    Unknown(usize),
}

/// What a pool lends.
pub(super) enum Link {
    Sqlite(Lent<SqliteConnection>),
    Postgres(Lent<PgConnection>),
}

/// How long a transaction that nobody waits for may take to roll back, before its connection is cut.
const ROLLING_BACK: Duration = Duration::from_secs(5);

/// What is asked of a database.
pub(super) enum Question {
    /// To begin or to end a transaction.
    Turn(&'static str),
    Statement(SqlStr, Bound),
    /// The same, of which the first row is enough. Where it changes rows it stands in a transaction: what SQLite says as a statement
    /// of its own ends, behind that row, is not heard.
    First(SqlStr, Bound),
}

/// How many rows each statement changed, and those that were given.
pub(super) type Answered = (Vec<u64>, Vec<Row>);

impl Link {
    /// The answer; `done` is how many statements were, also where one failed.
    async fn ask(&mut self, question: &Question, done: &mut usize) -> Result<Answered, sqlx::Error> {
        let sql = match question {
            Question::Turn(text) => text,
            Question::Statement(text, _) | Question::First(text, _) => text.as_str(),
        };
        tracing::trace!(sql, "asked");
        match (self, question) {
            (Self::Sqlite(connection), Question::Turn(text)) => connection.tell(text).await.map(|()| Answered::default()),
            (Self::Postgres(connection), Question::Turn(text)) => connection.tell(text).await.map(|()| Answered::default()),
            (Self::Sqlite(connection), Question::Statement(sql, Bound::Sqlite(arguments))) => {
                let asked = sqlx::query_with(sql.clone(), arguments.clone());
                collected(connection.fetch_many(asked), Row::Sqlite, SqliteQueryResult::rows_affected, done).await
            }
            // one message: that there are no more rows would be another, for which the task is woken once more
            (Self::Sqlite(connection), Question::First(sql, Bound::Sqlite(arguments))) => {
                let first = connection.fetch_optional(sqlx::query_with(sql.clone(), arguments.clone())).await?;
                Ok((Vec::new(), first.map(Row::Sqlite).into_iter().collect()))
            }
            (
                Self::Postgres(connection),
                Question::Statement(sql, Bound::Postgres(arguments)) | Question::First(sql, Bound::Postgres(arguments)),
            ) => {
                let asked = sqlx::query_with(sql.clone(), arguments.clone());
                collected(connection.fetch_many(asked), Row::Postgres, PgQueryResult::rows_affected, done).await
            }
            _ => Err(sqlx::Error::PoolClosed),
        }
    }

    fn found_damaged(&self) {
        match self {
            Self::Sqlite(connection) => pool::found_damaged(connection),
            Self::Postgres(connection) => pool::found_damaged(connection),
        }
    }

    fn cut(self) {
        match self {
            Self::Sqlite(connection) => pool::cut(connection),
            Self::Postgres(connection) => pool::cut(connection),
        }
    }
}

impl Db {
    /// A connection for single statements, each of which may take so long.
    pub(super) fn over(link: Link, limit: Option<Duration>) -> Self {
        let engine = if matches!(link, Link::Sqlite(_)) { Engine::Sqlite } else { Engine::Postgres };
        let (link, due, later) = (Some(link), Due::Nothing, Later::default());
        Self { link, engine, limit, is_within: false, due, later, is_new: true, is_asked: false }
    }

    /// The same within a transaction that `sql` begins.
    pub(super) async fn begin(mut self, sql: &'static str) -> Result<Self> {
        self.enter(sql);
        self.start().await.map(|()| self).map_err(Into::into)
    }

    /// Begins a transaction, or goes on within one to a savepoint, as soon as a statement comes.
    pub(super) const fn enter(&mut self, sql: &'static str) {
        // who came before may have asked for nothing: its savepoint is this one's then
        if !matches!(self.due, Due::Turn(_)) {
            self.due = Due::Turn(sql);
        }
    }

    /// Undoes what was done since, if anything was.
    pub(super) async fn undo(&mut self, sql: &'static str) -> Result<()> {
        self.later = Later::default();
        match self.due {
            Due::Turn(_) => Ok(()),
            Due::Nothing => self.ask(&Question::Turn(sql)).await.map(drop).map_err(Into::into),
            Due::Unknown(_) => Err(StoreError::Failed(unknown())),
        }
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a statement: bind its parameters in order, then run it.
    pub fn sql(&mut self, sql: impl Into<Sql>) -> Statement<'_> {
        self.put_together(sql.into().of(self.engine()).into_sql_str())
    }

    /// The same of a text that [`super::select`] has put together, or that was found in a migration or in a database's schema.
    pub(super) fn put_together(&mut self, text: SqlStr) -> Statement<'_> {
        Statement::new(self, text, Bound::new(self.engine))
    }

    /// Begins a statement that is done [later](Statement::later), and whose answer nobody waits for.
    pub fn sql_later(&mut self, sql: impl SqlSafeStr) -> Statement<'_> {
        let bound = self.later.bound.take().unwrap_or_else(|| Bound::new(self.engine));
        Statement::new(self, sql.into_sql_str(), bound)
    }

    /// Whether what is left for later rests on what was read before anything was locked: where it does not fit, others were in
    /// the way. It asks about no other rows than it changes, but limits, which nobody holds: a statement that waits sees those anew, and
    /// others as they were before.
    pub const fn presume(&mut self, is_so: bool) {
        self.later.presumes = is_so;
    }

    /// Whether what was left for later, held to what was read before it, is all of a transaction. There it needs none around it: it
    /// is one statement, of which all is done or nothing.
    pub(super) fn is_one_statement(&self) -> bool {
        let is_all = self.engine == Engine::Postgres && matches!(self.due, Due::Turn(_));
        is_all && self.later.presumes && !self.later.is_empty()
    }

    /// Has everything done that was left for later.
    pub async fn flush(&mut self) -> Result<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        let is_whole = self.engine == Engine::Postgres && !self.is_within && matches!(self.due, Due::Nothing);
        let mut later = take(&mut self.later);
        let bound = later.bound.take().ok_or_else(unknown)?;
        later.misfit.take().map_or(Ok(()), |misfit| Err(sqlx::Error::Encode(misfit)))?;
        let done = self.ask(&Question::Statement(later.text(self.engine, is_whole), bound)).await.map_err(StoreError::from);
        match done.and_then(|done| later.check(self.engine, &done)) {
            Err(no @ (StoreError::Inconsistent { .. } | StoreError::Duplicate { .. })) if later.presumes => {
                Err(StoreError::Contended(sqlx::Error::Protocol(no.to_string())))
            }
            checked => checked,
        }
    }

    /// Begins the transaction that is due, if one is, by a message of its own.
    async fn start(&mut self) -> Result<(), sqlx::Error> {
        let Due::Turn(turn) = self.due else { return Ok(()) };
        (self.due, self.is_within) = (Due::Nothing, true);
        // boxed: whoever asks would carry the state of both questions
        let begun = Box::pin(self.put(&Question::Turn(turn))).await;
        if begun.is_err() {
            // what was answered with no has begun nothing
            (self.due, self.is_within) = (Due::Turn(turn), self.is_asked);
        }
        begun.map(drop)
    }

    /// Asks the database, within the transaction that is due; there no statement with parameters goes behind another as one message.
    pub(super) async fn ask(&mut self, question: &Question) -> Result<Answered, sqlx::Error> {
        if self.engine == Engine::Postgres && !matches!(question, Question::Turn(_)) {
            self.start().await?;
        }
        self.put(question).await
    }

    /// Asks the database, within the bound. A connection that is found to be lost is cut; was nothing asked of it before, the
    /// question goes to another.
    async fn put(&mut self, question: &Question) -> Result<Answered, sqlx::Error> {
        loop {
            let link = self.link.as_mut().ok_or(sqlx::Error::PoolClosed)?;
            let (was_within, mut done) = (self.is_within, 0);
            let behind = match (self.due, question) {
                (_, Question::Turn(_)) => None,
                (Due::Unknown(_), _) => return Err(unknown()),
                (
                    Due::Turn(turn),
                    Question::Statement(sql, Bound::Sqlite(arguments)) | Question::First(sql, Bound::Sqlite(arguments)),
                ) => {
                    (self.due, self.is_within) = (Due::Unknown(turn.split(';').count()), true);
                    let text = put_together(format!("{turn};{}", sql.as_str()));
                    Some(Question::Statement(text, Bound::Sqlite(arguments.clone())))
                }
                _ => None,
            };
            self.is_asked = true;
            let answering = link.ask(behind.as_ref().unwrap_or(question), &mut done);
            let answer = match self.limit {
                Some(limit) => tokio::time::timeout(limit, answering).await.unwrap_or_else(|_| Err(too_long(limit))),
                None => answering.await,
            };
            match answer {
                Err(error) if error::is_lost(&error) => Box::pin(self.replace(error)).await?,
                answer => {
                    if answer.as_ref().is_err_and(error::is_damage) {
                        link.found_damaged();
                    }
                    match self.due {
                        // what it went with may have failed behind it
                        Due::Unknown(turn) if done >= turn => self.due = Due::Nothing,
                        // what begins a transaction is the last of it, and was answered with no
                        Due::Unknown(_) => self.is_within = was_within,
                        _ => {}
                    }
                    (self.is_asked, self.is_new) = (false, false);
                    return answer;
                }
            }
        }
    }

    /// Another connection in place of one that is lost; `error` where there may be none.
    async fn replace(&mut self, error: sqlx::Error) -> Result<(), sqlx::Error> {
        match self.link.take() {
            Some(Link::Postgres(lost)) if self.is_new => {
                self.link = Some(Link::Postgres(pool::another(lost).await?.ok_or(error)?));
                Ok(())
            }
            lost => {
                lost.into_iter().for_each(Link::cut);
                Err(error)
            }
        }
    }

    /// Commits. An error leaves open whether the transaction is committed:
    /// see [`super::Store::write`].
    pub async fn commit(mut self) -> Result<()> {
        if self.is_one_statement() {
            // nor does it go to another connection, where this is lost: it may be done
            (self.due, self.is_new) = (Due::Nothing, false);
        }
        self.flush().await?;
        if self.is_within {
            self.ask(&Question::Turn("COMMIT")).await?;
            self.is_within = false;
        }
        Ok(())
    }
}

async fn collected<R, Q>(
    mut answers: BoxStream<'_, Result<Either<Q, R>, sqlx::Error>>,
    row: fn(R) -> Row,
    changed: fn(&Q) -> u64,
    done: &mut usize,
) -> Result<Answered, sqlx::Error> {
    let (mut counts, mut rows) = Answered::default();
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Left(statement) => {
                counts.push(changed(&statement));
                *done += 1;
            }

            Either::Right(given) => rows.push(row(given)),
        }
    }
    Ok((counts, rows))
}

/// Nothing may go on where nobody knows in what transaction it would.
fn unknown() -> sqlx::Error {
    sqlx::Error::Protocol("it is not known what was done of what was asked before".to_owned())
}

fn too_long(limit: Duration) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, format!("no answer within {} seconds", limit.as_secs())))
}

impl Drop for Db {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take_if(|_| self.is_within || self.is_asked) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return link.cut() };
        // what was asked for and given up is waited for in the same way
        let ending = if self.is_within { "ROLLBACK" } else { "SELECT 1" };
        runtime.spawn(async move {
            // SQLite has ended it by itself where a disk is full, and says so by an error: then, too, nobody knows what is left
            match tokio::time::timeout(ROLLING_BACK, link.ask(&Question::Turn(ending), &mut 0)).await {
                Ok(Ok(_)) => return,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a transaction could not be rolled back; its connection is thrown away");
                }
                Err(_) => tracing::warn!("a transaction was not rolled back in time; its connection is thrown away"),
            }
            link.cut();
        });
    }
}
