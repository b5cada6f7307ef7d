//! The HTTP surface, in floors; arrows go down only, and no two files know each other in a circle:
//!
//! - [`transport`]: from the socket to a row of the table and back, with the checks in their order
//! - [`routes`]: the one table
//! - [`resources`]: operations, each a handler with what it takes and answers
//! - [`operation`]: what an operation is
//! - [`request`], [`answer`]: reading and writing, which know no resource

pub mod answer;
pub mod operation;
pub mod request;
pub mod resources;
pub mod routes;
pub mod transport;
