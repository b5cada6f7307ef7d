//! The HTTP surface. In the order in which a request walks it: `server` takes it, `dispatch` runs the checks in the
//! contract's order, `router` finds its row in `routes`, a handler (`transfers`, …) extracts, calls the service and picks a
//! view, and `problem` with `errors` says no in the caller's dialect.

pub mod answer;
pub mod openapi;
pub mod request;
pub mod resources;
pub mod routes;
pub mod transport;
