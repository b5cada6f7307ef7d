//! The parameters of every list: the table of docs/api.md, row by row.

use futures_util::TryFutureExt;

use super::api::Api;
use super::call::Call;
use super::prelude::*;
use super::python_dict;
use super::query::Query;
use super::query_parameter::{ParamType, Parameter, WITH_COUNT};
use crate::domain::limits::{OFFSET, PAGE_ROWS, SORT_KEYS};
use crate::domain::page::{Comparison, Direction, Filter, FilterValue, Order, SortKey};
use crate::http::answer::listing::{Count, Listing};
use crate::service;
use crate::service::page::PageRequest;

/// From which microversions a list says what it does not know, and looks for parts of texts. Source: Cinder's API history.
const GENERALIZED: u16 = 31;
const PARTS: u16 = 34;

/// What any list reads that is no filter of its own.
const PAGING: [&str; 9] =
    ["limit", "offset", "marker", "sort", "sort_key", "sort_dir", "all_tenants", "project_id", "with_count"];

impl Listing {
    /// What a request asks for by the tables of the list.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    pub fn wanted(&self, call: &Call, query: &Query) -> Result<PageRequest> {
        if self.count == Count::Asked && call.is_from(GENERALIZED) {
            self.refuse_unknown(call, query)?;
        }
        let mut filters = self.filters.iter().try_fold(Filters::of(query), |filters, table| filters.table(call, table))?;
        if self.count == Count::Asked && call.is_from(PARTS) {
            let texts = self.filters.iter().copied().flatten().filter(|known| matches!(known.value, ParamType::Text));
            filters = texts.fold(filters, |filters, known| filters.part(known.name));
        }
        self.narrowed(call, query, filters)
    }

    /// The same, of a list that is counted where that is asked for, and whether it is.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    pub fn counted(&self, call: &Call) -> Result<(PageRequest, bool)> {
        let query = call.query()?;
        let is_counted = WITH_COUNT.is_read(call) && query.boolean(WITH_COUNT.name)?.unwrap_or_default();
        Ok((self.wanted(call, &query)?, is_counted))
    }

    /// Whether a call reads a parameter of this name.
    pub fn reads(&self, call: &Call, name: &str) -> bool {
        let whole = name.strip_suffix('~').filter(|_| self.count == Count::Asked && call.is_from(PARTS));
        let is_part = |known: &Parameter| whole == Some(known.name) && matches!(known.value, ParamType::Text);
        PAGING.contains(&name) || self.known(call).any(|known| known.name == name || is_part(known))
    }

    fn known(&self, call: &Call) -> impl Iterator<Item = &'static Parameter> {
        self.filters.iter().copied().flatten().filter(|parameter| parameter.is_read(call))
    }

    /// Ignored, a filter that is not known would show every record to a script that deletes what it lists.
    fn refuse_unknown(&self, call: &Call, query: &Query) -> Result<()> {
        let Some((unknown, _)) = query.iter().find(|(name, _)| !self.reads(call, name)) else { return Ok(()) };
        let names: Vec<&str> = self.known(call).map(|known| known.name).collect();
        let parts = if call.is_from(PARTS) { "; of a text also a part, as name~=part" } else { "" };
        let (unknown, names) = (shown(unknown), names.join(", "));
        Err(problem!(Url, "Invalid filters {unknown} are found in query options. This list is narrowed by {names}{parts}."))
    }

    /// The same by these filters. One that fits nothing asks for no rows, but the rest is looked at all the same.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    pub fn narrowed(&self, call: &Call, query: &Query, filters: Filters<'_>) -> Result<PageRequest> {
        let (limit, offset) = (limit(query, call.api)?, offset(query)?);
        let order = self.order(call, query)?;
        let marker = |sent| Id::parse(sent).ok_or_else(|| self.unknown_marker(call, sent));
        let marker = query.get("marker").map(marker).transpose()?;
        let all_projects = query.is_on("all_tenants") && call.cx().sees_every_project();
        // of one who sees one project alone, which project is no question
        let project = if all_projects { query.get("project_id").map(ProjectId::parse) } else { None };
        let matches_none = filters.matches_none || project == Some(None);
        let (project, filters) = (project.flatten(), filters.found);
        Ok(PageRequest { all_projects, project, filters, matches_none, order, marker, offset, limit })
    }

    /// What is asked for, as [`Call::look`] has it.
    ///
    /// # Errors
    /// Those of the service, with the marker called as the caller called it.
    pub fn look<T>(
        &self,
        call: &Call,
        shown: impl Future<Output = Result<T, service::Error>>,
    ) -> impl Future<Output = Result<T>> {
        shown.map_err(|error| match error {
            service::Error::MarkerNotFound => {
                self.unknown_marker(call, call.query().unwrap_or_default().get("marker").unwrap_or_default())
            }
            other => call.problem(other),
        })
    }

    /// A marker that names no record of the caller's: EVS says so, Cinder cannot find it.
    fn unknown_marker(&self, call: &Call, sent: &str) -> Problem {
        if call.api != Api::V2 {
            return Problem::not_found(self.record_kind, sent);
        }
        let (name, record) = (self.record_kind.title(), self.record_kind.as_str());
        problem!(Marker, "{name} {} could not be found. Give the id of the last {record} of the page before.", shown(sent))
    }

    /// `sort=key[:dir],…`, or `sort_key` and `sort_dir`, or `default`.
    fn order(&self, call: &Call, query: &Query) -> Result<Order> {
        let (sort, key, dir) = (query.get("sort"), query.get("sort_key"), query.get("sort_dir"));
        match (sort, key, dir) {
            (None, None, None) => Ok((self.default)(call)),
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                Err(Problem::new(Kind::Url, "sort goes with neither sort_key nor sort_dir. Use sort alone, or the other two."))
            }
            (Some(sort), None, None) => {
                let key = |item: &str| {
                    let (key, dir) = item.trim().split_once(':').unwrap_or((item.trim(), ""));
                    Ok((self.sort_key(key)?, if dir.is_empty() { Direction::Descending } else { sort_dir(dir)? }))
                };
                let keys: Result<Vec<_>> = sort.split(',').map(key).collect();
                Order::new(keys?).ok_or_else(|| problem!(SortKey, "Sort by {} keys and the id at most.", SORT_KEYS))
            }
            (None, key, dir) => {
                let key = key.map_or(Ok(SortKey::CreatedAt), |key| self.sort_key(key))?;
                let dir = dir.map_or(Ok(Direction::Descending), sort_dir)?;
                Ok(Order::new([(key, dir)]).expect("one key is not too many"))
            }
        }
    }

    fn sort_key(&self, text: &str) -> Result<SortKey> {
        // what clients of Cinder's first API still call it
        let key = if text.trim() == "display_name" { "name" } else { text.trim() };
        SortKey::parse(key).filter(|key| self.sort_keys.contains(key)).ok_or_else(|| {
            let known: Vec<&str> = self.sort_keys.iter().map(|key| key.as_str()).collect();
            problem!(SortKey, "The key {} is none; give {}.", quoted(text), known.join(", "))
        })
    }
}

