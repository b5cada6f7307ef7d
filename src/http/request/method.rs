//! The methods that the service knows: those of the route table. HEAD goes with GET, and OPTIONS is on every path.

pub use actix_web::http::Method;

/// Whether a request has a body that is read.
pub fn has_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}
