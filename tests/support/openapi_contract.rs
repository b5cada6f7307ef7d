//! Whether an answer is one that the OpenAPI document speaks of: its status, its type, its headers, its body, and at each
//! microversion exactly its keys. Every answer that a test receives is held to it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use handover::domain::Dialect;
use handover::http::transport::router::{Router, split};
use jsonschema::{Registry, Validator};
use reqwest::header::HeaderMap;

use super::{Value, openapi};

/// What the document is called where its own parts refer to it.
const DOCUMENT: &str = "https://handover.invalid/openapi.json";

/// The document of servers with the same dialect, ready to be compared with.
pub struct OpenApiContract {
    pub document: Value,
    registry: Registry<'static>,
    router: Router,
    /// By where their schema stands.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// What was answered.
pub struct Answered<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub headers: &'a HeaderMap,
    /// `None` where it is no JSON.
    pub body: Option<&'a Value>,
}

impl OpenApiContract {
    /// With a server whose `--dialect` is this one.
    pub fn with(dialect: Option<Dialect>) -> &'static Self {
        static EACH: [LazyLock<OpenApiContract>; 3] = [
            LazyLock::new(|| OpenApiContract::new(None)),
            LazyLock::new(|| OpenApiContract::new(Some(Dialect::Evs))),
            LazyLock::new(|| OpenApiContract::new(Some(Dialect::Openstack))),
        ];
        let [auto, evs, openstack] = &EACH;
        match dialect {
            None => auto,
            Some(Dialect::Evs) => evs,
            Some(Dialect::Openstack) => openstack,
            Some(Dialect::Keystone) => unreachable!("no setting forces it"),
        }
    }

    fn new(dialect: Option<Dialect>) -> Self {
        let document = openapi::document(dialect, "http://127.0.0.1");
        let registry = Registry::new().add(DOCUMENT, document.clone()).unwrap().prepare().unwrap();
        Self { document, registry, router: Router::of_table(), validators: Mutex::default() }
    }

    /// Where the document speaks of what is asked for; `None` where no row of the table is asked for.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let path = path.split(['?', '#']).next()?;
        let segments: Vec<String> = split(path).into_iter().collect::<Option<_>>()?;
        let (path, _) = self.router.find(&segments)?;
        let method = if method == "HEAD" { "GET" } else { method };
        let route = path.routes.iter().find(|route| route.method.as_str() == method)?;
        Some(format!("/paths/{}/{}", escaped(&path.template), route.method.as_str().to_lowercase()))
    }

    /// # Errors
    /// How the answer is another than the document says.
    pub fn check(&'static self, answered: &Answered) -> Result<(), String> {
        let Some(operation) = self.operation(answered.method, answered.path) else { return Ok(()) };
        let mut at = format!("{operation}/responses/{}", answered.status);
        let mut response = self.document.pointer(&at).ok_or("the document has no such status")?;
        if let Some(to) = response.get("$ref") {
            at = to.as_str().unwrap().trim_start_matches('#').to_owned();
            response = self.document.pointer(&at).unwrap();
        }
        for (name, _) in response["headers"].as_object().into_iter().flatten() {
            if !answered.headers.contains_key(name) {
                return Err(format!("the header {name} is missing"));
            }
        }
        if answered.method == "HEAD" {
            return Ok(());
        }
        let content = response["content"].as_object();
        let given = answered.headers.get("content-type").map(|kind| kind.to_str().unwrap());
        let (Some(content), Some(given)) = (content, given) else {
            // of an action's answers of one status some have a body
            let is_empty_action = given.is_none() && answered.path.ends_with("/action");
            return if !is_empty_action && (content.is_some() || given.is_some()) {
                Err(format!("its type is {given:?}"))
            } else {
                Ok(())
            };
        };
        let schema = &content.get(given).ok_or_else(|| format!("its type is {given}"))?["schema"];
        let Some(body) = answered.body.filter(|_| !schema.is_null()) else { return Ok(()) };
        self.fits(&format!("{at}/content/{}/schema", escaped(given)), body, true)?;
        self.keys(schema, body, minor(answered.headers), true)
    }

    /// # Errors
    /// How a body that was taken is another than the document says.
    pub fn check_sent(&'static self, answered: &Answered, body: &Value) -> Result<(), String> {
        let Some(operation) = self.operation(answered.method, answered.path) else { return Ok(()) };
        let at = format!("{operation}/requestBody/content/application~1json/schema");
        let Some(schema) = self.document.pointer(&at) else { return Ok(()) };
        // formats are of answers: a UUID may be sent in other forms
        self.fits(&at, body, false)?;
        self.keys(schema, body, minor(answered.headers), false)
    }

    fn fits(&'static self, at: &str, body: &Value, with_formats: bool) -> Result<(), String> {
        let validator = self.validators.lock().unwrap().get(at).cloned();
        let validator = validator.unwrap_or_else(|| {
            let schema = serde_json::json!({"$ref": format!("{DOCUMENT}#{}", at.replace('{', "%7B").replace('}', "%7D"))});
            let options = jsonschema::options().with_registry(&self.registry).should_validate_formats(with_formats);
            let validator = Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{at}: {error}")));
            self.validators.lock().unwrap().insert(at.to_owned(), validator.clone());
            validator
        });
        let wrong: Vec<String> =
            validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    /// Whether a body has the keys of this microversion: in an answer all of them, but for those that admins alone see
    /// or that not every record has.
    fn keys(&self, schema: &Value, body: &Value, minor: Option<u16>, is_answer: bool) -> Result<(), String> {
        if let Some(to) = schema["$ref"].as_str() {
            return self.keys(self.document.pointer(to.trim_start_matches('#')).unwrap(), body, minor, is_answer);
        }
        for (name, mark) in schema["x-keys"].as_object().into_iter().flatten() {
            let since = mark["since"].as_str().map_or(0, |since| since[2..].parse().unwrap());
            let is_known = mark["since"].is_null() || minor.is_some_and(|minor| minor >= since);
            let must_be = is_answer && is_known && mark["for_admins"] != true && mark["at_times"] != true;
            // in such a body a null is as good as absent
            let null_is_none = schema["additionalProperties"]["type"] == "null";
            let is_there = body.get(name).is_some_and(|value| !(null_is_none && value.is_null()));
            if (is_there && !is_known) || (!is_there && must_be) {
                return Err(format!("at {minor:?} the key {name} is{} there", if is_there { "" } else { " not" }));
            }
        }
        for row in body.as_array().into_iter().flatten() {
            self.keys(&schema["items"], row, minor, is_answer)?;
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = body.get(name) {
                self.keys(property, value, minor, is_answer)?;
            }
        }
        Ok(())
    }
}

/// As a part of a JSON pointer.
fn escaped(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// The microversion of an answer.
fn minor(headers: &HeaderMap) -> Option<u16> {
    headers.get("openstack-api-version")?.to_str().unwrap().strip_prefix("volume 3.")?.parse().ok()
}
