//! A request whose caller, route, version, type, size, JSON and project are settled: what a handler gets.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, Quality, QualityItem};
use futures_util::TryFutureExt;
use mime::Mime;
use secrecy::SecretString;

use super::api::Api;
use super::prelude::*;
use super::query::{self, Query};
use super::version::Microversion;
use crate::domain::transfer::Resource;
use crate::domain::{RecordKind, Volume};
use crate::http::answer::file::ApiDocument;
use crate::http::answer::links::Link;
use crate::service::{self, Context, Service, volume_types};

/// What the segment is called that has a record's id, in the order of [`RecordKind`].
const IDS: [&str; RecordKind::ALL.len()] = ["volume_id", "transfer_id", "snapshot_id", "backup_id", "type_id"];

/// The segments of a request's path that have names, decoded, as they were sent and in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The text under a name; `None` where the path has no such segment.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str())
    }
}

/// One request, handed to one handler.
pub struct Call {
    pub service: Arc<Service>,
    /// What `/openapi.json` shows.
    pub document: Arc<ApiDocument>,
    pub method: Method,
    /// The row's own path, below version and project.
    pub route_path: &'static str,
    pub api: Api,
    /// Which of the transfers' two resources the path is on; on another path it makes no difference.
    pub resource: Resource,
    /// `None` but on `/v3`.
    pub microversion: Option<Microversion>,
    /// `None` on the paths outside, which anybody may ask for.
    pub context: Option<Context>,
    pub parameters: Parameters,
    /// The project, where the path has one: the caller's, by then.
    pub path_project: Option<ProjectId>,
    pub raw_path: String,
    pub raw_query: String,
    pub body: Value,
    /// Of the types of the volumes that are to be shown, the ids by their names.
    pub type_ids: BTreeMap<String, Id>,
    /// What the request calls itself by either header, for operations that are done once.
    pub names: [Vec<HeaderValue>; 2],
    pub tokens: Tokens,
    /// The types of answers that the caller takes; kept of requests that are for anybody.
    pub accept: Vec<QualityItem<Mime>>,
    /// What links begin with.
    pub public_url: String,
}

/// EVS's header: a UUID.
pub const CLIENT_TOKEN: &str = "X-Client-Token";

/// The wider known header. Source: the IETF's draft `httpapi-idempotency-key-header`.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What a request calls itself, as it was sent: by both headers, each as often as it stands there. Whether that is a name,
/// `idempotency` judges, where a handler heeds it.
pub fn names(headers: &HeaderMap) -> [Vec<HeaderValue>; 2] {
    [CLIENT_TOKEN, IDEMPOTENCY_KEY].map(|name| headers.get_all(name).cloned().collect())
}

/// The tokens of a request, for who sees to tokens themselves. Never printed.
#[derive(Default)]
pub struct Tokens {
    /// The caller's own.
    pub own: Option<SecretString>,
    /// The one that is asked about.
    pub subject: Option<SecretString>,
}

impl Tokens {
    /// Those of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|token| token.to_str().ok()).map(Into::into);
        Self { own: text("X-Auth-Token"), subject: text("X-Subject-Token") }
    }
}

/// What of answers a caller takes, their types or their codings, by all of its lines of this name that say so.
pub fn accepted<T: FromStr>(headers: &HeaderMap, name: HeaderName) -> Vec<QualityItem<T>> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|item| item.trim().parse().ok()).collect()
}

impl Call {
    /// Who asks, and in which request.
    ///
    /// # Panics
    /// On a path outside, whose handlers have no caller to ask for.
    pub fn cx(&self) -> &Context {
        self.context.as_ref().expect("dispatch settles the caller of every route that is not On::Public")
    }

    /// What the caller asks to see.
    ///
    /// # Errors
    /// Those of the service, with records called as the path calls them.
    pub fn look<T>(&self, shown: impl Future<Output = Result<T, service::Error>>) -> impl Future<Output = Result<T>> {
        shown.map_err(|error| self.problem(error))
    }

    /// What the caller asks to be done. A retry is answered as the first time: its links begin as they did then.
    ///
    /// # Errors
    /// The operation's, with records called as the path calls them.
    pub async fn perform<O: service::Operation>(&mut self, operation: O) -> Result<O::Done> {
        let performed = service::perform(self.cx(), &operation).await.map_err(|error| self.problem(error))?;
        if let Some(links) = performed.first_links {
            self.public_url = links;
        }
        Ok(performed.outcome)
    }

