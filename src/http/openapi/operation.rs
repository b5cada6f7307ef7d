//! What the document says of a handler beside what the route table knows: a row of `operations`.

use std::collections::BTreeSet;

use crate::{
    domain::page::SortKey,
    http::{
        answer::{problem::Kind, shape::Part},
        request::{action::Form, parameter::Parameter},
    },
};

/// What a body holds.
#[derive(Clone, Copy)]
pub enum Content {
    Nothing,
    /// The one object under this name.
    One(&'static str, Part),
    /// The same. Beside it may be other objects, which say nothing.
    Beside(&'static str, Part, &'static str),
    /// The one object under this name, which is one or the other.
    Either(&'static str, [Part; 2]),
    /// The body of an action: an object with one key.
    Action(fn() -> Vec<Form>),
    Page(Listing),
    /// Rows under this name, always all of them.
    Rows(&'static str, Part),
    /// The object itself.
    Whole(Part),
    /// Any object.
    Object,
    /// No JSON, but one of these types.
    Other(&'static [&'static str]),
}

/// A list, a page at a time.
#[derive(Clone, Copy)]
pub struct Listing {
    /// What its rows stand under.
    pub name: &'static str,
    /// What the links stand under, where that is not the name with `_links` behind it.
    pub links: Option<&'static str>,
    /// Whether the links are there also where they lead nowhere.
    pub always_links: bool,
    pub part: Part,
    pub count: Count,
}

/// When a list says how many rows there are on all pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Never,
    /// Where [`WITH_COUNT`](crate::http::request::parameter::WITH_COUNT) asks for it.
    Asked,
    Always,
}

/// Rows under this name, and a link to the next page where there is one.
pub const fn page(name: &'static str, part: Part) -> Listing {
    Listing { name, links: None, always_links: false, part, count: Count::Never }
}

impl Listing {
    /// The same, its links under this name.
    #[must_use]
    pub const fn links(self, name: &'static str) -> Self {
        Self { links: Some(name), ..self }
    }

    /// The same, its links there also where they lead nowhere.
    #[must_use]
    pub const fn always_links(self) -> Self {
        Self { always_links: true, ..self }
    }

    /// The same, with how many rows there are on all pages at these times.
    #[must_use]
    pub const fn count(self, count: Count) -> Self {
        Self { count, ..self }
    }
}

/// A row.
pub struct Operation {
    /// The handler, as the route table names it.
    pub handled_by: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub takes: Content,
    pub status: u16,
    pub answers: Content,
    /// What it can be sorted by, where it is a list with the parameters of every list.
    pub sort_keys: Option<&'static [SortKey]>,
    /// The tables of its parameters.
    pub query: &'static [&'static [Parameter]],
    /// Whether it is done once, where the request names itself.
    pub is_once: bool,
    /// The errors of its own, beside those of the checks before it.
    pub refuses: &'static [Kind],
}

impl Operation {
    /// A row that takes nothing and answers 200 with nothing, until more is said.
    pub const fn new(handled_by: &'static str, summary: &'static str) -> Self {
        Self {
            handled_by,
            summary,
            description: "",
            takes: Content::Nothing,
            status: 200,
            answers: Content::Nothing,
            sort_keys: None,
            query: &[],
            is_once: false,
            refuses: &[],
        }
    }

    /// The same with more to say than its summary.
    #[must_use]
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// The same with a body that is read.
    #[must_use]
    pub const fn takes(self, takes: Content) -> Self {
        Self { takes, ..self }
    }

    /// The same with another success.
    #[must_use]
    pub const fn answers(self, status: u16, answers: Content) -> Self {
        Self { status, answers, ..self }
    }

    /// The same as a list, with the parameters and errors of every list.
    #[must_use]
    pub const fn list(self, sort_keys: &'static [SortKey]) -> Self {
        Self { sort_keys: Some(sort_keys), ..self }
    }

    /// The same with these parameters of its query.
    #[must_use]
    pub const fn query(self, query: &'static [&'static [Parameter]]) -> Self {
        Self { query, ..self }
    }

    /// The same, done once where the request names itself.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { is_once: true, ..self }
    }

    /// The same with errors of its own.
    #[must_use]
    pub const fn refuses(self, refuses: &'static [Kind]) -> Self {
        Self { refuses, ..self }
    }
}

impl Operation {
    /// The statuses of its success: an action has its own.
    pub fn statuses(&self) -> BTreeSet<u16> {
        match self.takes {
            Content::Action(forms) => forms().iter().map(|form| form.status).collect(),
            _ => BTreeSet::from([self.status]),
        }
    }

    /// Whether it is a list that says how many rows there are if asked.
    pub const fn counts_if_asked(&self) -> bool {
        matches!(self.answers, Content::Page(Listing { count: Count::Asked, .. }))
    }
}

/// The rows of one subject.
pub struct Subject {
    pub name: &'static str,
    pub what: &'static str,
    pub operations: &'static [Operation],
}
