//! The document of the API, and the page to browse it. The document is printed from the table of routes when that is changed, and lies
//! here packed: a service makes none, and has nothing in it to make one with.

pub mod page;

use crate::domain::Dialect;
use crate::http::answer::api_document::ApiDocument;
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static OPENAPI: Subject = Subject { name: "openapi", what: "This document, and the page that shows it." };

operations! { OPENAPI;
    /// `GET /openapi.json`: for anybody.
    DOCUMENT: "This document", |call| ready(Ok(document(&call))) => 200 Object;
}

/// The document of a server whose errors have one dialect, where a setting forces one.
pub fn of(dialect: Option<Dialect>) -> ApiDocument {
    ApiDocument::new(match dialect {
        None | Some(Dialect::Keystone) => include_bytes!("any.json.gz"),
        Some(Dialect::Evs) => include_bytes!("evs.json.gz"),
        Some(Dialect::Openstack) => include_bytes!("openstack.json.gz"),
    })
}

fn document(call: &Call) -> Answer {
    Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into()))
}
