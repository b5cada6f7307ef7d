//! A record's columns, once: by their names rows are selected, and by their kinds they are written, one or many at a time.
//! A row is read and written as one JSON list, in the order of the record's fields: what serde writes the engine reads, and the
//! other way round.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};
use serde_path_to_error::Segment;

use super::prelude::*;
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

    /// The same as it is stored; `None` for null.
    fn stored(&self, record: &Value) -> Option<Param> {
        match (self.kind, self.of(record)) {
            (UUID, Value::String(id)) => Id::parse(id).map(Param::Id),
            (TIMESTAMPTZ, Value::String(at)) => Time::parse(at).map(Param::Time),
            (_, Value::String(text)) => Some(Param::Text(text.clone())),
            (_, Value::Bool(is_true)) => Some(Param::Boolean(*is_true)),
            (_, value @ (Value::Array(_) | Value::Object(_))) => Some(Param::Text(value.to_string())),
            (_, value) => value.as_i64().map(Param::Number),
        }
    }

    /// What a row has in this column that is `value`, a list.
    fn taken(&self, select: Select) -> Select {
        if select.engine == Engine::Sqlite && self.kind == TIMESTAMPTZ {
            // exact to the microsecond, as no function of SQLite's is
            let seconds = self.pick(select.push("unixepoch(substr(")).push(", 1, 19)) * 1000000 + substr(");
            return self.pick(seconds).push(", 21)");
        }
        self.pick(select.either("", "CAST(")).either("", self.kind)
    }

    fn pick(&self, select: Select) -> Select {
        // by one path: what `->` gives on the way would be a text of its own, which SQLite reads anew
        let path = self.place.iter().enumerate().fold(select.either("value ->> '$[", "value #>> '{"), |path, (depth, at)| {
            if depth > 0 { path.either("][", ",") } else { path }.push_number(*at)
        });
        path.either("]'", "}'")
    }
}

impl<T> Table<T> {
    /// A table with this name, key and columns.
    pub const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Columns]) -> Self {
        Self { name, key, columns, record: PhantomData }
    }

    /// Removes the record with this id.
    pub async fn remove(&self, db: &mut Db, id: Id) -> Result<()> {
        let delete = Select::new(db.engine(), "\n    DELETE FROM ").push(self.name).push("\n    WHERE id = ");
        delete.bind(id).on(db).run().await.map(|_| ())
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
        Select::new(engine, "\n    FROM ").push(self.name).push("\n    WHERE ")
    }

    /// The statement that gives each record of a selection as `record`, and its key beside it.
    pub fn each(&self, select: Select) -> Select {
        let each = Select::new(select.engine, "\n    SELECT ").push(self.key.last().copied().unwrap_or_default()).push(", ");
        self.record(each).goes_on(select, "")
    }

    /// The statement that gives every record of a page, in one row: else each would be a message between two threads, or a row of
    /// the driver's. Only what is left when all is sorted and counted off becomes JSON. A record that carries much is left
    /// empty: a page that has one is read by [`Self::counted_of`].
    pub fn all_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine, "\n    SELECT count(*) AS n, ").either("group_concat(", "string_agg(CAST(");
        let carried: Vec<Column> =
            Columns::each(self.columns).into_iter().filter(|column| CARRIED.contains(&column.name)).collect();
        if !carried.is_empty() {
            all = carried.iter().fold(all.push("CASE WHEN 0"), |all, column| {
                all.push(" + COALESCE(octet_length(").push(column.name).push("), 0)")
            });
            all = all.push(" <= ").push_number(LIGHT).push(" THEN ");
        }
        all = list(all, self.columns).push(if carried.is_empty() { "" } else { " END" });
        all = all.either(", '') AS record", " AS TEXT), '') AS record").push("\n    FROM (\n    SELECT ");
        self.names(all).goes_on(select, ") AS selected")
    }

    /// The same, of as many records as come to [`PAGE_BYTES`], and the one that goes beyond.
    pub fn counted_of(&self, select: Select) -> Select {
        let mut all = Select::new(select.engine, "\n    SELECT count(*) AS n, ").either("group_concat(", "string_agg(");
        all = all.push("record, '') AS record\n    FROM (\n    SELECT record, ");
        all = all.push("SUM(octet_length(record)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(record) AS before");
        all = self.record(all.push("\n    FROM (\n    SELECT ")).push("\n    FROM (\n    SELECT ");
        let end = ") AS selected) AS written) AS counted\n    WHERE before <= ";
        self.names(all).goes_on(select, end).push_number(PAGE_BYTES)
    }

    fn record(&self, select: Select) -> Select {
        list(select.either("", "CAST("), self.columns).either(" AS record", " AS TEXT) AS record")
    }

    fn names(&self, select: Select) -> Select {
        select.separated(&Columns::each(self.columns), |select, column| select.push(column.name))
    }
}

