//! A record's columns, once: by their names rows are selected, by their kinds and values they are written, one or many at a time.

use serde::Serialize;

use super::{
    Db, Engine, StoreError,
    select::{Param, Select},
    statement::{BadColumn, Row},
};

/// The table of a kind of records.
pub struct Table<T: 'static> {
    pub name: &'static str,
    /// What is unique.
    pub key: &'static [&'static str],
    pub columns: &'static [Column<T>],
    /// What a row is.
    pub read: fn(&Row) -> Result<T, BadColumn>,
}

/// A column, and what a record has there.
pub struct Column<T: 'static> {
    pub name: &'static str,
    pub kind: Kind,
    /// `None` for null.
    pub value: fn(&T) -> Option<Param>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Id,
    Text,
    Number,
    Boolean,
    Time,
}

impl Kind {
    /// PostgreSQL's word for it; SQLite's columns have their kind by themselves.
    const fn postgres(self) -> &'static str {
        match self {
            Self::Id => " AS UUID)",
            Self::Text => " AS TEXT)",
            Self::Number => " AS BIGINT)",
            Self::Boolean => " AS BOOLEAN)",
            Self::Time => " AS TIMESTAMPTZ)",
        }
    }
}

impl<T> Table<T> {
    /// `SELECT` every column, as far as the condition: the caller goes on behind `WHERE`.
    pub fn select(&self, engine: Engine) -> Select {
        let mut select = Select::new(engine, "\n    SELECT ");
        self.names(&mut select);
        select.push("\n    FROM ").push(self.name).push("\n    WHERE ");
        select
    }

    fn names(&self, select: &mut Select) {
        separated(select, self.columns, |select, _, column| {
            select.push(column.name);
        });
    }

    /// Inserts one record. [`StoreError::Duplicate`] when there is such a row already.
    pub async fn insert(&self, db: &mut Db, record: &T) -> Result<(), StoreError> {
        let mut insert = self.begin_insert(db.engine());
        insert.push(")\n    VALUES (");
        separated(&mut insert, self.columns, |insert, _, column| match (column.value)(record) {
            Some(value) => {
                insert.bind(value);
            }
            None => {
                insert.push("NULL");
            }
        });
        insert.push(")");
        insert.on(db).run().await.map(|_| ())
    }

    /// Inserts many records at once.
    pub async fn insert_all(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let insert = self.insert_rows(db.engine(), records);
        insert.on(db).run().await.map(|_| ())
    }

    /// Makes the stored records these, whether they are new or not.
    pub async fn save(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        self.upsert(db, records, |save, column| {
            save.push("excluded.").push(column.name);
        })
        .await
    }

    /// The same, but where a record has nothing the stored value stays.
    pub async fn merge(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        let given_or_stored = |merge: &mut Select, column: &Column<T>| {
            merge.push("COALESCE(excluded.").push(column.name).push(", ").push(self.name).push(".").push(column.name).push(")");
        };
        self.upsert(db, records, given_or_stored).await
    }

    async fn upsert(&self, db: &mut Db, records: &[T], becomes: impl Fn(&mut Select, &Column<T>)) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut upsert = self.insert_rows(db.engine(), records);
        upsert.push("\n    ON CONFLICT (");
        separated(&mut upsert, self.key, |upsert, _, column| {
            upsert.push(column);
        });
        upsert.push(") DO UPDATE\n    SET ");
        let others: Vec<&Column<T>> = self.columns.iter().filter(|column| !self.key.contains(&column.name)).collect();
        separated(&mut upsert, &others, |upsert, _, column| {
            upsert.push(column.name).push(" = ");
            becomes(upsert, column);
        });
        upsert.on(db).run().await.map(|_| ())
    }

    fn begin_insert(&self, engine: Engine) -> Select {
        let mut insert = Select::new(engine, "\n    INSERT INTO ");
        insert.push(self.name).push(" (");
        self.names(&mut insert);
        insert
    }

    /// `INSERT` of rows that go in as one JSON text, a list of lists, which both engines take apart.
    fn insert_rows(&self, engine: Engine, records: &[T]) -> Select {
        let mut insert = self.begin_insert(engine);
        insert.push(")\n    SELECT ");
        separated(&mut insert, self.columns, |insert, at, column| {
            insert.either("", "CAST(").push("value ->> ").push_number(at).either("", column.kind.postgres());
        });
        insert
            .either("\n    FROM json_each(", "\n    FROM jsonb_array_elements(CAST(")
            .bind(Param::Text(self.rows(engine, records)));
        // without a condition SQLite would read ON as a join's
        insert.either(")\n    WHERE true", " AS JSONB)) AS rows (value)");
        insert
    }

    fn rows(&self, engine: Engine, records: &[T]) -> String {
        let cell = |record: &T, column: &Column<T>| (column.value)(record).map(|value| Cell(engine, value));
        let row = |record: &T| self.columns.iter().map(|column| cell(record, column)).collect::<Vec<_>>();
        super::bulk::json(&records.iter().map(row).collect::<Vec<_>>())
    }
}

/// Each item by `write`, a comma between two.
fn separated<I>(select: &mut Select, items: &[I], write: impl Fn(&mut Select, usize, &I)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            select.push(", ");
        }
        write(select, at, item);
    }
}

/// A value in a row, as the engine reads it from JSON: a time is exact to the microsecond on both.
struct Cell(Engine, Param);

impl Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match (&self.1, self.0) {
            (Param::Text(text), _) => to.serialize_str(text),
            (Param::Id(id), _) => id.serialize(to),
            (Param::Ids(ids), _) => ids.serialize(to),
            (Param::Bytes(bytes), _) => to.collect_str(&String::from_utf8_lossy(bytes)),
            (Param::Number(number), _) => to.serialize_i64(*number),
            (Param::Boolean(is_true), _) => to.serialize_bool(*is_true),
            (Param::Time(at), Engine::Sqlite) => to.serialize_i64(at.micros()),
            (Param::Time(at), Engine::Postgres) => to.collect_str(&format_args!("{at}Z")),
        }
    }
}

/// A column of ids.
pub const fn id<T>(name: &'static str, value: fn(&T) -> Option<Param>) -> Column<T> {
    Column { name, kind: Kind::Id, value }
}

/// A column of texts.
pub const fn text<T>(name: &'static str, value: fn(&T) -> Option<Param>) -> Column<T> {
    Column { name, kind: Kind::Text, value }
}

/// A column of whole numbers.
pub const fn number<T>(name: &'static str, value: fn(&T) -> Option<Param>) -> Column<T> {
    Column { name, kind: Kind::Number, value }
}

/// A column that is true or false.
pub const fn boolean<T>(name: &'static str, value: fn(&T) -> Option<Param>) -> Column<T> {
    Column { name, kind: Kind::Boolean, value }
}

/// A column of times.
pub const fn time<T>(name: &'static str, value: fn(&T) -> Option<Param>) -> Column<T> {
    Column { name, kind: Kind::Time, value }
}
