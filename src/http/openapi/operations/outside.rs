//! What anybody may ask for: version documents, health and metrics, this document and its page.

use crate::http::{
    answer::{measured::Measured, problem::Kind, shape::part},
    openapi::operation::{
        Content::{Nothing, Object, Other, Rows, Whole},
        Operation, Subject,
    },
    resources::{discovery::Document, operating::Health},
};

/// Rows of version documents.
pub const VERSIONS: Subject = Subject {
    name: "versions",
    what: "Where the versions of the API are, and which microversions they have.",
    operations: &[
        Operation::new("discovery::all", "List all versions").answers(300, Rows("versions", part::<Document>())),
        Operation::new("discovery::v2", "Show the version v2").answers(200, Rows("versions", part::<Document>())),
        Operation::new("discovery::v3", "Show the version v3").answers(200, Rows("versions", part::<Document>())),
    ],
};

/// Rows of health and metrics.
pub const OPERATING: Subject = Subject {
    name: "operating",
    what: "For those who run the service.",
    operations: &[
        Operation::new("operating::live", "Whether the process answers").answers(200, Whole(part::<Health>())),
        Operation::new("operating::ready", "Whether the database answers too").answers(200, Whole(part::<Health>())),
        Operation::new("operating::metrics", "Metrics for Prometheus").answers(200, Other(&[Measured::CONTENT_TYPE])),
    ],
};

/// Rows of the document and its page.
pub const OPENAPI: Subject = Subject {
    name: "openapi",
    what: "This document, and the page that shows it.",
    operations: &[
        Operation::new("openapi::document", "This document").answers(200, Object),
        Operation::new("openapi::page::redirect", "Where the page is").answers(308, Nothing),
        Operation::new("openapi::page::index", "The page").answers(200, Other(&["text/html"])),
        Operation::new("openapi::page::file", "A file of the page")
            .answers(200, Other(&["text/html", "text/css", "text/javascript", "image/png"]))
            .refuses(&[Kind::NotFound]),
    ],
};
