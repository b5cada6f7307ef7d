//! The one Actix handler: it walks the checks in their order, runs the route's handler, and puts on every answer
//! what every answer has.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;
use scopeguard::guard;
use serde_json::Value;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::metrics::Metrics;
use super::public_url::PublicUrl;
use super::router::{Path, Router, split};
use super::under_way::UnderWay;
use super::{connection, shared};
use crate::domain::limits::REQUEST;
use crate::domain::{AuthMode, Caller, Dialect, Id, ProjectId, quote};
use crate::http::answer::errors;
use crate::http::answer::file::ApiDocument;
use crate::http::answer::problem::{Kind, Problem, Result, problem};
use crate::http::answer::success::{Answer, Body};
use crate::http::request::api::Api;
use crate::http::request::body::Content;
use crate::http::request::call::{Call, Parameters, Tokens, accepted, names};
use crate::http::request::payload::{Incoming, Method, has_body};
use crate::http::request::version::{self, Microversion};
use crate::http::routes::Route;
use crate::identity::{Head, Identity, Unidentified};
use crate::secrets::random;
use crate::service::context::Stage;
use crate::service::{Context, Service};

/// What almost every answer is.
const JSON: &str = "application/json";

/// What every request shares.
pub struct State {
    pub service: Arc<Service>,
    pub identity: Identity,
    /// `None`: each part of the surface has its own.
    pub dialect: Option<Dialect>,
    pub public_url: PublicUrl,
    pub router: Router,
    pub metrics: Metrics,
    pub document: Arc<ApiDocument>,
    pub under_way: UnderWay,
    /// Where handlers run that do something: on the process's own runtime, so that neither a client that goes away nor a worker
    /// that stops cuts a transaction off.
    pub runtime: Handle,
}

/// What is known of a request as the checks go on.
struct Exchange<'r> {
    state: &'r Arc<State>,
    request: &'r HttpRequest,
    request_id: Id,
    api: Api,
    /// The path of the table, once it is found.
    path: Option<&'r Path>,
    /// The version, once it is settled.
    version: Option<Microversion>,
    caller: Option<Caller>,
    /// What of the body was not read, and is not to be.
    unread: Option<Payload>,
}

/// A path of the table, and what stands at its parameters.
type Found<'r> = (&'r Path, Parameters);

/// Answers any request.
pub async fn dispatch(request: HttpRequest, payload: Payload, state: Data<State>) -> HttpResponse {
    let started = Instant::now();
    let state = state.into_inner();
    let mut exchange = Exchange {
        state: &state,
        request: &request,
        request_id: random::id(&*state.service.random),
        api: Api::of(path_as_sent(&request)),
        path: None,
        version: None,
        caller: None,
        unread: None,
    };
    let outcome = exchange.answer(payload).await;
    let response = exchange.respond(outcome);
    let response = match exchange.unread.take() {
        Some(unread) => response.map_body(|_, body| shared::beside(body, unread)),
        None => response,
    };
    exchange.record(response.status(), started);
    response
}

