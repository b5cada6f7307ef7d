//! The answers of the document: of each operation its success, and the errors that the checks before it and it itself can
//! end in, a response for each status.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::header::Header;
use utoipa::openapi::{
    AllOfBuilder, ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
};

use super::schemas::{Place, Schemas, Way, holding};
use handover::domain::Dialect;
use handover::http::answer::errors::{EvsFault, KeystoneFault, OpenstackFault, OverLimitFault, UnauthorizedFault};
use handover::http::answer::problem::Kind;
use handover::http::operation::About;
use handover::http::request::api::Api;
use handover::http::request::body::Content;
use handover::http::request::payload::has_body;
use handover::http::request::version;
use handover::http::routes::Route;
use handover::http::transport::router::Path;

const JSON: &str = "application/json";

/// The headers that every answer has: the same id under the names by which clients of EVS and of OpenStack know it.
pub const REQUEST_IDS: [&str; 3] = ["X-Request-Id", "x-openstack-request-id", "x-compute-request-id"];

/// The headers of answers, as they are referred to.
pub fn headers() -> BTreeMap<String, RefOr<Header>> {
    let header = |name: &str, what: &str| {
        let header = HeaderBuilder::new().description(Some(what)).schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        (name.to_owned(), header.build().into())
    };
    let ids = REQUEST_IDS.map(|name| header(name, "The request's id, `req-<uuid>`. The service's log has it too."));
    let others = [
        header(version::HEADER, "The microversion of the answer."),
        header("Location", "Where it is, relative to this path."),
        header("Retry-After", "After how many seconds to come again."),
        header("WWW-Authenticate", "How to say who is calling."),
    ];
    ids.into_iter().chain(others).collect()
}

/// The success of an operation.
pub fn success(operation: &About, place: Place, schemas: &mut Schemas) -> Response {
    let description = if matches!(operation.answers, Content::Nothing) { "Done; the answer is empty." } else { "Done." };
    let mut response = with_headers(ResponseBuilder::new().description(description), &REQUEST_IDS);
    if place.api == Api::V3 {
        response = with_headers(response, &[version::HEADER]);
    }
    if operation.status == 308 {
        response = with_headers(response, &["Location"]);
    }
    if let Content::Other(types) = operation.answers {
        let content = |response: ResponseBuilder, of: &&str| response.content(*of, ContentBuilder::new().build());
        response = types.iter().fold(response, content);
    }
    if let Some(schema) = schemas.of(operation.answers, place, Way::Answered) {
        response = response.content(JSON, ContentBuilder::new().schema(Some(schema)).build());
    }
    response.build()
}

fn with_headers(response: ResponseBuilder, names: &[&str]) -> ResponseBuilder {
    let to = |name: &str| Ref::new(format!("#/components/headers/{name}"));
    names.iter().fold(response, |response, name| response.header_ref(*name, to(name)))
}

/// What an operation on a path can end in beside success.
pub fn kinds(path: &Path, route: &Route, operation: &About) -> Vec<Kind> {
    let (is_v2, is_v3, is_list) = (path.api == Api::V2, path.api == Api::V3, operation.listing().is_some());
    let has_query = is_list || !operation.query.is_empty();
    let checks: [(bool, &[Kind]); 11] = [
        (true, &[Kind::Internal, Kind::Unavailable]),
        (!route.on.is_for_anybody(), &[Kind::Unauthenticated, Kind::Forbidden]),
        (path.has_project(), &[Kind::ProjectNotTheCallers]),
        (path.has_project() && is_v2, &[Kind::ProjectMalformed]),
        // such a path is none
        (path.has_project() && is_v3, &[Kind::NotFound]),
        (is_v3, &[Kind::Url, Kind::Version]),
        (has_body(&route.method), &[Kind::MediaType, Kind::BodyTooLarge, Kind::Body]),
        (has_query || operation.is_idempotent, &[Kind::Url]),
        (operation.is_idempotent, &[Kind::ClientToken, Kind::KeyReused, Kind::Expired, Kind::InProgress]),
        (is_list, &[Kind::Limit, Kind::Offset, Kind::SortKey, Kind::SortDir]),
        (is_list, if is_v2 { &[Kind::LimitTooLarge, Kind::Marker] } else { &[Kind::NotFound] }),
    ];
    let holds = |kind: &Kind| checks.iter().any(|(holds, kinds)| *holds && kinds.contains(kind));
    Kind::ALL.iter().copied().filter(|kind| holds(kind) || operation.refuses.contains(kind)).collect()
}

/// The responses that were written down, by name: many operations end in the same errors.
#[derive(Default)]
pub struct Errors(pub BTreeMap<String, RefOr<Response>>);

impl Errors {
    /// A response for each status of these kinds.
    pub fn of(&mut self, kinds: &[Kind], dialect: Dialect, schemas: &mut Schemas) -> Vec<(String, Ref)> {
        let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
        for kind in kinds {
            by_status.entry(kind.row().status.as_u16()).or_default().push(*kind);
        }
        by_status
            .into_iter()
            .map(|(status, kinds)| (status.to_string(), self.of_status(status, &kinds, dialect, schemas)))
            .collect()
    }

    fn of_status(&mut self, status: u16, kinds: &[Kind], dialect: Dialect, schemas: &mut Schemas) -> Ref {
        let names: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
        let name = format!("{}-{status}-{}", dialect.as_str(), names.join("-"));
        if !self.0.contains_key(&name) {
            let response = ResponseBuilder::new().description(description(kinds, dialect));
            let retries = status == 503 || status == 429 || (status == 413 && dialect == Dialect::Openstack);
            let own: &[&str] = match status {
                401 => &["WWW-Authenticate"],
                _ if retries => &["Retry-After"],
                _ => &[],
            };
            let response = with_headers(with_headers(response, &REQUEST_IDS), own);
            let content = ContentBuilder::new().schema(Some(body(status, kinds, dialect, schemas)));
            self.0.insert(name.clone(), response.content(JSON, content.build()).build().into());
        }
        Ref::new(format!("#/components/responses/{name}"))
    }
}

fn description(kinds: &[Kind], dialect: Dialect) -> String {
    let line = |kind: &Kind| match dialect {
        Dialect::Evs => format!("- `{}`: {}", kind.row().evs_code, kind.row().when),
        Dialect::Openstack | Dialect::Keystone => format!("- {}", kind.row().when),
    };
    kinds.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The body of these kinds, which share a status, and with it their name in OpenStack's dialect.
fn body(status: u16, kinds: &[Kind], dialect: Dialect, schemas: &mut Schemas) -> RefOr<Schema> {
    let name = kinds[0].row().openstack;
    let (name, fault) = match (dialect, status) {
        (Dialect::Evs, _) => ("error", schemas.named::<EvsFault>()),
        (Dialect::Keystone, _) => ("error", schemas.named::<KeystoneFault>()),
        (_, 401) => (name, schemas.named::<UnauthorizedFault>()),
        (_, 413) => (name, schemas.named::<OverLimitFault>()),
        _ => (name, schemas.named::<OpenstackFault>()),
    };
    let code = match dialect {
        Dialect::Evs => {
            let codes: BTreeSet<&str> = kinds.iter().map(|kind| kind.row().evs_code).collect();
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes))
        }
        Dialect::Openstack | Dialect::Keystone => ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status])),
    };
    let fault = AllOfBuilder::new().item(fault).item(ObjectBuilder::new().property("code", code));
    holding([(name.to_owned(), fault.into())]).into()
}