/// How many rows at most. `/v2` takes 1 to 1000 and says so; `/v3` takes any number, and caps it.
fn limit(query: &Query, api: Api) -> Result<u16> {
    let Some(text) = query.get("limit") else { return Ok(PAGE_ROWS) };
    let least = u16::from(api == Api::V2);
    let malformed = || problem!(Limit, "limit is {}; give a whole number, {least} or more, in digits.", quoted(text));
    let number = digits(text).ok_or_else(malformed)?;
    ensure!(number >= u32::from(least), malformed());
    let too_large = || problem!(LimitTooLarge, "limit is {}; give 1 to {PAGE_ROWS}.", quoted(text));
    ensure!(number <= PAGE_ROWS.into() || api != Api::V2, too_large());
    Ok(u16::try_from(number).unwrap_or(PAGE_ROWS).min(PAGE_ROWS))
}

/// How many rows to leave out first.
fn offset(query: &Query) -> Result<u32> {
    let Some(text) = query.get("offset") else { return Ok(0) };
    let number = digits(text).filter(|number| *number <= OFFSET);
    number.ok_or_else(|| problem!(Offset, "offset is {}; give 0 to {OFFSET}, in digits.", quoted(text)))
}

/// A number in plain digits; one with too many of them is as large as any.
fn digits(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(u32::MAX))
}

