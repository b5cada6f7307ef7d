//! The narrow call through which every statement goes, `db.sql(LOCK).bind(id).first::<Volume>()`, and the rows that it gives.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Decode, Encode, Postgres, Row as _, SqlStr, Sqlite, Type};

use super::db::{Answered, Question};
use super::prelude::*;

/// A statement: one text for both engines, or a named pair where they differ.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Sql {
    /// The text for an engine.
    pub const fn of(self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// What can be bound to a statement: a type that both engines store.
pub trait Bindable<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T> Bindable<'q> for T where T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}

/// What can be read from a column: a type that both engines store.
pub trait Readable: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}
impl<T> Readable for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

/// The parameters of a statement.
pub(super) enum Bound {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement with the parameters bound so far.
pub struct Statement<'c> {
    db: &'c mut Db,
    sql: SqlStr,
    bound: Bound,
    /// How many of these are other statements'.
    before: usize,
    /// Why a parameter could not be encoded: said when the statement runs.
    misfit: Option<BoxDynError>,
}

impl Bound {
    pub fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite(SqliteArguments::default()),
            Engine::Postgres => Self::Postgres(PgArguments::default()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Sqlite(arguments) => arguments.len(),
            Self::Postgres(arguments) => arguments.len(),
        }
    }
}

impl<'c> Statement<'c> {
    pub(super) fn new(db: &'c mut Db, sql: SqlStr, bound: Bound) -> Self {
        Self { before: bound.len(), db, sql, bound, misfit: None }
    }

    /// Binds the next parameter of a statement that was put together.
    pub(super) fn bind_param(mut self, param: Param) -> Self {
        match (param, &mut self.bound) {
            (Param::Text(text), _) => self.bind(text),
            (Param::Id(id), _) => self.bind(id),
            (Param::Number(number), _) => self.bind(number),
            (Param::Boolean(is_true), _) => self.bind(is_true),
            (Param::Time(at), _) => self.bind(at),
            (Param::Bytes(bytes), _) => self.bind(bytes),
            // a list is an array there, and JSON here
            (Param::Ids(ids), Bound::Postgres(arguments)) => {
                self.misfit = arguments.add(ids.into_iter().map(Id::uuid).collect::<Vec<_>>()).err().or(self.misfit);
                self
            }
            (Param::Ids(ids), Bound::Sqlite(_)) => self.bind(json(&ids)),
        }
    }

    /// Binds the next parameter.
    pub fn bind<'q>(mut self, value: impl Bindable<'q>) -> Self {
        let added = match &mut self.bound {
            Bound::Sqlite(arguments) => arguments.add(value),
            Bound::Postgres(arguments) => arguments.add(value),
        };
        self.misfit = added.err().or(self.misfit);
        self
    }

    /// Runs it; how many rows it changed.
    pub async fn run(self) -> Result<u64> {
        // what a transaction began with came before it
        Ok(self.answered(Question::Statement).await?.0.pop().unwrap_or_default())
    }

    /// Has it done before the next statement, and before COMMIT, together with those beside it: it changes one row of this table.
    pub fn later(self, table: &'static str) {
        let Self { db, sql, bound, before, misfit } = self;
        db.later.add(table, sql.as_str(), before);
        (db.later.bound, db.later.misfit) = (Some(bound), misfit.or(db.later.misfit.take()));
    }

    /// The first row, if there is one.
    pub async fn first<T: FromRow>(self) -> Result<Option<T>> {
        self.row().await?.map(|row| row.read()).transpose()
    }

    /// The first row by itself. No statement of which it is asked gives many.
    pub(super) async fn row(self) -> Result<Option<Row>> {
        Ok(self.answered(Question::First).await?.1.into_iter().next())
    }

    /// The only row of a statement that always gives one, such as a count.
    pub async fn one<T: FromRow>(self) -> Result<T> {
        self.first().await?.ok_or_else(|| StoreError::Failed(sqlx::Error::RowNotFound))
    }

    /// Every row: only for statements with a bound.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>> {
        self.rows().await?.iter().map(Row::read).collect()
    }

    /// Every row, for who reads each by itself.
    pub(super) async fn rows(self) -> Result<Vec<Row>> {
        Ok(self.answered(Question::Statement).await?.1)
    }

    /// How many rows it changed, and those that it gave.
    async fn answered(self, question: fn(SqlStr, Bound) -> Question) -> Result<Answered> {
        let Self { db, sql, bound, misfit, .. } = self;
        misfit.map_or(Ok(()), |misfit| Err(sqlx::Error::Encode(misfit)))?;
        db.flush().await?;
        Ok(db.ask(&question(sql, bound)).await?)
    }
}

/// No row, and the moment that a lock is waited for.
const GIVES_UP: &str = "SELECT CAST(0 AS BIGINT) AS n WHERE set_config('lock_timeout', '50ms', TRUE) = ''";
/// Divides by nothing where others are in the way.
const ALL_DONE: &str = "SELECT n FROM done WHERE 1 / CASE WHEN (SELECT count(*) FROM done) = ";

/// Statements whose answers nobody waits for, to be done before anything else is: each changes one row, and all go to the database as
/// one message.
#[derive(Default)]
pub(super) struct Later {
    texts: Vec<String>,
    /// The table of each.
    tables: Vec<&'static str>,
    /// See [`Db::presume`].
    pub presumes: bool,
    /// The parameters of all.
    pub bound: Option<Bound>,
    pub misfit: Option<BoxDynError>,
}

