//! Statements that hold only what was asked for: put together at run time from pieces that were written here, with every value
//! bound as its own type.

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::prelude::*;

/// A value of a statement.
#[derive(Debug, Clone, PartialEq, derive_more::From)]
pub enum Param {
    #[from(&str, String)]
    Text(String),
    #[from]
    Id(Id),
    Ids(Vec<Id>),
    #[from]
    Number(i64),
    #[from]
    Boolean(bool),
    #[from]
    Time(Time),
    Bytes(Vec<u8>),
}

/// Rows as the one parameter of a statement: a JSON text, which both engines take apart.
pub fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("rows have only text keys and no number that is not finite")
}

/// A statement that was put together, of pieces that are constants of this program, or of what a database says of its own indexes.
pub(super) fn put_together(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

/// What ends a selection whose rows are locked to the end of the transaction: on SQLite BEGIN IMMEDIATE has locked them all.
pub const FOR_UPDATE: Sql = Sql { sqlite: "", postgres: "\n    FOR UPDATE" };

/// A statement in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct Select {
    pub(super) engine: Engine,
    text: String,
    params: Vec<Param>,
}

impl Select {
    /// Begins with this piece.
    pub fn new(engine: Engine, piece: &'static str) -> Self {
        Self { engine, text: piece.to_owned(), params: Vec::new() }
    }

    /// Goes on with a piece.
    pub fn push(mut self, piece: &'static str) -> Self {
        self.text.push_str(piece);
        self
    }

    /// Goes on with a number.
    pub fn push_number(mut self, number: usize) -> Self {
        self.text.push_str(&number.to_string());
        self
    }

    /// Goes on with the piece in the engine's words.
    pub fn either(self, sqlite: &'static str, postgres: &'static str) -> Self {
        self.one_of(Sql { sqlite, postgres })
    }

    /// The same of a pair that has a name.
    pub fn one_of(self, pair: Sql) -> Self {
        let piece = pair.of(self.engine);
        self.push(piece)
    }

    /// Goes on with each item by `write`, a comma between two.
    pub(super) fn separated<I>(self, items: &[I], write: impl Fn(Self, &I) -> Self) -> Self {
        let comma = |at| if at > 0 { ", " } else { "" };
        items.iter().enumerate().fold(self, |select, (at, item)| write(select.push(comma(at)), item))
    }

    /// Goes on with a condition: the column is one of these ids, each of which is asked for once.
    pub fn is_one_of(self, column: &'static str, ids: impl IntoIterator<Item = Id>) -> Self {
        let ids: BTreeSet<Id> = ids.into_iter().collect();
        let one_of = self.push(column).either(" IN (SELECT value FROM json_each(", " = ANY (");
        one_of.bind(Param::Ids(ids.into_iter().collect())).either("))", ")")
    }

    /// Goes on with a condition: the column is one of these texts.
    pub fn is_one_of_texts<'t>(self, column: &'static str, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts = json(&texts.into_iter().collect::<Vec<_>>());
        let one_of =
            self.push(column).either(" IN (SELECT value FROM json_each(", " IN (SELECT jsonb_array_elements_text(CAST(");
        one_of.bind(texts).either("))", " AS JSONB)))")
    }

    /// Goes on with a parameter, and binds it.
    pub fn bind(mut self, param: impl Into<Param>) -> Self {
        self.params.push(param.into());
        let number = self.params.len();
        self.push("$").push_number(number)
    }

    /// Goes on with another, whose parameters are the only ones, and ends with a piece.
    pub fn goes_on(mut self, other: Self, end: &'static str) -> Self {
        self.text.push_str(&other.text);
        self.text.push_str(end);
        Self { params: other.params, ..self }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Begins the statement on a connection of the same engine.
    pub fn on(self, db: &mut Db) -> Statement<'_> {
        self.params.into_iter().fold(db.put_together(put_together(self.text)), Statement::bind_param)
    }

    /// Has it done [later](Statement::later).
    pub fn later(self, db: &mut Db, table: &'static str) {
        self.params.into_iter().fold(db.sql_later(put_together(self.text)), Statement::bind_param).later(table);
    }
}
