//! The document of the API, as it was handed in, and the page to browse it.

pub mod page;

use crate::http::resources::prelude::*;

/// What the operations are about.
pub static OPENAPI: Subject = Subject { name: "openapi", what: "This document, and the page that shows it." };

operations! { OPENAPI;
    /// `GET /openapi.json`: for anybody.
    DOCUMENT: "This document", |call| ready(Ok(document(&call))) => 200 Object;
}

fn document(call: &Call) -> Answer {
    Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into()))
}
