//! The identity's version document.

use std::future::ready;

use serde::Serialize;
use utoipa::ToSchema;

use super::IDENTITY;
use super::response::base;
use crate::http::resources::prelude::*;

/// A version of the identity's API, and where it is.
#[derive(Serialize, ToSchema)]
#[schema(as = IdentityVersion)]
pub struct Version {
    id: &'static str,
    status: &'static str,
    updated: &'static str,
    links: [SelfLink; 1],
    #[serde(rename = "media-types")]
    media_types: [Media; 1],
}

impl Versioned for Version {}

#[derive(Serialize, ToSchema)]
struct SelfLink {
    rel: &'static str,
    href: String,
}

#[derive(Serialize, ToSchema)]
struct Media {
    base: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

fn version(call: &Call) -> Version {
    Version {
        id: "v3.14",
        status: "stable",
        updated: "2020-04-07T00:00:00Z",
        links: [SelfLink { rel: "self", href: format!("{}/", base(call)) }],
        media_types: [Media { base: "application/json", kind: "application/vnd.openstack.identity-v3+json" }],
    }
}

/// All versions, with status 300, as Keystone has it.
pub static ALL: Operation =
    Operation::new(&IDENTITY, "List the identity's versions", |call, ()| Box::pin(ready(Ok(all(&call))))).answers(300, Object);

fn all(call: &Call) -> Answer {
    #[derive(Serialize)]
    struct All {
        versions: Values,
    }
    #[derive(Serialize)]
    struct Values {
        values: [Version; 1],
    }
    Answer::json(300, &All { versions: Values { values: [version(call)] } }).with_header("Location", format!("{}/", base(call)))
}

/// The one version.
pub static V3: Operation = Operation::new(&IDENTITY, "Show the identity's version v3", |call, ()| {
    Box::pin(ready(Ok(Answer::one(&call, 200, "version", &version(&call)))))
})
.answers(200, One("version", part::<Version>()));
