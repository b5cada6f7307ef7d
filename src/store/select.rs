//! Statements that hold only what was asked for: put together at run time from pieces that were written here, with every value
//! bound as its own type. Nothing else in the store puts a statement together.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::{Db, Engine, statement::Statement};
use crate::domain::{Id, Time};

/// A value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    Text(String),
    Id(Id),
    Ids(Vec<Id>),
    Number(i64),
    Boolean(bool),
    Time(Time),
}

/// A statement in the making.
#[derive(Debug)]
pub struct Select {
    engine: Engine,
    text: String,
    params: Vec<Param>,
}

impl Select {
    /// Begins with this piece.
    pub fn new(engine: Engine, piece: &'static str) -> Self {
        Self { engine, text: piece.to_owned(), params: Vec::new() }
    }

    /// Which engine it is for.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Goes on with a piece.
    pub fn push(&mut self, piece: &'static str) -> &mut Self {
        self.text.push_str(piece);
        self
    }

    /// Goes on with the piece in the engine's words.
    pub fn either(&mut self, sqlite: &'static str, postgres: &'static str) -> &mut Self {
        self.push(match self.engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        })
    }

    /// Goes on with a parameter, and binds it.
    pub fn bind(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        self.text.push('$');
        self.text.push_str(&self.params.len().to_string());
        self
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Begins the statement on a connection of the same engine.
    pub fn on(self, db: &mut Db) -> Statement<'_> {
        // every piece is a constant of this program
        let text: SqlStr = AssertSqlSafe(self.text).into_sql_str();
        self.params.into_iter().fold(db.put_together(text), Statement::bind_param)
    }
}
