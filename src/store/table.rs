//! A record's columns, once: by their names rows are selected, by their kinds and values they are written, one or many at a time.
//! A row is read as one JSON list, in the order of the record's fields, which the engine writes and serde reads.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::prelude::*;
use super::record;

/// The most bytes of the records of one page, which is in memory whole.
pub const PAGE_BYTES: usize = 4 << 20;

/// The most bytes of what a record carries that is read as a page comes: a thousand of these come to less than that.
const LIGHT: usize = 3000;

/// The table of a kind of records.
pub struct Table<T: 'static> {
    pub name: &'static str,
    /// What is unique.
    pub key: &'static [&'static str],
    /// In the order of the record's fields.
    pub columns: &'static [Column<T>],
}

/// What a record has in a column.
pub type Value<T> = fn(&T) -> Option<Param>;

/// What a field of a record is kept in.
pub enum Column<T: 'static> {
    /// A column, and what a record has there.
    One {
        name: &'static str,
        /// PostgreSQL's word for what it holds, as `CAST` ends with it; SQLite's columns have their kind by themselves.
        kind: &'static str,
        /// `None` for null.
        value: Value<T>,
    },
    /// The columns of a field that has fields of its own.
    Part(&'static [Self]),
}

impl<T> Column<T> {
    /// The columns themselves, none of which is a part.
    fn each(columns: &'static [Self]) -> Vec<(&'static str, &'static str, Value<T>)> {
        let flat = |column: &'static Self| match column {
            Self::One { name, kind, value } => vec![(*name, *kind, *value)],
            Self::Part(columns) => Self::each(columns),
        };
        columns.iter().flat_map(flat).collect()
    }

    /// The column at a place in a record's JSON.
    pub(super) fn at(columns: &'static [Self], place: &[usize]) -> &'static str {
        let column = place.first().and_then(|at| columns.get(*at)).or_else(|| columns.first());
        match column {
            Some(Self::One { name, .. }) => name,
            Some(Self::Part(columns)) => Self::at(columns, place.get(1..).unwrap_or_default()),
            None => "?",
        }
    }
}

