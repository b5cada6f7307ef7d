//! A page to browse the document: Swagger UI, out of the binary. It asks nobody but this service.

use std::sync::{Arc, LazyLock};

use utoipa_swagger_ui::Config;

use crate::http::{
    answer::{Answer, Body},
    call::Call,
    problem::{Kind, Problem},
};

/// What the page loads itself from, relative to where it is: a proxy may have put a prefix before it.
const DOCUMENT: &str = "../openapi.json";

/// Nothing but this service is asked, whatever a script would do. Swagger UI sets styles where it stands, and has its
/// pictures in itself.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::new([DOCUMENT]).use_base_layout();
    // else it would have its own validator on the network look at the document
    let config = config.validator_url("none").query_config_enabled(false);
    config.deep_linking(true).display_operation_id(false).doc_expansion("none").filter(true).persist_authorization(true).into()
});

/// With a slash at its end, so that what it refers to is below it.
pub async fn redirect(_: Call) -> Result<Answer, Problem> {
    Ok(Answer::empty(308).with_header("Location", "docs/"))
}

pub async fn index(_: Call) -> Result<Answer, Problem> {
    asset("index.html")
}

pub async fn file(call: Call) -> Result<Answer, Problem> {
    asset(call.parameter("file"))
}

fn asset(name: &str) -> Result<Answer, Problem> {
    let found = utoipa_swagger_ui::serve(name, CONFIG.clone()).ok().flatten();
    let file = found.ok_or_else(|| Problem::new(Kind::NotFound, "The page has no such file. Begin at /docs/."))?;
    let body = match (file.gzpipped, file.bytes) {
        (true, bytes) => Body::Gzip(file.content_type, bytes),
        (false, bytes) => Body::Text("text/javascript", String::from_utf8_lossy(&bytes).into_owned()),
    };
    // they change with the binary alone
    Ok(Answer::new(200, body).with_header("Content-Security-Policy", POLICY).with_header("Cache-Control", "max-age=3600"))
}