    /// Learns the ids of the types of volumes that are to be shown, if it shows them: volumes know the names alone.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn know_types<'v>(&mut self, volumes: impl IntoIterator<Item = &'v Volume>) -> Result<()> {
        if self.is_from(63) {
            let names = volumes.into_iter().filter_map(|volume| volume.volume_type.as_deref());
            let types = volume_types::named(&self.service, names).await?;
            self.type_ids = types.into_iter().map(|found| (found.name, found.id)).collect();
        }
        Ok(())
    }

    /// A segment of the path by its name, decoded, as it was sent.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).unwrap_or_default()
    }

    /// The record that the path names: `{transfer_id}`, and so on. What is no UUID names none, as an unknown UUID does.
    pub fn id(&self, record_kind: RecordKind) -> Result<Id> {
        let sent = self.sent_id(record_kind);
        Id::parse(sent).ok_or_else(|| Problem::not_found(record_kind, sent))
    }

    /// An operation's error, where the record that the path names is called as the caller called it.
    pub fn problem(&self, error: service::Error) -> Problem {
        match error {
            service::Error::NotFound(record_kind, id) if Id::parse(self.sent_id(record_kind)) == Some(id) => {
                Problem::not_found(record_kind, self.sent_id(record_kind))
            }
            other => other.into(),
        }
    }

    fn sent_id(&self, record_kind: RecordKind) -> &str {
        self.parameter(IDS[record_kind as usize])
    }

    /// Whether the caller would rather have an answer of `this` type than of `that`: each is as welcome as the nearest range that it
    /// is in, and of two alike who is named comes first. Source: RFC 9110, section 12.5.1.
    pub fn prefers(&self, this: &str, that: &str) -> bool {
        let welcome = |wanted: &str| {
            let nearness = |range: &str| match range.strip_suffix("/*") {
                _ if range == wanted => 2,
                Some(kind) if wanted.split('/').next() == Some(kind) => 1,
                _ => 0,
            };
            let ranges = self.accept.iter().enumerate().map(|(at, item)| (item.item.essence_str(), item.quality, at));
            let fitting = ranges.filter(|(range, ..)| *range == "*/*" || nearness(range) > 0);
            let nearest = fitting.max_by_key(|(range, ..)| nearness(range));
            nearest.map_or((Quality::ZERO, 0, Reverse(0)), |(range, quality, at)| (quality, nearness(range), Reverse(at)))
        };
        welcome(this).0 > Quality::ZERO && welcome(this) > welcome(that)
    }

    /// The parameters of the query.
    pub fn query(&self) -> Result<Query> {
        Query::parse(&self.raw_query)
    }

    /// Whether the call is on `/v3` at this microversion or a later one.
    pub fn is_from(&self, minor: u16) -> bool {
        self.microversion.is_some_and(|version| version.0 >= minor)
    }

    /// For what only a later microversion has: to an earlier one it is not there.
    ///
    /// # Errors
    /// 404 before `minor`. Source: Cinder's `VersionNotFoundForAPIMethod`.
    pub fn needs(&self, minor: u16) -> Result<()> {
        if self.is_from(minor) {
            return Ok(());
        }
        let asked = self.microversion.map_or_else(String::new, |version| format!(" {version}"));
        Err(problem!(NotFound, "API version{asked} is not supported on this method. Ask at microversion 3.{minor} or later."))
    }

    /// Where a record is: with the version, and without it.
    pub fn links(&self, resource: &str, id: Id) -> [Link; 2] {
        let (slash, project) = self.path_project.as_ref().map_or(("", ""), |project| ("/", project.as_str()));
        let place = [slash, project, "/", resource, "/", &id.to_string()].concat();
        [
            Link { rel: "self", href: [&self.public_url, self.api.prefix(), &place].concat() },
            Link { rel: "bookmark", href: [&*self.public_url, &place].concat() },
        ]
    }

    /// The next page: the same path and query with another marker and without an offset.
    pub fn next_page(&self, marker: impl std::fmt::Display) -> String {
        let kept =
            query::pieces(&self.raw_query).filter(|(_, name)| name != "marker" && name != "offset").map(|(piece, _)| piece);
        let marker = format!("marker={marker}");
        let query: Vec<&str> = kept.chain([marker.as_str()]).collect();
        format!("{}{}?{}", self.public_url, self.raw_path, query.join("&"))
    }
}
