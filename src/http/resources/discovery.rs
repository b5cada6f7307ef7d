//! Version documents: what clients read to find out where the API is and which microversions it has.

use std::future::ready;

use crate::http::request::version::{MAX, MIN};
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static VERSIONS: Subject =
    Subject { name: "versions", what: "Where the versions of the API are, and which microversions they have." };

/// What a version of the API is, and where.
#[derive(Serialize, ToSchema)]
#[schema(as = Version)]
pub struct Document {
    id: &'static str,
    status: &'static str,
    /// The newest microversion; empty where there are none.
    version: String,
    /// The oldest microversion; empty where there are none.
    min_version: String,
    updated: &'static str,
    links: Vec<TypedLink>,
    #[serde(rename = "media-types")]
    media_types: [MediaType; 1],
}

impl Versioned for Document {}

#[derive(Serialize, ToSchema)]
#[schema(as = VersionLink)]
struct TypedLink {
    rel: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kind: Option<&'static str>,
    href: String,
}

#[derive(Serialize, ToSchema)]
struct MediaType {
    base: &'static str,
    #[serde(rename = "type")]
    kind: String,
}

/// Both versions, with status 300, as Cinder has it.
pub static ALL: Operation = Operation::new(&VERSIONS, "List all versions", |call, ()| Box::pin(ready(Ok(all(&call)))))
    .answers(300, Rows("versions", part::<Document>()));

fn all(call: &Call) -> Answer {
    Answer { status: 300, ..Answer::rows(call, "versions", [&v2(call), &v3(call)]) }
}

/// The version of EVS's paths, alone in a list.
pub static V2: Operation = Operation::new(&VERSIONS, "Show the version v2", |call, ()| {
    Box::pin(ready(Ok(Answer::rows(&call, "versions", [&v2(&call)]))))
})
.answers(200, Rows("versions", part::<Document>()));

/// The version of Cinder's paths, alone in a list.
pub static V3: Operation = Operation::new(&VERSIONS, "Show the version v3", |call, ()| {
    Box::pin(ready(Ok(Answer::rows(&call, "versions", [&v3(&call)]))))
})
.answers(200, Rows("versions", part::<Document>()));

fn v2(call: &Call) -> Document {
    document(call, "v2.0", "DEPRECATED", "", "", "/v2/")
}

fn v3(call: &Call) -> Document {
    document(call, "v3.0", "CURRENT", &MAX.to_string(), &MIN.to_string(), "/v3/")
}

/// When Cinder 29's API last changed: what its own document says.
const UPDATED: &str = "2023-08-31T00:00:00Z";

fn document(call: &Call, id: &'static str, status: &'static str, version: &str, min_version: &str, path: &str) -> Document {
    let described = "https://docs.openstack.org/".to_owned();
    Document {
        id,
        status,
        version: version.to_owned(),
        min_version: min_version.to_owned(),
        updated: UPDATED,
        links: vec![
            TypedLink { rel: "describedby", kind: Some("text/html"), href: described },
            TypedLink { rel: "self", kind: None, href: format!("{}{path}", call.public_url) },
        ],
        media_types: [MediaType {
            base: "application/json",
            kind: format!("application/vnd.openstack.volume+json;version={}", &id[1..2]),
        }],
    }
}
