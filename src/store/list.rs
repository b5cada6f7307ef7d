//! A page of any list, written once. A list names its table, columns, filters and keys; what is asked for becomes the statement:
//! the filters that were given and no other, the order, and where it begins. Filters that clients use on every call have an
//! index that holds their rows by age; so has the order by age itself.

use super::prelude::*;
use crate::domain::page::{Comparison, Direction, Filter, FilterValue, Listed, Order, SortKey};

/// Which rows, in which order, from where on.
#[derive(Debug, Clone)]
pub struct Query {
    /// `None`: those of every project.
    pub project: Option<ProjectId>,
    pub filters: Vec<Filter>,
    pub order: Order,
    /// The row to begin behind.
    pub after: Option<After>,
    pub offset: i64,
    /// How many rows at most.
    pub rows: i64,
    pub now: Time,
}

/// The row that a page begins behind: its values are compared, so it need not be in the list any more.
#[derive(Debug, Clone)]
pub struct After {
    pub id: Id,
    pub created_at: Time,
    /// Its values under the order's keys; `None` for null.
    pub keys: Vec<Option<Param>>,
}

impl After {
    /// Behind `row`, in a table of this order.
    pub fn new<T: Listed>(table: &Table<T>, row: &T, order: &Order) -> Self {
        let keys = order.keys().iter().map(|(key, _)| table.value(row, key.as_str())).collect();
        let (id, created_at, _) = row.place();
        Self { id, created_at, keys }
    }
}

/// A list: a table, and what it can be narrowed to and sorted by.
pub struct List<T: 'static> {
    pub table: &'static Table<T>,
    /// A condition that every row fulfils.
    pub only: Option<&'static str>,
    /// When a row is on it no longer, stored or not.
    pub until: Option<&'static str>,
    /// The condition that a row is a project's, which stands where it has a `?`.
    pub project: &'static str,
    pub filters: &'static [Filters],
    /// What it can be sorted by: columns of these names.
    pub keys: &'static [SortKey],
    /// What `quota_usage` calls how many of them a project has.
    pub counted_as: Option<&'static str>,
}

/// How a column is compared, in the order of [`Comparison`].
const SIGNS: [&str; Comparison::ALL.len()] = [" > ", " >= ", " < ", " <= ", " = ", " <> "];

