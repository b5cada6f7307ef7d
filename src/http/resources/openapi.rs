//! The document of the API, and the page to browse it. The document is printed from the table of routes when that is changed, and lies
//! here packed: a service makes none, and has nothing in it to make one with.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web::Bytes;
use parking_lot::Mutex;
use utoipa_swagger_ui::Config;

use crate::domain::Dialect;
use crate::http::answer::file::{ApiDocument, File};
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static OPENAPI: Subject = Subject { name: "openapi", what: "This document, and the page that shows it." };

operations! { OPENAPI;
    /// `GET /openapi.json`: for anybody.
    DOCUMENT: "This document", |call| ready(Ok(document(&call))) => 200 Object;

    /// With a slash at its end, so that what it refers to is below it.
    REDIRECT: "Where the page is", |_call| ready(Ok(Answer::empty(308).with_header("Location", "docs/"))) => 308 Nothing;

    /// The page itself.
    INDEX: "The page", |_call| ready(asset("index.html")) => 200 Other(&["text/html"]);

    /// A file that the page loads; 404 for any other.
    FILE: "A file of the page", |call| ready(asset(call.parameter("file")))
        => 200 Other(&["text/html", "text/css", "text/javascript", "image/png"]), refuses: &[Kind::NotFound];
}

/// The document of a server whose errors have one dialect, where a setting forces one.
pub fn of(dialect: Option<Dialect>) -> ApiDocument {
    ApiDocument::new(match dialect {
        None | Some(Dialect::Keystone) => include_bytes!("openapi/any.json.gz"),
        Some(Dialect::Evs) => include_bytes!("openapi/evs.json.gz"),
        Some(Dialect::Openstack) => include_bytes!("openapi/openstack.json.gz"),
    })
}

fn document(call: &Call) -> Answer {
    Answer::new(200, Body::Shared("application/json", call.document.at(&call.public_url).into()))
}

// A page to browse the document: Swagger UI, out of the binary. It asks nobody but this service.

/// Nothing but this service is asked, whatever a script would do. Swagger UI sets styles where it stands, and has its
/// pictures in itself.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/// What is ours of the page; the rest is Swagger UI's.
const OWN: [(&str, &str, &[u8]); 2] = [
    ("index.html", "text/html", include_bytes!("openapi/index.html")),
    ("swagger-initializer.js", "text/javascript", include_bytes!("openapi/swagger-initializer.js")),
];

fn asset(name: &str) -> Result<Answer> {
    let file = kept(name).ok_or_else(|| Problem::new(Kind::NotFound, "The page has no such file. Begin at /docs/."))?;
    // they change with the binary alone
    let answer = Answer::new(200, Body::File(file));
    Ok(answer.with_header("Content-Security-Policy", POLICY).with_header("Cache-Control", "max-age=3600"))
}

/// A file of the page, the same one for everybody who asks. What is none is not kept: callers choose the names.
fn kept(name: &str) -> Option<Arc<File>> {
    static FILES: Mutex<BTreeMap<String, Arc<File>>> = Mutex::new(BTreeMap::new());
    let mut files = FILES.lock();
    if let Some(file) = files.get(name) {
        return Some(Arc::clone(file));
    }
    let own = OWN.iter().find(|(own, ..)| *own == name);
    let file = if let Some((_, content_type, bytes)) = own {
        File::plain((*content_type).to_owned(), Bytes::from_static(bytes))
    } else {
        let found = utoipa_swagger_ui::serve(name, Arc::new(Config::from(""))).ok().flatten()?;
        let bytes = match found.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        if found.gzpipped { File::zipped(found.content_type, bytes) } else { File::plain(found.content_type, bytes) }
    };
    let file = Arc::new(file);
    files.insert(name.to_owned(), Arc::clone(&file));
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_answers_share_a_file() {
        for name in ["index.html", "swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
            let [one, other] = [kept(name).unwrap(), kept(name).unwrap()];
            assert!(Arc::ptr_eq(&one, &other), "{name}");
            assert!(!one.plain_bytes().is_empty(), "{name}");
        }
    }
}
