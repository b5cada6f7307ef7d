//! A list, a page at a time: what can be asked of it, and what is around its rows. A query is read by it, the page is written by
//! it, and the document says it.

use std::borrow::Cow;

use super::visibility::Part;
use crate::domain::RecordKind;
use crate::domain::page::{Direction, Order, SortKey};
use crate::http::request::call::Call;
use crate::http::request::query_parameter::Parameter;

/// What a list takes, and what a page of it has.
pub struct Listing {
    /// What its rows stand under.
    pub name: &'static str,
    /// What the links stand under, where that is not the name with `_links` behind it.
    pub links: Option<&'static str>,
    /// Whether the links are there also where they lead nowhere.
    pub always_links: bool,
    /// What a row is.
    pub part: Part,
    pub count: Count,
    pub record_kind: RecordKind,
    /// What it can be sorted by.
    pub sort_keys: &'static [SortKey],
    /// How it is sorted where a query does not say.
    pub default: fn(&Call) -> Order,
    /// The tables of what it can be narrowed to.
    pub filters: &'static [&'static [Parameter]],
}

/// When a list says how many rows there are on all pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Never,
    /// Where `with_count` asks for it.
    Asked,
    Always,
}

/// Rows under this name, newest first, and a link to the next page where there is one.
pub const fn listing(
    name: &'static str,
    part: Part,
    record_kind: RecordKind,
    sort_keys: &'static [SortKey],
    filters: &'static [&'static [Parameter]],
) -> Listing {
    let default = |_: &Call| Order::by_age(Direction::Descending);
    Listing { name, links: None, always_links: false, part, count: Count::Never, record_kind, sort_keys, default, filters }
}

impl Listing {
    /// What the links stand under.
    pub fn links_name(&self) -> Cow<'static, str> {
        self.links.map_or_else(|| format!("{}_links", self.name).into(), Cow::Borrowed)
    }
}
