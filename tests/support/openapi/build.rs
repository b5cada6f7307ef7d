//! The walk over the route table that makes the document.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::path::{Operation as Written, OperationBuilder, Parameter};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContentBuilder, HttpMethod, InfoBuilder, License, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required,
};

use super::parameters;
use super::responses::{self, Errors};
use super::schemas::{Place, Schemas, Way};
use handover::domain::Dialect;
use handover::http::operation::{About, Subject};
use handover::http::request::api::Api;
use handover::http::request::body::Content;
use handover::http::request::payload::Method;
use handover::http::routes::{ROUTES, Route};
use handover::http::transport::router::{Path, Router};

/// How a caller says who it is, as the document calls it.
const TOKEN: &str = "token";

const MICROVERSION: &str = "microversion";

const ABOUT: &str = "\
Passes block volumes from one project to another, compatible with the volume-transfer API of Huawei Cloud EVS (`/v2`) and of \
OpenStack Cinder (`/v3`).

On `/v3` the header `OpenStack-API-Version` chooses a microversion. A key that came with a later one says so; the answer \
before it does not have it. On `/v3` the project may be left out of the path: then it is the caller's own.";

/// The document, but for where the service is.
pub fn document(dialect: Option<Dialect>) -> OpenApi {
    let mut writing = Writing { dialect, schemas: Schemas::default(), errors: Errors::default(), parameters: BTreeMap::new() };
    let mut paths = Paths::new();
    for path in &Router::of_table().0 {
        for route in &path.routes {
            paths.add_path_operation(&path.template, vec![method(&route.method)], writing.operation(path, route));
        }
    }
    let mut subjects: Vec<&Subject> = Vec::new();
    for subject in ROUTES.iter().map(|route| route.operation.about().subject) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let tags = subjects.into_iter().map(|subject| TagBuilder::new().name(subject.name).description(Some(subject.what)).build());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let info = InfoBuilder::new().title("Handover").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT));
    OpenApiBuilder::new()
        .info(info.license(Some(license)))
        .paths(paths)
        .components(Some(writing.components()))
        .tags(Some(tags))
        .build()
}

/// What is referred to, as it is gathered on the way.
struct Writing {
    dialect: Option<Dialect>,
    schemas: Schemas,
    errors: Errors,
    parameters: BTreeMap<String, RefOr<Parameter>>,
}

impl Writing {
    fn operation(&mut self, path: &Path, route: &Route) -> Written {
        let operation = route.operation.about();
        let place = Place { api: path.api, resource: path.resource };
        let mut written = OperationBuilder::new()
            .tag(operation.subject.name)
            .summary(Some(operation.summary))
            .description((!operation.description.is_empty()).then_some(operation.description))
            .operation_id(Some(operation_id(path, route)))
            .request_body(self.request_body(route.operation.takes(), place));
        for name in path.parameters() {
            written = written.parameter_ref(self.parameter(name, || parameters::of_path(name)));
        }
        if path.api == Api::V3 {
            written = written.parameter_ref(self.parameter(MICROVERSION, parameters::microversion));
        }
        if operation.is_idempotent {
            for parameter in parameters::names() {
                written = written.parameter_ref(self.parameter(&parameter.name.clone(), || parameter));
            }
        }
        for parameter in parameters::of_query(operation, path.api) {
            written = written.parameter(parameter);
        }
        if !route.on.is_for_anybody() {
            written = written.security(SecurityRequirement::new(TOKEN, [""; 0]));
        }
        let success = responses::success(operation, place, &mut self.schemas);
        // an action that is taken shows nothing
        let taken = responses::success(&About { answers: Content::Nothing, ..*operation }, place, &mut self.schemas);
        let is_action = matches!(route.operation.takes(), Content::Action(_));
        for status in statuses(route) {
            let response = if is_action && status == 202 { &taken } else { &success };
            written = written.response(status.to_string(), response.clone());
        }
        let kinds = responses::kinds(path, route, operation);
        let dialect = self.dialect.filter(|_| path.api != Api::Identity).unwrap_or_else(|| path.api.dialect());
        let errors = self.errors.of(&kinds, dialect, &mut self.schemas);
        errors.into_iter().fold(written, |written, (status, error)| written.response(status, error)).build()
    }

    fn request_body(&mut self, takes: Content, place: Place) -> Option<RequestBody> {
        let schema = self.schemas.of(takes, place, Way::Asked)?;
        let content = ContentBuilder::new().schema(Some(schema)).build();
        Some(RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build())
    }

    fn parameter(&mut self, name: &str, written: impl FnOnce() -> Parameter) -> Ref {
        self.parameters.entry(name.to_owned()).or_insert_with(|| written().into());
        Ref::new(format!("#/components/parameters/{name}"))
    }

    fn components(self) -> Components {
        let mut components = Components::new();
        components.schemas = self.schemas.0;
        components.responses = self.errors.0;
        components.parameters = self.parameters;
        components.headers = responses::headers();
        let what = "`user:project`, which is believed: the user `admin` is an admin.";
        let token = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-Auth-Token", what)));
        components.add_security_scheme(TOKEN, token);
        components
    }
}

/// The statuses of a success: an action has its own.
fn statuses(route: &Route) -> BTreeSet<u16> {
    match route.operation.takes() {
        Content::Action(forms) => forms().iter().map(|form| form.status).collect(),
        _ => BTreeSet::from([route.operation.about().status]),
    }
}

/// Of the version, the operation, and what else tells apart the rows that share it.
fn operation_id(path: &Path, route: &Route) -> String {
    let is_shared = ROUTES.iter().any(|other| other.name == route.name && other.path != route.path);
    let first = route.path.split('/').nth(1).unwrap_or_default();
    let words = [
        path.api.prefix(),
        route.name,
        if is_shared { first } else { "" },
        if is_shared && route.path.ends_with('/') { "slash" } else { "" },
        if path.api == Api::V3 && !path.has_project() { "own_project" } else { "" },
    ];
    let text = words.join(" ").to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// OpenAPI calls it as HTTP does, in small letters.
fn method(method: &Method) -> HttpMethod {
    serde_json::from_value(method.as_str().to_lowercase().into()).expect("every method of the table is one of OpenAPI's")
}