impl<'r> Exchange<'r> {
    /// The order of checks: caller, route, version, type, size, JSON, project; fields and all behind them are the handler's.
    async fn answer(&mut self, payload: Payload) -> Result<Answer> {
        let state = self.state;
        if let Some(problem) = connection::refusal(self.request) {
            self.unread = Some(payload); // so that it may be read before the connection is closed, though more may come
            return Err(problem);
        }
        let mut incoming = Incoming::new(self.request, payload);
        let settling = async {
            // before anything costs time; whoever watches the service is answered all the same
            if self.api != Api::Public {
                state.under_way.has_room()?;
            }
            let segments: Option<Vec<String>> = split(path_as_sent(self.request)).into_iter().collect();
            let found = segments.as_deref().and_then(|segments| state.router.find(segments));
            let found = found.filter(|_| self.api != Api::Identity || state.service.identity.mode != AuthMode::Keystone);
            let hash = incoming.hash().await?;
            let Some((found, route)) = self.settle(found, hash).await? else { return Ok(None) };
            let takes_body = has_body(&route.method) && !matches!(route.operation.takes(), Content::Nothing);
            let body = if takes_body { incoming.json(self.request, self.api).await? } else { Value::Null };
            Ok(Some((found, route, body)))
        };
        let settled: Result<_> = settling.await;
        self.unread = incoming.drain().await;
        let Some(((path, parameters), route, body)) = settled? else {
            return Ok(Answer::empty(204).with_header("Allow", self.path.map(Path::allow).unwrap_or_default()));
        };
        let context = self.context(&parameters)?;
        let progress = context.as_ref().map(|context| Arc::clone(&context.progress)).unwrap_or_default();
        let call = Call {
            service: Arc::clone(&state.service),
            document: Arc::clone(&state.document),
            method: route.method.clone(),
            route_path: route.path,
            api: path.api,
            resource: path.resource,
            // what is ours is as the newest version is, and says nothing of it
            microversion: self.version.or((path.api == Api::Own).then_some(version::MAX)),
            path_project: context.as_ref().filter(|_| path.has_project()).map(|context| context.caller.project.clone()),
            context,
            parameters,
            raw_path: path_as_sent(self.request).to_owned(),
            raw_query: self.request.query_string().to_owned(),
            body,
            type_ids: BTreeMap::default(),
            names: names(self.request.headers()),
            accept: if path.api == Api::Public { accepted(self.request.headers(), header::ACCEPT) } else { Vec::new() },
            tokens: if path.api == Api::Identity { Tokens::of(self.request.headers()) } else { Tokens::default() },
            public_url: state.public_url.of(self.request),
        };
        let begun = state.under_way.begin(route)?;
        // dropped with this very future, which is when the client goes away, or when the handler is given up: nobody waits any more
        let waiting = guard(progress, |progress| _ = progress.give_up());
        let request_id = format_args!("req-{}", self.request_id);
        let span = tracing::info_span!("request", %request_id);
        // a panic ends one request
        let running = route.operation.run(call).instrument(span);
        // also where it goes on though nobody waits for it any more
        let counted = async move { (running.await, begun).0 };
        let answering = AssertUnwindSafe(counted).catch_unwind();
        let outcome = if route.method == Method::GET {
            // what only looks may be cut off: it is spared the way to another thread and back
            tokio::time::timeout(REQUEST, answering).await
        } else {
            let answering = state.runtime.spawn(answering);
            let joined = async { answering.await.unwrap_or_else(|error| Err(Box::new(error))) };
            tokio::time::timeout(REQUEST, joined).await
        };
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                tracing::error!(%request_id, "a handler panicked");
                Err(Problem::internal())
            }
            Err(_) => Err(too_late(waiting.give_up())),
        }
    }

    /// Caller, route and version. `None` for OPTIONS, which needs no more.
    async fn settle(&mut self, found: Option<Found<'r>>, sha: Option<[u8; 32]>) -> Result<Option<(Found<'r>, &'static Route)>> {
        let project = found.as_ref().and_then(|(_, parameters)| parameters.get("project_id"));
        let path_project = match (&project, &found) {
            (Some(text), _) => ProjectId::parse(text),
            (None, Some(_)) => None,
            // the project that an unknown path names where a known one would: then its caller is no stranger
            (None, None) => {
                let segment = split(path_as_sent(self.request)).into_iter().nth(1).flatten();
                segment.filter(|_| matches!(self.api, Api::V2 | Api::V3)).as_deref().and_then(ProjectId::parse)
            }
        };
        let method = method(self.request);
        let is_options = self.request.method() == "OPTIONS";
        if found.as_ref().is_some_and(|(path, _)| path.is_for_anybody(method)) {
            self.caller = (self.api == Api::Identity).then(Caller::default);
        } else {
            let caller = self.identify(path_project.as_ref(), sha).await?;
            // a path whose project none could be is answered as such
            let lacks_project =
                |path: &Path| caller.project.some().is_none() && (!path.has_project() || path_project.is_some());
            let is_identity = self.api == Api::Identity;
            let is_lacking = !is_options && !is_identity && found.as_ref().is_some_and(|(path, _)| lacks_project(path));
            let words = "This needs a token of a project, and the token names none.";
            ensure!(!is_lacking, Problem::new(Kind::Unauthenticated, words));
            self.caller = Some(caller);
        }

        let is_misfit = self.api == Api::V3 && project.is_some() && path_project.is_none();
        let Some((path, parameters)) = found.filter(|_| !is_misfit) else {
            let words = "There is nothing at this path. Look at the paths that the API reference lists.";
            return Err(Problem::new(Kind::NotFound, words));
        };
        self.path = Some(path);
        if is_options {
            return Ok(None);
        }
        let route = path.route(method).ok_or_else(|| {
            let (method, allow) = (quote::shown(self.request.method().as_str()), path.allow());
            problem!(Method, "The method {method} is not for this path. Use one of {allow}.").with_header("Allow", allow)
        })?;
        if path.api == Api::V3 {
            self.version = Some(version::asked(self.request.headers())?);
        }
        Ok(Some(((path, parameters), route)))
    }

    async fn identify(&self, path_project: Option<&ProjectId>, body_hash: Option<[u8; 32]>) -> Result<Caller> {
        let request = self.request;
        let (method, path, query) = (request.method().as_str(), path_as_sent(request), request.query_string());
        let head = Head { method, path, query, headers: request.headers(), path_project, body_hash };
        self.state.identity.identify(&head).await.map_err(|error| match error {
            Unidentified::Refused(message) => problem!(Unauthenticated, "{message}."),
            Unidentified::Unavailable(message) => Problem::unavailable(&format!("{message}.")),
        })
    }

    /// The project in the path must be the caller's, an admin's too.
    fn context(&self, parameters: &Parameters) -> Result<Option<Context>> {
        let Some(caller) = self.caller.clone() else { return Ok(None) };
        if let Some(text) = parameters.get("project_id") {
            let malformed = || problem!(ProjectMalformed, "The project in the path must be {}.", ProjectId::RULE);
            let in_path = ProjectId::parse(text).ok_or_else(malformed)?;
            let words = format_args!("Malformed request url. The project in the path, {in_path}, is not the caller's.");
            let another = || problem!(ProjectNotTheCallers, "{words} Put the token's own project there.");
            ensure!(caller.project == in_path, another());
        }
        Ok(Some(Context {
            address: self.state.public_url.caller(self.request),
            signature: self.state.identity.signature(self.request.headers()),
            ..Context::new(Arc::clone(&self.state.service), caller, self.request_id)
        }))
    }

    fn respond(&self, outcome: Result<Answer>) -> HttpResponse {
        let Answer { status, body, headers } = outcome.unwrap_or_else(|problem| self.refusal(problem));
        let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
        let request_id = format!("req-{}", self.request_id);
        for name in ["X-Request-Id", "x-openstack-request-id", "x-compute-request-id"] {
            response.insert_header((name, request_id.as_str()));
        }
        if let Some(version) = self.version {
            response.insert_header((version::HEADER, format!("volume {version}")));
            response.insert_header((header::VARY, version::HEADER));
        }
        for (name, value) in headers {
            response.insert_header((name, &*value));
        }
        match body {
            Body::Empty => response.finish(),
            Body::Json(bytes) => response.insert_header((header::CONTENT_TYPE, JSON)).body(bytes),
            Body::Metrics(measured) => {
                response.insert_header((header::CONTENT_TYPE, measured.content_type())).body(self.state.metrics.text(&measured))
            }
            Body::Shared(content_type, pieces) => {
                response.insert_header((header::CONTENT_TYPE, content_type)).body(shared::body(pieces))
            }
            Body::File(file) => shared::respond(response, &file, self.request.headers()),
        }
    }

    fn refusal(&self, problem: Problem) -> Answer {
        let dialect = self.state.dialect.filter(|_| self.api != Api::Identity).unwrap_or_else(|| self.api.dialect());
        let is_unknown = problem.kind == Kind::Unauthenticated;
        let answer = errors::answer(problem, dialect);
        if !is_unknown {
            return answer;
        }
        answer.with_header("WWW-Authenticate", self.state.identity.challenge(&self.state.public_url.of(self.request)))
    }

    /// What is logged of a path that is none: enough to see what was meant.
    fn unknown_path(&self) -> Cow<'static, str> {
        let may_be_secret = |text: &str| text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let segments = path_as_sent(self.request).split('/').filter(|segment| !segment.is_empty()).take(2);
        let segments = segments.map(|segment| segment.split(';').next().unwrap_or_default());
        let segments: Vec<&str> = segments.map(|segment| if may_be_secret(segment) { "…" } else { segment }).collect();
        format!("unknown: /{}", quote::shown(&segments.join("/"))).into()
    }

    /// Log and metrics: the pattern of the path, never the path or the query, which may hold anything.
    fn record(&self, status: StatusCode, started: Instant) {
        let (took, status) = (started.elapsed(), status.as_u16());
        let methods = ["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"];
        let method = methods.into_iter().find(|known| self.request.method() == known).unwrap_or("OTHER");
        let known = self.path.map(|path| path.template.as_str());
        self.state.metrics.answered(method, known.unwrap_or("unknown"), status, took);
        let route = known.map_or_else(|| self.unknown_path(), Cow::Borrowed);
        let user = self.caller.as_ref().map(|caller| caller.user.as_str());
        let project = self.caller.as_ref().and_then(|caller| Some(caller.project.some()?.as_str()));
        let request_id = format_args!("req-{}", self.request_id);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(%request_id, method, route = &*route, status, micros, user, project, "answered");
    }
}

/// A handler was given up that had come so far.
fn too_late(stage: Stage) -> Problem {
    Problem::unavailable(match stage {
        Stage::Writing => "The database did not answer in time, so this may have been done or not; look before you repeat it.",
        Stage::Hashing => "Too many auth keys are waiting to be hashed. Nothing was changed.",
        Stage::Preparing | Stage::GivenUp => "The database did not answer in time. Nothing was changed.",
    })
}

/// HEAD is answered as GET; the framework leaves its body out.
fn method(request: &HttpRequest) -> &Method {
    if request.method() == Method::HEAD { &Method::GET } else { request.method() }
}

/// The path before the framework decodes anything in it.
fn path_as_sent(request: &HttpRequest) -> &str {
    request.uri().path()
}
