//! An operation as a row of the route table has it: its handler, what that takes, and what there is to say of it. It is
//! said beside the handler; the route table names it, and the OpenAPI document is made of it.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use super::answer::listing::Listing;
use super::answer::problem::{Kind, Result, problem};
use super::answer::success::Answer;
use super::request::api::Api;
use super::request::body::{Body, Content};
use super::request::call::Call;
use super::request::query_parameter::Parameter;
use super::request::{idempotency, query};
use crate::domain::quote::quoted;

/// A handler's answer in the making.
pub type Answering = BoxFuture<'static, Result<Answer>>;

/// An operation whose body is read into `B`.
pub struct Operation<B: 'static = ()> {
    pub about: About,
    pub handler: fn(Call, B) -> Answering,
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
            self.about.refuse_twice(&call)?;
            (self.handler)(call, body).await
        })
    }
}

impl About {
    /// What has nothing to say beside this, and answers 200 with nothing.
    pub const fn new(subject: &'static Subject, summary: &'static str) -> Self {
        Self {
            subject,
            summary,
            description: "",
            since: None,
            status: 200,
            answers: Content::Nothing,
            query: &[],
            is_idempotent: false,
            refuses: &[],
        }
    }

    /// A parameter that is read stands in a query once; what is not read may stand there as often as it likes. Lists of the identity
    /// read whatever their rows have.
    fn refuse_twice(&self, call: &Call) -> Result<()> {
        let is_read = |name: &str| match self.listing() {
            Some(listing) => listing.reads(call, name),
            None => call.api == Api::Identity || self.query.iter().any(|known| known.name == name && known.is_read(call)),
        };
        let mut seen = BTreeSet::new();
        for (_, name) in query::pieces(&call.raw_query).filter(|(_, name)| is_read(name)) {
            let twice = problem!(Url, "The parameter {} is given twice. Give it once.", quoted(&name));
            ensure!(seen.insert(name), twice);
        }
        Ok(())
    }

    /// What it can be asked, where it is a list with the parameters of every list.
    pub const fn listing(&self) -> Option<&'static Listing> {
        if let Content::Page(listing) = self.answers { Some(listing) } else { None }
    }
}

/// Operations on a subject, a row each: name and summary, handler, status and body of a success, and what else [`About`] says.
macro_rules! operations {
    ($subject:path; $(
        $(#[$doc:meta])*
        $name:ident: $summary:expr, |$call:ident $(, $sent:ident: $body:ty)?| $answering:expr
            => $status:literal $answers:expr $(, $more:ident: $value:expr)*;
    )+) => {$(
        $(#[$doc])*
        #[allow(unused_parens)] // of a row without a body they are the unit
        pub static $name: Operation<($($body)?)> = Operation {
            handler: |$call, ($($sent)?)| Box::pin($answering),
            about: About { status: $status, answers: $answers, $($more: $value,)* ..About::new(&$subject, $summary) },
        };
    )+};
}

pub(crate) use operations;
