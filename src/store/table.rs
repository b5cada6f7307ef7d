//! A record's columns, once: by their names rows are selected, and by their kinds they are written, one or many at a time.
//! A row is read and written as one JSON list, in the order of the record's fields: what serde writes the engine reads, and the
//! other way round.

use std::marker::PhantomData;
use std::slice;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::prelude::*;
use super::record;
use crate::domain::limits::PAGE_BYTES;

/// The most bytes of what a record carries that is read as a page comes: a thousand of these come to less than that.
const LIGHT: usize = 3000;

/// The columns in which a record carries what may be much.
const CARRIED: [&str; 5] = ["metadata", "extra", "description", "extra_specs", "projects"];

/// The table of a kind of records.
pub struct Table<T> {
    pub name: &'static str,
    /// What is unique.
    pub key: &'static [&'static str],
    /// In the order of the record's fields.
    pub columns: &'static [Columns],
    record: PhantomData<fn() -> T>,
}

/// What columns hold: PostgreSQL's word for it, as `CAST` ends with it; SQLite's columns have their kind by themselves.
type Kind = &'static str;

/// Ids.
pub const UUID: Kind = " AS UUID)";
/// Texts.
pub const TEXT: Kind = " AS TEXT)";
/// Whole numbers.
pub const BIGINT: Kind = " AS BIGINT)";
/// True or false.
pub const BOOLEAN: Kind = " AS BOOLEAN)";
/// Times, which are written without their zone.
pub const TIMESTAMPTZ: Kind = " || 'Z' AS TIMESTAMPTZ)";

/// Columns, one behind the other.
pub enum Columns {
    /// Of one kind, by their names.
    Of(Kind, &'static [&'static str]),
    /// Those of a field that has fields of its own.
    Part(&'static [Self]),
}

pub use Columns::{Of, Part};

/// One of them.
pub(super) struct Column {
    pub name: &'static str,
    kind: Kind,
    /// Where it is in the record's JSON.
    pub place: Vec<usize>,
}

impl Columns {
    /// The columns themselves.
    pub(super) fn each(all: &'static [Self]) -> Vec<Column> {
        let fields = all.iter().flat_map(|columns| match columns {
            Self::Of(kind, names) => names.iter().map(|name| vec![Column { name, kind, place: Vec::new() }]).collect(),
            Self::Part(columns) => vec![Self::each(columns)],
        });
        let placed = |(at, mut field): (usize, Vec<Column>)| {
            for column in &mut field {
                column.place.insert(0, at);
            }
            field
        };
        fields.enumerate().flat_map(placed).collect()
    }
}

impl Column {
    /// What stands in it, in a record's JSON.
    pub fn of<'v>(&self, record: &'v Value) -> &'v Value {
        self.place.iter().fold(record, |record, at| &record[*at])
    }

    /// What a row has in this column that is `value`, a list.
    fn taken<'s>(&self, select: &'s mut Select) -> &'s mut Select {
        if select.engine() == Engine::Sqlite && self.kind == TIMESTAMPTZ {
            // exact to the microsecond, as no function of SQLite's is
            self.pick(select.push("unixepoch(substr(")).push(", 1, 19)) * 1000000 + substr(");
            return self.pick(select).push(", 21)");
        }
        self.pick(select.either("", "CAST(")).either("", self.kind)
    }

    fn pick<'s>(&self, select: &'s mut Select) -> &'s mut Select {
        select.push("value");
        for (depth, at) in self.place.iter().enumerate() {
            select.push(if depth + 1 == self.place.len() { " ->> " } else { " -> " }).push_number(*at);
        }
        select
    }
}

impl<T> Table<T> {
    /// A table with this name, key and columns.
    pub const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Columns]) -> Self {
        Self { name, key, columns, record: PhantomData }
    }

    /// Removes the record with this id.
    pub async fn remove(&self, db: &mut Db, id: Id) -> Result<(), StoreError> {
        let mut delete = Select::new(db.engine(), "\n    DELETE FROM ");
        delete.push(self.name).push("\n    WHERE id = ").bind(id.into());
        delete.on(db).run().await.map(|_| ())
    }

    /// What a column holds.
    pub(super) fn kind(&self, name: &str) -> Kind {
        self.column(name).map_or(TEXT, |column| column.kind)
    }

    fn column(&self, name: &str) -> Option<Column> {
        Columns::each(self.columns).into_iter().find(|column| column.name == name)
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

    /// The statement that gives every record of a page, in one row: else each would be a message between two threads, or a row of
    /// the driver's. Only what is left when all is sorted and counted off becomes JSON. A record that carries much is left
    /// empty: a page that has one is read by [`Self::counted_of`].
    pub fn all_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine(), "\n    SELECT ");
        let carried: Vec<Column> =
            Columns::each(self.columns).into_iter().filter(|column| CARRIED.contains(&column.name)).collect();
        let is_light = carried.is_empty();
        all.push("count(*) AS n, ").either("group_concat(", "string_agg(CAST(");
        if !is_light {
            all.push("CASE WHEN 0");
            for column in &carried {
                all.push(" + COALESCE(octet_length(").push(column.name).push("), 0)");
            }
            all.push(" <= ").push_number(LIGHT).push(" THEN ");
        }
        list(&mut all, self.columns).push(if is_light { "" } else { " END" });
        all.either(", '') AS record", " AS TEXT), '') AS record").push("\n    FROM (\n    SELECT ");
        self.names(&mut all);
        all.goes_on(select, ") AS selected")
    }

    /// The same, of as many records as come to [`PAGE_BYTES`], and the one that goes beyond.
    pub fn counted_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine(), "\n    SELECT ");
        all.push("count(*) AS n, ").either("group_concat(", "string_agg(");
        all.push("record, '') AS record\n    FROM (\n    SELECT record, ");
        all.push("SUM(octet_length(record)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(record) AS before\n    FROM (\n    SELECT ");
        self.record(&mut all);
        all.push("\n    FROM (\n    SELECT ");
        self.names(&mut all);
        let mut all = all.goes_on(select, ") AS selected) AS written) AS counted\n    WHERE before <= ");
        all.push_number(PAGE_BYTES);
        all
    }

    fn record(&self, select: &mut Select) {
        list(select.either("", "CAST("), self.columns).either(" AS record", " AS TEXT) AS record");
    }

    fn names(&self, select: &mut Select) {
        separated(select, &Columns::each(self.columns), |select, column| select.push(column.name));
    }
}