impl<T: DeserializeOwned> Table<T> {
    /// What a column holds.
    pub(super) fn kind(&self, column: &str) -> &'static str {
        Column::each(self.columns).into_iter().find(|(name, ..)| *name == column).map_or(" AS TEXT)", |(_, kind, _)| kind)
    }

    /// A selection of records, as far as the condition: the caller goes on behind `WHERE`.
    pub fn select(&self, engine: Engine) -> Select {
        let mut select = Select::new(engine, "\n    FROM ");
        select.push(self.name).push("\n    WHERE ");
        select
    }

    /// The statement that gives each record of a selection as `record`, and its key beside it.
    pub fn each(&self, select: Select) -> Select {
        let mut each = Select::new(select.engine(), "\n    SELECT ");
        each.push(self.key.last().copied().unwrap_or_default()).push(", ");
        self.record(&mut each);
        each.goes_on(select, "")
    }

    /// The statement that gives every record of a page, on SQLite in one row: else each row would be a message between two
    /// threads. Only what is left when all is sorted and counted off becomes JSON. A record that carries more than [`LIGHT`] is left
    /// empty: a page that has one is read by [`Self::counted_of`].
    pub fn all_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine(), "\n    SELECT ");
        let is_light = Column::each(self.columns).iter().all(|(name, ..)| *name != "metadata");
        all.either("count(*) AS n, group_concat(", "COALESCE(CAST(");
        if !is_light {
            all.push("CASE WHEN octet_length(metadata) + octet_length(extra) <= ").push_number(LIGHT).push(" THEN ");
        }
        list(&mut all, self.columns).push(if is_light { "" } else { " END" });
        all.either(", '') AS record", " AS TEXT), '') AS record").push("\n    FROM (\n    SELECT ");
        self.names(&mut all);
        all.goes_on(select, ") AS selected")
    }

    /// The same, of as many records as come to [`PAGE_BYTES`], and the one that goes beyond.
    pub fn counted_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine(), "\n    SELECT ");
        all.either("count(*) AS n, group_concat(record, '') AS record", "record").push("\n    FROM (\n    SELECT record, ");
        all.push("SUM(octet_length(record)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(record) AS before\n    FROM (\n    SELECT ");
        self.record(&mut all);
        all.push("\n    FROM (\n    SELECT ");
        self.names(&mut all);
        let mut all = all.goes_on(select, ") AS selected) AS written) AS counted\n    WHERE before < ");
        all.push_number(PAGE_BYTES);
        all
    }

    fn record(&self, select: &mut Select) {
        list(select.either("", "CAST("), self.columns).either(" AS record", " AS TEXT) AS record");
    }

    fn names(&self, select: &mut Select) {
        separated(select, &Column::each(self.columns), |select, _, (name, ..)| select.push(name));
    }

    /// The first record that a selection finds.
    pub async fn first(&self, db: &mut Db, select: Select) -> Result<Option<T>, StoreError> {
        let row = self.each(select).on(db).row().await?;
        row.map(|row| record::read(self, row.bytes("record")?)).transpose()
    }

    /// Every record that a selection finds: only for those with a bound.
    pub async fn all(&self, db: &mut Db, select: Select) -> Result<Vec<T>, StoreError> {
        let rows = self.each(select).on(db).rows().await?;
        rows.iter().map(|row| record::read(self, row.bytes("record")?)).collect()
    }

    /// The same of a page, which has a thousand records at most; and whether they come to more than [`PAGE_BYTES`], so that the last
    /// of them belongs to the next page.
    pub async fn page(&self, db: &mut Db, select: Select) -> Result<(Vec<T>, bool), StoreError> {
        let light = self.read(db, self.all_of(select.clone())).await?;
        let (records, bytes) = match light {
            Some(all) => all,
            None => self.read(db, self.counted_of(select)).await?.unwrap_or_default(),
        };
        Ok((records, bytes > PAGE_BYTES))
    }

    /// The records of a page and the bytes that they came in; `None` where one was left empty.
    async fn read(&self, db: &mut Db, all: Select) -> Result<Option<(Vec<T>, usize)>, StoreError> {
        let (mut records, mut bytes, mut found) = (Vec::new(), 0, 0);
        let (engine, all) = (db.engine(), all.on(db));
        let rows = if engine == Engine::Sqlite { all.row().await?.into_iter().collect() } else { all.rows().await? };
        for row in rows {
            let text = row.bytes("record")?;
            bytes += text.len();
            found += if engine == Engine::Sqlite { row.read::<Number>()?.0 } else { 1 };
            record::read_all(self, text, &mut records)?;
        }
        Ok((usize::try_from(found) == Ok(records.len())).then_some((records, bytes)))
    }

    /// The record with this id.
    pub async fn by_id(&self, db: &mut Db, id: Id) -> Result<Option<T>, StoreError> {
        let mut select = self.select(db.engine());
        select.push("id = ").bind(id.into());
        self.first(db, select).await
    }

    /// Those that have one of these ids in a column.
    pub async fn of(&self, db: &mut Db, column: &'static str, ids: impl IntoIterator<Item = Id>) -> Result<Vec<T>, StoreError> {
        let mut select = self.select(db.engine());
        select.is_one_of(column, ids);
        self.all(db, select).await
    }

    /// Inserts one record. [`StoreError::Duplicate`] when there is such a row already.
    pub async fn insert(&self, db: &mut Db, record: &T) -> Result<(), StoreError> {
        let mut insert = self.begin_insert(db.engine());
        insert.push(")\n    VALUES (");
        separated(&mut insert, &Column::each(self.columns), |insert, _, (.., value)| match value(record) {
            Some(value) => insert.bind(value),
            None => insert.push("NULL"),
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
        self.upsert(db, records, |save, name| save.push("excluded.").push(name)).await
    }

    /// The same, but where a record has nothing the stored value stays.
    pub async fn merge(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        self.upsert(db, records, |merge, name| {
            merge.push("COALESCE(excluded.").push(name).push(", ").push(self.name).push(".").push(name).push(")")
        })
        .await
    }

    async fn upsert(
        &self,
        db: &mut Db,
        records: &[T],
        becomes: impl for<'s> Fn(&'s mut Select, &'static str) -> &'s mut Select,
    ) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut upsert = self.insert_rows(db.engine(), records);
        upsert.push("\n    ON CONFLICT (");
        separated(&mut upsert, self.key, |upsert, _, column| upsert.push(column));
        upsert.push(") DO UPDATE\n    SET ");
        let names = Column::each(self.columns).into_iter().map(|(name, ..)| name);
        let others: Vec<&'static str> = names.filter(|name| !self.key.contains(name)).collect();
        separated(&mut upsert, &others, |upsert, _, name| becomes(upsert.push(name).push(" = "), name));
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
        separated(&mut insert, &Column::each(self.columns), |insert, at, (_, kind, _)| {
            insert.either("", "CAST(").push("value ->> ").push_number(at).either("", kind)
        });
        insert
            .either("\n    FROM json_each(", "\n    FROM jsonb_array_elements(CAST(")
            .bind(Param::Text(self.rows(engine, records)));
        // without a condition SQLite would read ON as a join's
        insert.either(")\n    WHERE true", " AS JSONB)) AS rows (value)");
        insert
    }

    fn rows(&self, engine: Engine, records: &[T]) -> String {
        let columns = Column::each(self.columns);
        let row = |record: &T| {
            let cells = columns.iter().map(|(.., value)| value(record).map(|value| Cell(engine, value)));
            cells.collect::<Vec<_>>()
        };
        json_rows::json(&records.iter().map(row).collect::<Vec<_>>())
    }
}

/// Columns as a JSON list.
fn list<'s, T>(select: &'s mut Select, columns: &'static [Column<T>]) -> &'s mut Select {
    select.either("json_array(", "json_build_array(");
    separated(select, columns, |select, _, column| match column {
        Column::One { name, .. } => select.push(name),
        Column::Part(columns) => list(select, columns),
    });
    select.push(")")
}

/// Each item by `write`, a comma between two.
fn separated<I>(select: &mut Select, items: &[I], write: impl for<'s> Fn(&'s mut Select, usize, &I) -> &'s mut Select) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            select.push(", ");
        }
        write(select, at, item);
    }
}

/// A value in a row, as the engine reads it from JSON: a time is exact to the microsecond on both.
pub(super) struct Cell(pub Engine, pub Param);

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
pub const fn id<T>(name: &'static str, value: Value<T>) -> Column<T> {
    Column::One { name, kind: " AS UUID)", value }
}

/// A column of texts.
pub const fn text<T>(name: &'static str, value: Value<T>) -> Column<T> {
    Column::One { name, kind: " AS TEXT)", value }
}

/// A column of whole numbers.
pub const fn number<T>(name: &'static str, value: Value<T>) -> Column<T> {
    Column::One { name, kind: " AS BIGINT)", value }
}

/// A column that is true or false.
pub const fn boolean<T>(name: &'static str, value: Value<T>) -> Column<T> {
    Column::One { name, kind: " AS BOOLEAN)", value }
}

/// A column of times.
pub const fn time<T>(name: &'static str, value: Value<T>) -> Column<T> {
    Column::One { name, kind: " AS TIMESTAMPTZ)", value }
}
