//! The narrow call through which every statement goes, `db.sql(LOCK).bind(id).first::<Volume>()`, and the rows that it gives.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Decode, Encode, PgConnection, Postgres, Row as _, SqlStr, Sqlite, SqliteConnection, Type};

use super::error::StoreError;
use super::select::Param;
use super::{Engine, json_rows};
use crate::domain::Id;

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

/// Parameters, or why one could not be encoded: said when the statement runs.
type Bound<A> = Result<A, sqlx::Error>;

/// A statement with the parameters bound so far.
pub enum Statement<'c> {
    Sqlite(SqlStr, &'c mut SqliteConnection, Bound<SqliteArguments>),
    Postgres(SqlStr, &'c mut PgConnection, Bound<PgArguments>),
}

fn bound<'q, A: Arguments, T: Encode<'q, A::Database> + Type<A::Database>>(arguments: Bound<A>, value: T) -> Bound<A> {
    let mut arguments = arguments?;
    arguments.add(value).map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

impl Statement<'_> {
    /// Binds the next parameter of a statement that was put together.
    #[must_use]
    pub(super) fn bind_param(self, param: Param) -> Self {
        match param {
            Param::Text(text) => self.bind(text),
            Param::Id(id) => self.bind(id),
            Param::Number(number) => self.bind(number),
            Param::Boolean(is_true) => self.bind(is_true),
            Param::Time(at) => self.bind(at),
            Param::Bytes(bytes) => self.bind(bytes),
            // a list is an array there, and JSON here
            Param::Ids(ids) => match self {
                Self::Postgres(sql, connection, arguments) => {
                    let ids: Vec<uuid::Uuid> = ids.into_iter().map(Id::uuid).collect();
                    Self::Postgres(sql, connection, bound(arguments, ids))
                }
                sqlite @ Self::Sqlite(..) => sqlite.bind(json_rows::json(&ids)),
            },
        }
    }

    /// Binds the next parameter.
    #[must_use]
    pub fn bind<'q>(self, value: impl Bindable<'q>) -> Self {
        match self {
            Self::Sqlite(sql, connection, arguments) => Self::Sqlite(sql, connection, bound(arguments, value)),
            Self::Postgres(sql, connection, arguments) => Self::Postgres(sql, connection, bound(arguments, value)),
        }
    }

    /// Runs it; how many rows it changed.
    pub async fn run(self) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(sql, connection, arguments) => {
                sqlx::query_with(sql, arguments?).execute(connection).await?.rows_affected()
            }
            Self::Postgres(sql, connection, arguments) => {
                sqlx::query_with(sql, arguments?).execute(connection).await?.rows_affected()
            }
        })
    }

    /// The first row, if there is one.
    pub async fn first<T: FromRow>(self) -> Result<Option<T>, StoreError> {
        self.row().await?.map(|row| row.read()).transpose()
    }

    /// The first row by itself. No statement of which it is asked gives many.
    pub(super) async fn row(self) -> Result<Option<Row>, StoreError> {
        Ok(self.rows().await?.into_iter().next())
    }

    /// The only row of a statement that always gives one, such as a count.
    pub async fn one<T: FromRow>(self) -> Result<T, StoreError> {
        self.first().await?.ok_or_else(|| StoreError::Failed(sqlx::Error::RowNotFound))
    }

    /// Every row: only for statements with a bound.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>, StoreError> {
        self.rows().await?.iter().map(Row::read).collect()
    }

    /// Every row, for who reads each by itself.
    pub(super) async fn rows(self) -> Result<Vec<Row>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(sql, connection, arguments) => {
                let rows = sqlx::query_with(sql, arguments?).fetch_all(connection).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(sql, connection, arguments) => {
                let rows = sqlx::query_with(sql, arguments?).fetch_all(connection).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }
}

/// A row of either engine.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column whose value fits nothing that is ever written there.
#[derive(Debug)]
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
    pub(super) fn bytes(&self, column: &'static str) -> Result<&[u8], StoreError> {
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
                let text = self.get::<Id>(column).map(|id| id.to_string()).or_else(|_| self.get(column));
                text.map(String::into_bytes)
            }
        }
    }

    /// What the row is. [`StoreError::Inconsistent`] where it fits no state.
    pub(super) fn read<T: FromRow>(&self) -> Result<T, StoreError> {
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

/// What a row becomes whose columns are called as its fields.
macro_rules! from_row {
    ($kind:ident, $table:literal, { $($field:ident),+ }) => {
        impl $crate::store::FromRow for $kind {
            const TABLE: &'static str = $table;

            fn from_row(row: &$crate::store::Row) -> Result<Self, $crate::store::statement::BadColumn> {
                Ok(Self { $($field: row.get(stringify!($field))?),+ })
            }
        }
    };
}
pub(super) use from_row;

/// A single number, as `SELECT count(*) AS n`.
pub struct Number(pub i64);

impl FromRow for Number {
    const TABLE: &'static str = "n";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        row.get("n").map(Self)
    }
}