impl<T: DeserializeOwned> Table<T> {
    /// The first record that a selection finds.
    pub async fn first(&self, db: &mut Db, select: Select) -> Result<Option<T>> {
        let row = self.each(select).on(db).row().await?;
        row.map(|row| self.record_in(&row)).transpose()
    }

    /// Every record that a selection finds: only for those with a bound.
    pub async fn all(&self, db: &mut Db, select: Select) -> Result<Vec<T>> {
        let rows = self.each(select).on(db).rows().await?;
        rows.iter().map(|row| self.record_in(row)).collect()
    }

    /// The same of a page, which has a thousand records at most; and whether they come to more than [`PAGE_BYTES`], so that the last
    /// of them belongs to the next page.
    pub async fn page(&self, db: &mut Db, select: Select) -> Result<(Vec<T>, bool)> {
        let light = self.read(db, self.all_of(select.clone())).await?;
        let (records, bytes) = match light {
            Some(all) => all,
            None => self.read(db, self.counted_of(select)).await?.unwrap_or_default(),
        };
        Ok((records, bytes > PAGE_BYTES))
    }

    /// The records of a page and the bytes that they came in; `None` where one was left empty.
    async fn read(&self, db: &mut Db, all: Select) -> Result<Option<(Vec<T>, usize)>> {
        let Some(row) = all.on(db).row().await? else { return Ok(None) };
        let (text, Only(found)) = (row.bytes("record")?, row.read::<Only<i64>>()?);
        let read = Deserializer::from_slice(text).into_iter().enumerate();
        let records: Vec<T> = read.map(|(at, record)| record.map_err(|_| self.fault(nth(text, at)))).collect::<Result<_>>()?;
        Ok((usize::try_from(found) == Ok(records.len())).then_some((records, text.len())))
    }

    /// The record that a row is, as [`Self::each`] gives it.
    pub(super) fn record_in(&self, row: &Row) -> Result<T> {
        let list = row.bytes("record")?;
        serde_json::from_slice(list).map_err(|_| self.fault(list))
    }

    /// [`StoreError::Inconsistent`]: what is wrong with a list that is no record, and which row it is.
    fn fault(&self, list: &[u8]) -> StoreError {
        let text = String::from_utf8_lossy(list);
        let place = match serde_path_to_error::deserialize::<_, T>(&mut Deserializer::from_slice(list)) {
            Ok(_) => Vec::new(),
            Err(error) => {
                error.path().iter().map(|segment| if let Segment::Seq { index } = segment { *index } else { 0 }).collect()
            }
        };
        let columns = Columns::each(self.columns);
        let values: Value = serde_json::from_str(&text).unwrap_or_default();
        let key = columns.iter().find(|column| self.key.last() == Some(&column.name));
        let key = key.and_then(|key| key.of(&values).as_str());
        let column = columns.iter().find(|column| column.place.starts_with(&place)).map_or("?", |column| column.name);
        StoreError::Inconsistent { table: self.name, column, row: key.unwrap_or("?").to_owned() }
    }

    /// The record with this id.
    pub async fn by_id(&self, db: &mut Db, id: Id) -> Result<Option<T>> {
        self.first(db, self.select(db.engine()).push("id = ").bind(id)).await
    }

    /// Those that have one of these ids in a column.
    pub async fn of(&self, db: &mut Db, column: &'static str, ids: impl IntoIterator<Item = Id>) -> Result<Vec<T>> {
        self.all(db, self.select(db.engine()).is_one_of(column, ids)).await
    }
}

impl<T: Serialize> Table<T> {
    /// What a record has in a column; `None` for null.
    pub(super) fn value(&self, record: &T, name: &str) -> Option<Param> {
        self.column(name)?.stored(&serde_json::to_value(record).ok()?)
    }