impl<T: DeserializeOwned> Table<T> {
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
        let Some(row) = all.on(db).row().await? else { return Ok(None) };
        let (text, Number(found)) = (row.bytes("record")?, row.read()?);
        let mut records = Vec::new();
        record::read_all(self, text, &mut records)?;
        Ok((usize::try_from(found) == Ok(records.len())).then_some((records, text.len())))
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
}

impl<T: Serialize> Table<T> {
    /// What a record has in a column; `None` for null.
    pub(super) fn value(&self, record: &T, name: &str) -> Option<Param> {
        let (column, row) = (self.column(name)?, serde_json::to_value(record).ok()?);
        match (column.kind, column.of(&row)) {
            (UUID, Value::String(id)) => Id::parse(id).map(Param::Id),
            (TIMESTAMPTZ, Value::String(at)) => Time::parse(at).map(Param::Time),
            (_, Value::String(text)) => Some(Param::Text(text.clone())),
            (_, Value::Bool(is_true)) => Some(Param::Boolean(*is_true)),
            (_, value) => value.as_i64().map(Param::Number),
        }
    }

    /// Inserts one record. [`StoreError::Duplicate`] when there is such a row already.
    pub async fn insert(&self, db: &mut Db, record: &T) -> Result<(), StoreError> {
        self.insert_all(db, slice::from_ref(record)).await
    }

    /// The same, [later](Statement::later).
    pub fn insert_later(&self, db: &mut Db, record: &T) {
        self.insert_rows(db.engine(), slice::from_ref(record)).later(db, self.name);
    }

    /// Inserts many records at once.
    pub async fn insert_all(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        self.put(db, records, |insert| insert).await
    }

    /// Inserts those that are not there yet, nor in the way of any that is.
    pub async fn insert_missing(&self, db: &mut Db, records: &[T]) -> Result<(), StoreError> {
        self.put(db, records, |insert| insert.push("\n    ON CONFLICT DO NOTHING")).await
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
        self.put(db, records, |upsert| {
            upsert.push("\n    ON CONFLICT (");
            separated(upsert, self.key, |upsert, column| upsert.push(column)).push(") DO UPDATE\n    SET ");
            let names = Columns::each(self.columns).into_iter().map(|column| column.name);
            let others: Vec<&'static str> = names.filter(|name| !self.key.contains(name)).collect();
            separated(upsert, &others, |upsert, name| becomes(upsert.push(name).push(" = "), name))
        })
        .await
    }

    /// Inserts records, if there are any, in a statement that `end` ends.
    async fn put(&self, db: &mut Db, records: &[T], end: impl FnOnce(&mut Select) -> &mut Select) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut insert = self.insert_rows(db.engine(), records);
        end(&mut insert);
        insert.on(db).run().await.map(|_| ())
    }

    /// `INSERT` of rows that go in as one JSON text, a list of lists, which both engines take apart.
    fn insert_rows(&self, engine: Engine, records: &[T]) -> Select {
        let mut insert = Select::new(engine, "\n    INSERT INTO ");
        self.names(insert.push(self.name).push(" ("));
        insert.push(")\n    SELECT ");
        separated(&mut insert, &Columns::each(self.columns), |insert, column| column.taken(insert));
        insert.either("\n    FROM json_each(", "\n    FROM jsonb_array_elements(CAST(").bind(json(&records).into());
        // without a condition SQLite would read ON as a join's
        insert.either(")\n    WHERE true", " AS JSONB)) AS rows (value)");
        insert
    }
}

/// Columns as a JSON list.
fn list<'s>(select: &'s mut Select, columns: &'static [Columns]) -> &'s mut Select {
    select.either("json_array(", "json_build_array(");
    separated(select, columns, |select, columns| match columns {
        Part(columns) => list(select, columns),
        Of(_, names) => separated(select, names, |select, name| select.push(name)),
    });
    select.push(")")
}

/// Each item by `write`, a comma between two.
fn separated<'s, I>(
    select: &'s mut Select,
    items: &[I],
    write: impl for<'w> Fn(&'w mut Select, &I) -> &'w mut Select,
) -> &'s mut Select {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            select.push(", ");
        }
        write(select, item);
    }
    select
}
