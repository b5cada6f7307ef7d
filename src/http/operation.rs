//! An operation as a row of the route table has it: its handler, what that takes, and what there is to say of it. It stands beside
//! the handler; the route table names it, and the OpenAPI document is made of it.

use std::future::Future;
use std::pin::Pin;

use super::answer::listing::Listing;
use super::answer::problem::{Kind, Problem};
use super::answer::success::Answer;
use super::request::body::Body;
use super::request::call::Call;
use super::request::content::Content;
use super::request::idempotency;
use super::request::query_parameter::Parameter;

/// A handler's answer in the making.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// An operation whose body is read into `B`.
#[must_use]
pub struct Operation<B: 'static = ()> {
    about: About,
    handler: fn(Call, B) -> Answering,
}

/// What there is to say of an operation, beside what the route table knows.
#[derive(Clone, Copy)]
pub struct About {
    pub subject: &'static Subject,
    pub summary: &'static str,
    pub description: &'static str,
    /// The first microversion of `/v3` that has it: before, and on `/v2`, it is not there.
    pub since: Option<u16>,
    /// Of its success; an action has its own.
    pub status: u16,
    pub answers: Content,
    /// Its parameters, where it is no list, which has tables of its own.
    pub query: &'static [Parameter],
    /// Whether it is done once, where the request names itself.
    pub is_idempotent: bool,
    /// The errors of its own, beside those of the checks before it.
    pub refuses: &'static [Kind],
}

/// What operations are about.
#[derive(PartialEq, Eq)]
pub struct Subject {
    pub name: &'static str,
    pub what: &'static str,
}

/// An operation, whatever it takes.
pub trait AnyOperation: Sync {
    /// What there is to say of it.
    fn about(&self) -> &About;

    /// What its body holds.
    fn takes(&self) -> Content;

    /// Reads the body, and has the handler answer.
    fn run(&'static self, call: Call) -> Answering;
}

impl<B: Body> AnyOperation for Operation<B> {
    fn about(&self) -> &About {
        &self.about
    }

    fn takes(&self) -> Content {
        B::CONTENT
    }

    fn run(&'static self, mut call: Call) -> Answering {
        Box::pin(async move {
            if let Some(minor) = self.about.since {
                call.needs(minor)?;
            }
            if self.about.is_idempotent {
                idempotency::take_name(&mut call)?;
            }
            let body = B::read(&mut call)?;
            (self.handler)(call, body).await
        })
    }
}

impl About {
    /// What it can be asked, where it is a list with the parameters of every list.
    pub const fn listing(&self) -> Option<&'static Listing> {
        match self.answers {
            Content::Page(listing) => Some(listing),
            _ => None,
        }
    }
}

impl<B> Operation<B> {
    /// An operation that answers 200 with nothing, until more is said.
    pub const fn new(subject: &'static Subject, summary: &'static str, handler: fn(Call, B) -> Answering) -> Self {
        let about = About {
            subject,
            summary,
            description: "",
            since: None,
            status: 200,
            answers: Content::Nothing,
            query: &[],
            is_idempotent: false,
            refuses: &[],
        };
        Self { about, handler }
    }

    /// The same with more to say than its summary.
    pub const fn description(mut self, description: &'static str) -> Self {
        self.about.description = description;
        self
    }

    /// The same, there from microversion 3.`minor` of `/v3` on.
    pub const fn since(mut self, minor: u16) -> Self {
        self.about.since = Some(minor);
        self
    }

    /// The same with another success.
    pub const fn answers(mut self, status: u16, answers: Content) -> Self {
        self.about.status = status;
        self.about.answers = answers;
        self
    }

    /// The same as a list, with the parameters and errors of every list.
    pub const fn list(mut self, listing: &'static Listing) -> Self {
        self.about.answers = Content::Page(listing);
        self
    }

    /// The same with these parameters of its query.
    pub const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.about.query = query;
        self
    }

    /// The same, done once where the request names itself.
    pub const fn idempotent(mut self) -> Self {
        self.about.is_idempotent = true;
        self
    }

    /// The same with errors of its own.
    pub const fn refuses(mut self, refuses: &'static [Kind]) -> Self {
        self.about.refuses = refuses;
        self
    }
}