    /// Inserts one record. [`StoreError::Duplicate`] when there is such a row already.
    pub async fn insert(&self, db: &mut Db, record: &T) -> Result<()> {
        self.insert_row(db.engine(), record).on(db).run().await.map(|_| ())
    }

    /// The same, [later](Statement::later).
    pub fn insert_later(&self, db: &mut Db, record: &T) {
        self.insert_row(db.engine(), record).later(db, self.name);
    }

    /// Inserts many records at once.
    pub async fn insert_all(&self, db: &mut Db, records: &[T]) -> Result<()> {
        self.put(db, records, |insert| insert).await
    }

    /// Inserts those that are not there yet, nor in the way of any that is.
    pub async fn insert_missing(&self, db: &mut Db, records: &[T]) -> Result<()> {
        self.put(db, records, |insert| insert.push("\n    ON CONFLICT DO NOTHING")).await
    }

    /// Makes the stored records these, whether they are new or not.
    pub async fn save(&self, db: &mut Db, records: &[T]) -> Result<()> {
        self.upsert(db, records, |save, name| save.push("excluded.").push(name)).await
    }

    /// The same, but where a record has nothing the stored value stays.
    pub async fn merge(&self, db: &mut Db, records: &[T]) -> Result<()> {
        self.upsert(db, records, |merge, name| {
            merge.push("COALESCE(excluded.").push(name).push(", ").push(self.name).push(".").push(name).push(")")
        })
        .await
    }

    async fn upsert(&self, db: &mut Db, records: &[T], becomes: impl Fn(Select, &'static str) -> Select) -> Result<()> {
        self.put(db, records, |upsert| {
            let upsert = upsert.push("\n    ON CONFLICT (").separated(self.key, |upsert, column| upsert.push(column));
            let names = Columns::each(self.columns).into_iter().map(|column| column.name);
            let others: Vec<&'static str> = names.filter(|name| !self.key.contains(name)).collect();
            let upsert = upsert.push(") DO UPDATE\n    SET ");
            upsert.separated(&others, |upsert, name| becomes(upsert.push(name).push(" = "), name))
        })
        .await
    }

    /// Inserts records, if there are any, in a statement that `end` ends.
    async fn put(&self, db: &mut Db, records: &[T], end: impl FnOnce(Select) -> Select) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        end(self.insert_rows(db.engine(), records)).on(db).run().await.map(|_| ())
    }

    fn inserting(&self, engine: Engine) -> Select {
        self.names(Select::new(engine, "\n    INSERT INTO ").push(self.name).push(" ("))
    }

    /// `INSERT` of one row, whose values go in as they are.
    fn insert_row(&self, engine: Engine, record: &T) -> Select {
        let row = serde_json::to_value(record).expect("a record has only text keys and no number that is not finite");
        let insert = self.inserting(engine).push(")\n    VALUES (");
        let value = |insert: Select, column: &Column| match column.stored(&row) {
            Some(value) => insert.bind(value),
            None => insert.push("NULL"),
        };
        insert.separated(&Columns::each(self.columns), value).push(")")
    }

    /// `INSERT` of rows that go in as one JSON text, a list of lists, which both engines take apart.
    fn insert_rows(&self, engine: Engine, records: &[T]) -> Select {
        let insert = self.inserting(engine).push(")\n    SELECT ");
        let insert = insert.separated(&Columns::each(self.columns), |insert, column| column.taken(insert));
        let insert = insert.either("\n    FROM json_each(", "\n    FROM jsonb_array_elements(CAST(").bind(json(&records));
        // without a condition SQLite would read ON as a join's
        insert.either(")\n    WHERE true", " AS JSONB)) AS rows (value)")
    }
}

/// Columns as a JSON list.
fn list(select: Select, columns: &'static [Columns]) -> Select {
    let list_of = select.either("json_array(", "json_build_array(").separated(columns, |select, columns| match columns {
        Part(columns) => list(select, columns),
        Of(_, names) => select.separated(names, |select, name| select.push(name)),
    });
    list_of.push(")")
}

/// One of lists that lie one behind the other.
fn nth(lists: &[u8], number: usize) -> &[u8] {
    let mut all = Deserializer::from_slice(lists).into_iter::<IgnoredAny>();
    all.by_ref().take(number).for_each(drop);
    let start = all.byte_offset();
    all.next();
    lists.get(start..all.byte_offset()).unwrap_or_default()
}
