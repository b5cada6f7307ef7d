//! Version documents: what clients read to find out where the API is and which microversions it has.

use crate::http::request::version::{MAX, MIN};
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static VERSIONS: Subject =
    Subject { name: "versions", what: "Where the versions of the API are, and which microversions they have." };

view! {
    /// What a version of the API is, and where.
    // Of the version `name`, which is below `path`; `from` and `to` are its microversions, empty where there are none.
    Version of(call: &Call, name: &'static str, standing: &'static str, from: String, to: String, path: &str) {
        id: &'static str = name,
        status: &'static str = standing,
        /// The newest microversion; empty where there are none.
        version: String = to,
        /// The oldest microversion; empty where there are none.
        min_version: String = from,
        updated: &'static str = UPDATED,
        links: Vec<VersionLink> = vec![
            VersionLink { rel: "describedby", kind: Some("text/html"), href: "https://docs.openstack.org/".to_owned() },
            VersionLink { rel: "self", kind: None, href: format!("{}{path}", call.public_url) },
        ],
        media_types as "media-types": [MediaType; 1] = [MediaType::of(&format!("volume+json;version={}", &name[1..2]))],
    };
}

#[derive(Serialize, ToSchema)]
struct VersionLink {
    rel: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kind: Option<&'static str>,
    href: String,
}

/// What a version's answers are written in.
#[derive(Serialize, ToSchema)]
pub struct MediaType {
    base: &'static str,
    #[serde(rename = "type")]
    kind: String,
}

impl MediaType {
    /// JSON, in OpenStack's `kind` of it.
    pub fn of(kind: &str) -> Self {
        Self { base: "application/json", kind: format!("application/vnd.openstack.{kind}") }
    }
}

operations! { VERSIONS;
    /// Both versions, with status 300, as Cinder has it; to a browser a page that says what this is.
    ALL: "List all versions", |call| ready(Ok(all(&call))) => 300 Rows("versions", part::<Version>()),
        description: "Who takes `text/html` before JSON, as browsers do, gets a page with status 200 instead.";

    /// The version of EVS's paths, alone in a list.
    V2: "Show the version v2", |call| ready(Ok(Answer::rows(&call, "versions", [v2(&call)])))
        => 200 Rows("versions", part::<Version>());

    /// The version of Cinder's paths, alone in a list.
    V3: "Show the version v3", |call| ready(Ok(Answer::rows(&call, "versions", [v3(&call)])))
        => 200 Rows("versions", part::<Version>());
}

fn all(call: &Call) -> Answer {
    let answer = if call.prefers("text/html", "application/json") {
        page(call)
    } else {
        Answer { status: 300, ..Answer::rows(call, "versions", [v2(call), v3(call)]) }
    };
    answer.with_header("Vary", "Accept")
}

fn page(call: &Call) -> Answer {
    let service = &call.service;
    let told = [
        ("{version}", env!("CARGO_PKG_VERSION")),
        ("{engine}", service.store.engine().as_str()),
        ("{callers}", service.identity.mode.callers()),
        ("{url}", &call.public_url),
    ];
    let page = told.iter().fold(include_str!("discovery.html").to_owned(), |page, (what, said)| page.replace(what, said));
    let answer = Answer::new(200, Body::Shared("text/html; charset=utf-8", vec![page.into()]));
    answer.with_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
}

fn v2(call: &Call) -> Version {
    Version::of(call, "v2.0", "DEPRECATED", String::new(), String::new(), "/v2/")
}

fn v3(call: &Call) -> Version {
    Version::of(call, "v3.0", "CURRENT", MIN.to_string(), MAX.to_string(), "/v3/")
}

/// When Cinder 29's API last changed: what its own document says.
const UPDATED: &str = "2023-08-31T00:00:00Z";