/// Filters of one kind by their names, and the column that they compare: `None` where each has one of its own name.
pub type Filters = (Kind, Option<&'static str>, &'static [&'static str]);

/// How a filter compares its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The column is this, or one of these ids; or each comparison of times holds.
    Is,
    /// The JSON object in the column has all of these texts.
    Has,
    /// It has not all of them.
    Lacks,
    /// The field of the filter's name, in the JSON object in the column, is this text.
    Field,
    /// The same, where one that is absent is `0`.
    FieldOrZero,
    /// The field of the filter's name has this text in it.
    FieldHas,
    /// A server of this id is among the attachments in the JSON object.
    Server,
}

/// The rows of a list that `query` asks for, and whether the last of them is one too many for a page.
pub async fn rows<T: DeserializeOwned>(db: &mut Db, list: &List<T>, query: &Query) -> Result<(Vec<T>, bool)> {
    let page = page(db.engine(), list, query)?;
    list.table.page(db, page).await
}

/// How many rows a list has of a project's, or of all, that pass the filters. Without any it was counted already.
pub async fn count<T>(db: &mut Db, list: &List<T>, project: Option<&ProjectId>, filters: &[Filter]) -> Result<i64> {
    Ok(count_of(db.engine(), list, project, filters)?.on(db).one::<Only<i64>>().await?.0)
}

/// The statement of [`count`].
pub fn count_of<T>(engine: Engine, list: &List<T>, project: Option<&ProjectId>, filters: &[Filter]) -> Result<Select> {
    let select = Select::new(engine, "\n    SELECT ");
    if let Some(column) = list.counted_as.filter(|_| filters.is_empty()) {
        // an index holds the few that are not counted
        let select = select.push("CAST(COALESCE(SUM(").push(column).push("), 0) AS BIGINT) + (SELECT count(*) FROM ");
        let select = whose(select.push(list.table.name).push(" WHERE NOT consumes_quota AND "), project);
        return Ok(whose(select.push(") AS n\n    FROM quota_usage\n    WHERE "), project));
    }
    narrow(select.push("count(*) AS n\n    FROM ").push(list.table.name).push("\n    WHERE "), list, project, filters, false)
}

/// A condition: of a project's, or of all.
pub fn whose(select: Select, project: Option<&ProjectId>) -> Select {
    match project {
        Some(project) => select.push("project_id = ").bind(project.as_str()),
        None => select.push("true"),
    }
}

/// The statement of a page.
pub fn page<T: DeserializeOwned>(engine: Engine, list: &List<T>, query: &Query) -> Result<Select> {
    let order = query.order.as_age();
    let is_plain = engine == Engine::Postgres && order.is_some() && query.filters.is_empty() && query.offset == 0;
    let mut select = narrow(list.table.select(engine), list, query.project.as_ref(), &query.filters, is_plain)?;
    if query.project.is_none() {
        // what the indexes by age alone hold under there, so that no page of a project's is read by one: it holds of every row
        select = select.either("", "\n      AND created_at > '-infinity'");
    }
    if let Some(until) = list.until {
        select =
            select.push("\n      AND (").push(until).push(" IS NULL OR ").push(until).push(" > ").bind(query.now).push(")");
    }
    let select = match order {
        Some(way) => by_age(select, query.after.as_ref(), way),
        None => by_keys(select, list, query)?,
    };
    let limited = select.push("\n    LIMIT ");
    Ok(match usize::try_from(query.rows) {
        Ok(rows) if is_plain => limited.push_number(rows),
        // SQLite plans a statement anew each time that a bare parameter limits it
        _ => limited.push("CAST(").bind(query.rows).push(" AS BIGINT)").push("\n    OFFSET ").bind(query.offset),
    })
}

/// A condition for each thing that was asked. Of what is plain an index has every project's rows in their order: PostgreSQL, which
/// plans a statement anew each time that a value might make a difference, is not told which project it is before it has its plan.
fn narrow<T>(
    select: Select,
    list: &List<T>,
    project: Option<&ProjectId>,
    filters: &[Filter],
    is_plain: bool,
) -> Result<Select> {
    let mut select = select.push(list.only.unwrap_or("true"));
    if let Some(project) = project {
        let mut pieces = list.project.split('?');
        select = select.push("\n      AND ").push(pieces.next().unwrap_or_default());
        let [before, after] = if is_plain { ["(SELECT ", ")"] } else { [""; 2] };
        select = pieces.fold(select, |select, piece| select.push(before).bind(project.as_str()).push(after).push(piece));
    }
    for Filter { name, value } in filters {
        let known = list.filters.iter().find(|(.., names)| names.contains(name));
        let (kind, column, _) = known.ok_or(StoreError::UnknownFilter { list: list.table.name, name })?;
        select = condition(select, name, column.unwrap_or(name), *kind, value.clone());
    }
    Ok(select)
}

fn condition(select: Select, name: &'static str, column: &'static str, kind: Kind, value: FilterValue) -> Select {
    let is_part = kind == Kind::FieldHas || matches!(value, FilterValue::Part(_));
    let value = match value {
        FilterValue::Times(times) => {
            return times.into_iter().fold(select, |select, (comparison, at)| {
                select.push("\n      AND ").push(column).push(SIGNS[comparison as usize]).bind(at)
            });
        }
        FilterValue::Ids(ids) => return select.push("\n      AND ").is_one_of(column, ids),
        FilterValue::Text(text) | FilterValue::Part(text) => text.into(),
        FilterValue::Id(id) => id.into(),
        FilterValue::Number(number) => number.into(),
        FilterValue::Boolean(is_true) => is_true.into(),
        FilterValue::Texts(texts) => Param::Text(serde_json::Value::Object(texts).to_string()),
    };
    let select = select.push("\n      AND ");
    match kind {
        _ if is_part => {
            let found = select.either("instr(", "strpos(");
            let is_field = matches!(kind, Kind::Field | Kind::FieldHas | Kind::FieldOrZero);
            let found = if is_field { field(found, name, column) } else { found.push(column) };
            found.push(", ").bind(value).push(") > 0")
        }
        Kind::Is => select.push(column).push(" = ").bind(value),
        Kind::Has => has(select, column, value),
        Kind::Lacks => has(select.push("NOT "), column, value),
        Kind::Field | Kind::FieldHas => field(select, name, column).push(" = ").bind(value),
        Kind::FieldOrZero => field(select.push("COALESCE("), name, column).push(", '0') = ").bind(value),
        Kind::Server => select
            .either("EXISTS (\n          SELECT 1\n          FROM json_each(", "")
            .push(column)
            .either(
                ", '$.attachments') AS attachment\n          WHERE CASE WHEN attachment.type = 'object' THEN attachment.value ->> 'server_id' END = ",
                "::jsonb -> 'attachments' @> jsonb_build_array(jsonb_build_object('server_id', CAST(",
            )
            .bind(value)
            .either(")", " AS TEXT)))"),
    }
}

/// The JSON object in the column has all of the texts in another. What is empty has none of them, and is not taken apart: an index
/// may hold all that is not.
fn has(select: Select, column: &'static str, texts: Param) -> Select {
    let mut select = select.push("(");
    if texts != Param::from("{}") {
        select = select.push(column).push(" <> '{}' AND ");
    }
    match select.engine {
        Engine::Sqlite => select
            .push("NOT EXISTS (\n          SELECT 1\n          FROM json_each(")
            .bind(texts)
            .push(") AS asked\n          WHERE NOT EXISTS (SELECT 1 FROM json_each(")
            .push(column)
            .push(") AS has WHERE has.key = asked.key AND has.value = asked.value)))"),
        Engine::Postgres => select.push(column).push("::jsonb @> CAST(").bind(texts).push(" AS jsonb))"),
    }
}

/// A text field of the JSON object in the column.
fn field(select: Select, name: &'static str, column: &'static str) -> Select {
    select.either("json_extract(", "(").push(column).either(", '$.", "::jsonb ->> '").push(name).push("')")
}

/// The order that indexes hold.
fn by_age(mut select: Select, after: Option<&After>, way: Direction) -> Select {
    let ascends = way == Direction::Ascending;
    if let Some(After { id, created_at, .. }) = after {
        let from = if ascends { "\n      AND (created_at, id) > (" } else { "\n      AND (created_at, id) < (" };
        select = select.push(from).bind(*created_at).push(", ").bind(*id).push(")");
    }
    select.push(if ascends { "\n    ORDER BY created_at, id" } else { "\n    ORDER BY created_at DESC, id DESC" })
}

/// Any other order: null before everything that ascends, behind everything that descends.
fn by_keys<T>(mut select: Select, list: &List<T>, query: &Query) -> Result<Select> {
    if let Some((unknown, _)) = query.order.keys().iter().find(|(key, _)| !list.keys.contains(key)) {
        return Err(StoreError::UnknownFilter { list: list.table.name, name: unknown.as_str() });
    }
    let descends = |way| way == Direction::Descending;
    let keys: Vec<_> = query.order.keys().iter().map(|(key, way)| (key.as_str(), descends(*way))).collect();
    if let Some(after) = &query.after {
        select = select.push("\n      AND ");
        for (&(column, descends), value) in keys.iter().zip(&after.keys) {
            let is_behind = select.push("(");
            let is_behind = match (value, descends) {
                (Some(value), false) => is_behind.push(column).push(" > ").bind(value.clone()),
                (Some(value), true) => {
                    let is_less = is_behind.push("(").push(column).push(" < ").bind(value.clone());
                    is_less.push(" OR ").push(column).push(" IS NULL)")
                }
                (None, false) => is_behind.push(column).push(" IS NOT NULL"),
                (None, true) => is_behind.push("false"),
            };
            let is_same = is_behind.push(" OR ").push(column);
            select = match value {
                Some(value) => is_same.push(" = ").bind(value.clone()),
                None => is_same.push(" IS NULL"),
            }
            .push(" AND ");
        }
        select = select.push(if descends(query.order.ties()) { "id < " } else { "id > " }).bind(after.id);
        select = keys.iter().fold(select, |select, _| select.push(")"));
    }
    select = select.push("\n    ORDER BY ");
    for (column, descends) in keys {
        // SQLite's nulls lie so by themselves
        select = select.push(column).push(if descends { " DESC" } else { " ASC" });
        select = select.either("", if descends { " NULLS LAST" } else { " NULLS FIRST" }).push(", ");
    }
    Ok(select.push(if descends(query.order.ties()) { "id DESC" } else { "id" }))
}