impl Later {
    pub const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// One more, whose parameters come behind the first so many.
    pub fn add(&mut self, table: &'static str, text: &str, before: usize) {
        let mut pieces = text.split('$');
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
            // a path in JSON begins so too, and has no number
            let number = piece[..piece.len() - rest.len()].parse::<usize>().map(|number| (before + number).to_string());
            whole.extend(["$", &number.unwrap_or_default(), rest]);
        }
        self.texts.push(whole);
        self.tables.push(table);
    }

    /// All as one, which says of each how many rows it has changed: on PostgreSQL by its number, once for each row. Where it is a
    /// transaction by itself there, it waits for no lock for more than a moment, and fails where it has not changed a row each.
    pub fn text(&self, engine: Engine, is_whole: bool) -> SqlStr {
        put_together(match engine {
            Engine::Sqlite => self.texts.join(";"),
            Engine::Postgres => {
                let (mut with, mut select) = (Vec::new(), Vec::new());
                for (n, text) in self.texts.iter().enumerate() {
                    with.push(format!("s{n} AS ({text}\n    RETURNING CAST({n} AS BIGINT) AS n)"));
                    select.push(format!("SELECT n FROM s{n}"));
                }
                let (with, select, each) = (with.join(", "), select.join(" UNION ALL "), select.len());
                if is_whole {
                    format!("WITH {with}, done AS ({GIVES_UP} UNION ALL {select}) {ALL_DONE}{each} THEN 1 ELSE 0 END = 1")
                } else {
                    format!("WITH {with}\n    {select}")
                }
            }
        })
    }

    /// [`StoreError::Inconsistent`] of the first that has not changed one row.
    pub fn check(&self, engine: Engine, (counts, rows): &Answered) -> Result<()> {
        let numbers: Vec<i64> = rows.iter().map(|row| row.read().map(|Only(n)| n)).collect::<Result<_, _>>()?;
        // behind those of what a transaction began with
        let before = counts.len().saturating_sub(self.tables.len());
        for (n, table) in self.tables.iter().enumerate() {
            let changed = match engine {
                Engine::Sqlite => counts.get(before + n).copied().unwrap_or_default(),
                Engine::Postgres => numbers.iter().map(|number| u64::from(usize::try_from(*number) == Ok(n))).sum(),
            };
            ensure!(changed == 1, StoreError::Inconsistent { table, column: "id", row: format!("{changed} of one") });
        }
        Ok(())
    }
}

/// A row of either engine.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column whose value fits nothing that is ever written there.
pub struct BadColumn(pub &'static str);

impl Row {
    /// A column by its name.
    pub fn get<T: Readable>(&self, column: &'static str) -> Result<T, BadColumn> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|_| BadColumn(column))
    }

    /// A text column that has a form of its own.
    pub fn parse<T>(&self, column: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, BadColumn> {
        parse(&self.get::<String>(column)?).ok_or(BadColumn(column))
    }

    /// A text to be shown, whatever stands there: SQLite takes any bytes for text.
    pub fn shown(&self, column: &'static str) -> Result<String, BadColumn> {
        self.stored(column).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A text as the bytes that stand there, whether or not they are one; none for null.
    pub(super) fn bytes(&self, column: &'static str) -> Result<&[u8]> {
        let bytes = match self {
            Self::Sqlite(row) => row.try_get::<Option<&[u8]>, _>(column)?,
            Self::Postgres(row) => row.try_get::<Option<&str>, _>(column)?.map(str::as_bytes),
        };
        Ok(bytes.unwrap_or_default())
    }

    /// A text or an id as the bytes that stand there.
    pub(super) fn stored(&self, column: &'static str) -> Result<Vec<u8>, BadColumn> {
        match self {
            Self::Sqlite(_) => self.get(column),
            Self::Postgres(_) => {
                self.get::<Id>(column).map(|id| id.to_string()).or_else(|_| self.get(column)).map(String::into_bytes)
            }
        }
    }

    /// What the row is. [`StoreError::Inconsistent`] where it fits no state.
    pub(super) fn read<T: FromRow>(&self) -> Result<T> {
        T::from_row(self).map_err(|BadColumn(column)| {
            let key = self.stored("id").or_else(|_| self.stored("project_id"));
            let row = key.map_or_else(|_| "?".to_owned(), |key| String::from_utf8_lossy(&key).into_owned());
            StoreError::Inconsistent { table: T::TABLE, column, row }
        })
    }
}

/// What a row becomes.
pub trait FromRow: Sized {
    /// Named in the error when a row fits no state.
    const TABLE: &'static str;

    fn from_row(row: &Row) -> Result<Self, BadColumn>;
}

/// What a row becomes whose columns are called as its fields, beside fields that are read in a way of their own.
macro_rules! from_row {
    ($kind:ident, $table:literal, { $($field:ident),* } $(, |$row:ident| { $($own:ident: $read:expr),+ $(,)? })?) => {
        impl $crate::store::FromRow for $kind {
            const TABLE: &'static str = $table;

            fn from_row(row: &$crate::store::Row) -> Result<Self, $crate::store::statement::BadColumn> {
                $(let $row = row;)?
                Ok(Self { $($field: row.get(stringify!($field))?,)* $($($own: $read),+)? })
            }
        }
    };
}
pub(super) use from_row;

/// A single value, called `n`, as `SELECT count(*) AS n`.
pub struct Only<T>(pub T);

impl<T: Readable> FromRow for Only<T> {
    const TABLE: &'static str = "n";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        row.get("n").map(Self)
    }
}