fn sort_dir(text: &str) -> Result<Direction> {
    Direction::parse(text.trim())
        .ok_or_else(|| problem!(SortDir, "The direction {} is none; give {}.", quoted(text), Direction::WORDS.join(" or ")))
}

/// The filters of a list, taken from a query one by one. A value that nothing can have fits nothing.
pub struct Filters<'q> {
    query: &'q Query,
    found: Vec<Filter>,
    matches_none: bool,
}

impl<'q> Filters<'q> {
    /// No filter yet.
    pub fn of(query: &'q Query) -> Self {
        Self { query, found: Vec::new(), matches_none: false }
    }

    /// Takes what a table says, but for what its handler reads in its own way.
    ///
    /// # Errors
    /// A boolean, a dictionary or a comparison of times that is none.
    pub fn table(self, call: &Call, table: &[Parameter]) -> Result<Self> {
        let query = self.query;
        let known = table.iter().filter(|parameter| parameter.is_read(call));
        known.map(|parameter| (parameter.name, parameter.value)).try_fold(self, |filters, (name, value)| match value {
            ParamType::Text => Ok(filters.text(name)),
            ParamType::Id => Ok(filters.parsed(name, Id::parse)),
            ParamType::Number => Ok(filters.parsed(name, |text| text.parse::<i64>().ok())),
            ParamType::Boolean => filters.checked(name, |_| query.boolean(name)),
            ParamType::Dictionary => filters.checked(name, |text| python_dict::filter(name, text)),
            ParamType::Times => filters.checked(name, times),
            ParamType::Word | ParamType::Own(_) => Ok(filters),
        })
    }

    /// Takes the parameter `name` as `parse` reads it.
    pub fn parsed<T: Into<FilterValue>>(self, name: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Self {
        self.parsed_as(name, name, parse)
    }

    /// Takes the parameter `name` as `parse` reads it, to be compared with what the list calls `filter`.
    pub fn parsed_as<T: Into<FilterValue>>(
        mut self,
        name: &str,
        filter: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Self {
        if let Some(text) = self.query.get(name) {
            match parse(text) {
                Some(value) => self.found.push(Filter { name: filter, value: value.into() }),
                None => self.matches_none = true,
            }
        }
        self
    }

    /// Text to compare with: any that could be stored.
    pub fn text(self, name: &'static str) -> Self {
        self.parsed(name, |text| (!text.contains('\0')).then(|| text.to_owned()))
    }

    /// A part of a text, which stands under the filter's name with a `~` behind it.
    fn part(self, name: &'static str) -> Self {
        self.parsed_as(&format!("{name}~"), name, |text| (!text.contains('\0')).then(|| FilterValue::Part(text.to_owned())))
    }

    /// Takes the parameter `name` as `read` reads it; what `read` gives nothing for fits nothing.
    ///
    /// # Errors
    /// What `read` says no with.
    pub fn checked<T: Into<FilterValue>>(self, name: &'static str, read: impl Fn(&str) -> Result<Option<T>>) -> Result<Self> {
        let value = self.query.get(name).map(read).transpose()?.flatten();
        Ok(self.parsed(name, |_| value))
    }
}

// Comparisons of times in a query: `created_at=gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`.

/// Comparisons with times: `gte:2026-01-01T00:00:00,lt:2026-02-01T00:00:00`: each operator with its time; of one that is given
/// twice the last counts.
///
/// # Errors
/// An operator or a time that is none.
fn times(text: &str) -> Result<Option<Vec<(Comparison, Time)>>> {
    let mut found: Vec<(Comparison, Time)> = Vec::new();
    for comparison in text.split(',') {
        let (operator, time) = comparison.split_once(':').unwrap_or((comparison, ""));
        let Some(compared) = Comparison::parse(operator) else {
            let words = Comparison::WORDS.join(", ");
            return Err(problem!(Url, "Invalid {} operator. Give one of {words} before each time.", quoted(operator)));
        };
        let Some(time) = Time::iso(time) else {
            let such = format_args!("{operator}:2026-01-31T12:00:00 or {operator}:2026-01-31");
            return Err(problem!(Url, "Invalid {} value. Give a time of ISO 8601, such as {such}.", quoted(time)));
        };
        found.retain(|(earlier, _)| *earlier != compared);
        found.push((compared, time));
    }
    Ok(Some(found))
}
