//! The document of the API, as it was handed in, and the page to browse it.

pub mod page;

use std::future::ready;

use crate::http::answer::success::Body;
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static OPENAPI: Subject = Subject { name: "openapi", what: "This document, and the page that shows it." };

/// `GET /openapi.json`: for anybody.
pub static DOCUMENT: Operation =
    Operation::new(&OPENAPI, "This document", |call, ()| Box::pin(ready(Ok(document(&call))))).answers(200, Object);

fn document(call: &Call) -> Answer {
    Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into()))
}
